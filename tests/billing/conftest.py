"""What several modules of tests about money use."""

import pytest
from wagtail.models import Site

from billing.operations import delivery, peppol, peppol_news
from billing.viewsets import dispatches
from tests.fakes.peppol import FakeAccessPoint


@pytest.fixture
def point(site: Site, monkeypatch: pytest.MonkeyPatch) -> FakeAccessPoint:
    """An access point in memory, in place of the one of the settings."""
    fake = FakeAccessPoint()
    for module in (delivery, peppol, peppol_news, dispatches):
        monkeypatch.setattr(module, "access_point", lambda: fake)
    return fake
