"""What several modules of tests about money use."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.dispatch import Signal
from django.utils import timezone
from pytest_django import Settings
from wagtail.models import Site

from billing.models import Invoice
from billing.operations import delivery, peppol, peppol_news
from billing.signals import invoice_paid, invoice_reopened
from billing.viewsets import dispatches
from tests.factories.billing import issue
from tests.fakes.peppol import FakeAccessPoint
from tests.fakes.stripe_api import KEY, SECRET, StripeServer, stripe_server


@pytest.fixture
def point(site: Site, monkeypatch: pytest.MonkeyPatch) -> FakeAccessPoint:
    """An access point in memory, in place of the one of the settings."""
    fake = FakeAccessPoint()
    for module in (delivery, peppol, peppol_news, dispatches):
        monkeypatch.setattr(module, "access_point", lambda: fake)
    return fake


@pytest.fixture
def stripe(settings: Settings) -> Iterator[StripeServer]:
    """A Stripe on the loopback, with its keys in the settings."""
    with stripe_server() as server:
        settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRET = KEY, SECRET
        settings.STRIPE_API_BASE = server.url
        yield server


@pytest.fixture
def invoice(db: None) -> Invoice:
    """An invoice of today."""
    return issue(at=timezone.now())


@pytest.fixture
def heard() -> Iterator[list[str]]:
    """What billing tells the apps above, by name."""
    said: list[str] = []
    signals: dict[str, Signal] = {"paid": invoice_paid, "reopened": invoice_reopened}
    listeners = {}
    for name, signal in signals.items():

        def listen(sender: type, name: str = name, **words: Any) -> None:
            said.append(name)

        listeners[name] = listen
        signal.connect(listen)
    yield said
    for name, signal in signals.items():
        signal.disconnect(listeners[name])
