"""What a member does by the forms comes to the same sums, and to the same member, by whichever way."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from billing.models import Customer, Invoice
from home.models import HomePage
from membership.models import Membership, Organisation
from tests.factories.billing import fill_in_issuer
from tests.membership.life import FIRST, groups, live, member, morning
from tests.membership.people_do import log_in, post_own, send_join_form, transfer, treasurer, upgrade

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _site(home: HomePage) -> None:
    """Pages need a site, invoices an issuer."""
    fill_in_issuer()


@pytest.mark.parametrize("on", [FIRST, date(2027, 7, 23), date(2028, 2, 29)])
def test_two_upgrades_on_one_day_are_invoiced_to_the_cent_as_one(
    on: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    ways = {
        member(number="0999101384"): ("cultivate", "stuurgroep"),
        member(number="0999888767"): ("stuurgroep",),
    }
    monkeypatch.setattr(timezone, "now", lambda: morning(on))
    browser, invoiced = log_in(), []
    for membership, tiers in ways.items():
        quoted = sum((upgrade(browser, membership, tier) for tier in tiers), Decimal(0))
        invoices = Invoice.objects.filter(reference=f"membership:{membership.pk}").order_by("pk")[1:]
        assert len(invoices) == len(tiers)
        assert sum((each.net for each in invoices), Decimal(0)) == quoted
        membership.refresh_from_db()
        assert membership.tier.slug == "stuurgroep"
        invoiced.append(quoted)
    assert invoiced[0] == invoiced[1] > 0


def test_who_resigned_joins_again_as_the_same_member_and_a_stranger_is_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    membership = member()
    monkeypatch.setattr(timezone, "now", lambda: morning(date(2027, 9, 1)))
    assert post_own(log_in(), "resign", membership.pk, because="budget").status_code == 302
    ends_on = membership.ends_on
    assert ends_on
    live(ends_on - timedelta(days=30), ends_on + timedelta(days=1), step=31)
    membership.refresh_from_db()
    assert (membership.status, membership.ends_on, groups()) == ("resigned", ends_on, set())
    assert Invoice.objects.count() == 1

    again = ends_on + timedelta(days=100)
    monkeypatch.setattr(timezone, "now", lambda: morning(again))
    send_join_form(Client(), tier="connect", payment="transfer", email="wie@elders.example")
    stranger = Membership.objects.latest("pk")
    assert (stranger.status, stranger.organisation) == ("applied", membership.organisation)
    closed = treasurer().post(f"/admin/memberships/close/{stranger.pk}/", {"reason": "Vreemd."})
    assert closed.status_code == 302
    send_join_form(log_in(), tier="connect", payment="transfer")
    joined = Membership.objects.latest("pk")
    assert (joined.status, joined.organisation) == ("awaiting_payment", membership.organisation)
    transfer(Invoice.objects.latest("pk"), again)
    joined.refresh_from_db()
    assert (joined.status, joined.starts_on, joined.resigned_at) == ("active", again, None)
    assert groups() == {"inform", "connect"}
    assert (Organisation.objects.count(), Customer.objects.count()) == (1, 1)
