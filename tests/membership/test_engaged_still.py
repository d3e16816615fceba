"""Four years in the steering group: lapsing and joining again at a lower tier is no way round them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from billing.models import Invoice
from home.models import HomePage
from membership.models import Membership, Organisation, Tier
from tests.factories.billing import fill_in_issuer
from tests.membership.life import mails
from tests.membership.rejoining import applied, contact_of, fill_in, lapsed, passed_on
from tests.membership.test_joining import pay
from tests.membership.test_viewsets import staff

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _site(home: HomePage) -> None:
    """Pages need a site, invoices an issuer."""
    fill_in_issuer()


def lapsed_from(tier: str, *, days: int) -> Organisation:
    """Who lapsed, engaged for some days more."""
    organisation = lapsed()
    until = timezone.localdate() + timedelta(days=days)
    organisation.memberships.update(tier=Tier.objects.get(slug=tier), engaged_until=until)
    return organisation


@pytest.mark.parametrize(
    ("tier", "days", "waits"),
    [("inform", 0, True), ("cultivate", 700, True), ("stuurgroep", 700, False), ("inform", -1, False)],
    ids=["last day", "a tier lower", "the same tier", "over"],
)
def test_a_lower_tier_within_the_engagement_is_for_staff(tier: str, days: int, waits: bool) -> None:
    organisation = lapsed_from("stuurgroep", days=days)
    assert passed_on(fill_in(contact_of(organisation), tier=tier)) is waits
    assert Invoice.objects.exists() is not waits


def test_staff_read_of_it_and_may_approve_it() -> None:
    organisation = lapsed_from("stuurgroep", days=700)
    fill_in(contact_of(organisation), tier="inform")
    waiting = applied(organisation)
    (asked,) = mails("approval_wanted")
    assert "verbonden tot de formule Stuurgroep, met een lidmaatschap dat intussen" in asked.text
    treasurer = staff("finance")
    page = treasurer.get(f"/admin/memberships/inspect/{waiting.pk}/").content.decode()
    assert "verbonden tot de formule Stuurgroep, met een lidmaatschap dat intussen" in page
    before = Membership.objects.get(status="lapsed")
    assert f'href="/admin/memberships/inspect/{before.pk}/"' in page
    treasurer.post(f"/admin/memberships/approve/{waiting.pk}/")
    pay(Invoice.objects.get())
    waiting.refresh_from_db()
    assert (waiting.status, waiting.engaged_until) == ("active", None)
    page = treasurer.get(f"/admin/memberships/inspect/{waiting.pk}/").content.decode()
    assert "verbonden tot de formule" not in page
