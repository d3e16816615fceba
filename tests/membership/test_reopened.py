"""Money of a membership that goes back: the ladder, access until grace ends, and recovery."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from billing.models import Invoice
from billing.operations.stripe_events import apply_event, keep_event
from membership.models import Membership
from tests.billing.paying import pay_online
from tests.factories.billing import fill_in_issuer
from tests.fakes.stripe_api import KEY, SECRET, StripeServer, stripe_server
from tests.membership.life import groups, join, live, mails, pay_invoice

pytestmark = pytest.mark.django_db


@pytest.fixture
def stripe(settings: Settings) -> Iterator[StripeServer]:
    fill_in_issuer()
    with stripe_server() as server:
        settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRET = KEY, SECRET
        settings.STRIPE_API_BASE = server.url
        yield server


@pytest.fixture
def membership(stripe: StripeServer) -> Membership:
    """Joined today, paid online."""
    membership = join(timezone.localdate())
    pay_online(stripe, Invoice.objects.get())
    membership.refresh_from_db()
    assert membership.status == "active"
    return membership


def hear(events: list[dict[str, Any]], days: int) -> None:
    """Hear of Stripe so many days from now."""
    at = timezone.now() + timedelta(days=days)
    for event in events:
        if kept := keep_event(event=event | {"created": int(at.timestamp())}, at=at):
            apply_event(event=kept, at=at)


def session() -> str:
    return Invoice.objects.get().checkout_attempts.get().session_id or ""


def test_a_chargeback_after_the_day_to_pay_puts_a_member_on_the_ladder(
    stripe: StripeServer, membership: Membership
) -> None:
    hear(stripe.account.dispute(session()), days=45)
    membership.refresh_from_db()
    today = timezone.localdate() + timedelta(days=45)
    assert (membership.status, membership.lapses_on) == ("past_due", today + timedelta(days=60))
    assert "connect" in groups()
    assert len(mails("past_due")) == 1
    live(today + timedelta(days=1), today + timedelta(days=59), step=29)
    membership.refresh_from_db()
    assert (membership.status, "connect" in groups()) == ("grace", True)
    live(today + timedelta(days=60), today + timedelta(days=61))
    membership.refresh_from_db()
    assert (membership.status, groups()) == ("lapsed", set())


def test_a_chargeback_before_the_day_to_pay_waits_for_that_day(
    stripe: StripeServer, membership: Membership
) -> None:
    hear(stripe.account.dispute(session()), days=2)
    membership.refresh_from_db()
    assert (membership.status, Invoice.objects.get().status) == ("active", "issued")
    today = timezone.localdate()
    live(today + timedelta(days=31), today + timedelta(days=31))
    membership.refresh_from_db()
    assert membership.status == "past_due"


def test_a_dispute_that_is_won_or_paid_again_makes_the_member_active(
    stripe: StripeServer, membership: Membership
) -> None:
    hear(stripe.account.dispute(session()), days=45)
    hear(stripe.account.dispute(session(), status="won"), days=60)
    membership.refresh_from_db()
    assert (membership.status, membership.lapses_on) == ("active", None)


def test_who_pays_again_after_a_chargeback_is_active(stripe: StripeServer, membership: Membership) -> None:
    hear(stripe.account.dispute(session()), days=45)
    pay_invoice(Invoice.objects.get(), timezone.localdate() + timedelta(days=50))
    membership.refresh_from_db()
    assert (membership.status, Invoice.objects.get().status) == ("active", "paid")
