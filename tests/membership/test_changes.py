from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from billing.models import Invoice
from billing.operations.invoices import credit_invoice
from membership.models import Charge, Membership, Price, Tier
from membership.money import PriceKey
from membership.operations.changes import (
    Engaged,
    QuoteChanged,
    announce_tier,
    resign_membership,
    upgrade_membership,
    withdraw_resignation,
)
from membership.operations.prices import set_prices
from membership.operations.renewing import RenewalPaid
from membership.queries import AlreadyResigned, NotHigher, PriceMissing, upgrade_quote
from tests.desk import words_of
from tests.factories.billing import fill_in_issuer
from tests.membership.life import FIRST, groups, live, mails, member, morning, pay_all

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _issuer() -> None:
    fill_in_issuer()


def test_an_upgrade_costs_what_the_quote_says_and_counts_at_once() -> None:
    membership = member()
    day = date(2027, 9, 1)  # 182 of the 366 days of this term are left
    cultivate, at = Tier.objects.get(slug="cultivate"), morning(date(2027, 9, 1))
    quote = upgrade_quote(membership=membership, tier=cultivate, at=at)
    term = (date(2028, 2, 29) - FIRST).days + 1
    left = (date(2028, 2, 29) - day).days + 1
    assert quote.amount == (Decimal(2000) * left / term).quantize(Decimal("0.01"))
    with pytest.raises(QuoteChanged):
        upgrade_membership(
            membership=membership, tier=cultivate, quoted=quote.amount - Decimal("0.01"), at=at, by=None
        )
    upgrade_membership(membership=membership, tier=cultivate, quoted=quote.amount, at=at, by=None)
    assert groups() == {"inform", "connect", "cultivate"}
    invoice = Invoice.objects.latest("pk")
    assert (invoice.net, invoice.due_on) == (quote.amount, day + timedelta(days=30))
    with pytest.raises(NotHigher):
        upgrade_quote(membership=Membership.objects.get(), tier=Tier.objects.get(slug="connect"), at=at)
    live(day, day + timedelta(days=31), step=31)
    assert Membership.objects.get().status == "past_due"
    pay_all(day + timedelta(days=35))
    assert Membership.objects.get().status == "active"
    live(date(2028, 1, 30), date(2028, 1, 30))
    assert Invoice.objects.latest("pk").net == Decimal(3000)


def test_an_upgrade_renews_at_the_new_tier_also_when_the_old_one_was_invoiced_already() -> None:
    membership = member()
    live(date(2028, 1, 30), date(2028, 1, 30))
    at, tier = morning(date(2028, 2, 15)), Tier.objects.get(slug="cultivate")
    quote = upgrade_quote(membership=membership, tier=tier, at=at)
    upgrade_membership(membership=membership, tier=tier, quoted=quote.amount, at=at, by=None)
    assert [charge.yearly_fee for charge in Charge.objects.filter(purpose="renewal", voided_at=None)] == [
        3000
    ]
    assert Invoice.objects.filter(status="credited").count() == 1


def test_a_lower_tier_is_announced_for_the_next_term_and_reissues_what_was_invoiced() -> None:
    membership = member(tier="cultivate")
    inform = Tier.objects.get(slug="inform")
    live(date(2028, 1, 30), date(2028, 1, 30))
    announce_tier(membership=membership, tier=inform, at=morning(date(2028, 2, 1)), by=None)
    assert groups() == {"inform", "connect", "cultivate"}
    assert pay_all(date(2028, 2, 2)) == [Decimal("163.35")]
    with pytest.raises(RenewalPaid):
        announce_tier(
            membership=membership,
            tier=Tier.objects.get(slug="connect"),
            at=morning(date(2028, 2, 3)),
            by=None,
        )
    live(date(2028, 3, 1), date(2028, 3, 1))
    membership.refresh_from_db()
    assert (membership.tier, membership.next_tier, groups()) == (inform, None, {"inform"})


def test_the_steering_group_is_a_matter_of_four_years() -> None:
    membership = member(tier="stuurgroep")
    assert membership.engaged_until == date(2031, 2, 28)
    connect = Tier.objects.get(slug="connect")
    with pytest.raises(Engaged):
        announce_tier(membership=membership, tier=connect, at=morning(FIRST), by=None)
    resign_membership(membership=membership, because="budget", at=morning(date(2028, 6, 1)), by=None)
    for year in (2028, 2029, 2030):
        live(date(year, 1, 30), date(year, 1, 30))
        assert pay_all(date(year, 2, 1)) == [Decimal("18150.00")], year
        live(date(year, 3, 1), date(year, 3, 1))
        assert Membership.objects.get().status == "active"
    live(date(2031, 1, 1), date(2031, 2, 28))
    assert Membership.objects.get().status == "active"
    live(date(2031, 3, 1), date(2031, 3, 1))
    membership.refresh_from_db()
    assert (membership.status, membership.ends_on) == ("resigned", date(2031, 2, 28))
    assert Invoice.objects.count() == 4


def test_resigning_ends_with_the_term_and_can_be_withdrawn() -> None:
    membership = member()
    live(date(2028, 1, 30), date(2028, 1, 30))
    at = morning(date(2028, 2, 1))
    resign_membership(membership=membership, because="little_use", note="Te weinig tijd.", at=at, by=None)
    renewal = Charge.objects.get(purpose="renewal")
    assert renewal.invoice
    assert renewal.invoice.status == "credited"
    with pytest.raises(AlreadyResigned):
        resign_membership(membership=membership, because="budget", at=at, by=None)
    withdraw_resignation(membership=membership, at=at, by=None)
    live(date(2028, 2, 2), date(2028, 2, 2))
    assert Charge.objects.filter(purpose="renewal", voided_at=None).count() == 1
    resign_membership(membership=membership, because="budget", at=at, by=None)
    live(date(2028, 2, 10), date(2028, 2, 29))
    assert groups() == {"inform", "connect"}
    live(date(2028, 3, 1), date(2028, 3, 1))
    membership.refresh_from_db()
    assert (membership.status, membership.ends_on, groups()) == ("resigned", date(2028, 2, 29), set())
    assert len(mails("ended")) == 1


def test_a_new_price_counts_from_the_next_renewal_on_and_changes_nothing_before() -> None:
    membership = member()
    tier = Tier.objects.get(slug="connect")
    fees = {
        PriceKey(price.tier_id, price.size_band_id, price.kind): Decimal(1111)
        for price in tier.prices.filter(size_band__employees_from=10)
    }
    set_prices(fees=fees, valid_from=date(2028, 1, 1), by=None, at=morning(date(2027, 6, 1)))
    at, cultivate = morning(date(2028, 2, 1)), Tier.objects.get(slug="cultivate")
    before = upgrade_quote(membership=membership, tier=cultivate, at=at).amount
    assert before == (Decimal(2000) * 29 / 366).quantize(Decimal("0.01"))
    live(date(2028, 1, 30), date(2028, 1, 30))
    assert Invoice.objects.latest("pk").net == Decimal(1111)


def test_an_upgrade_after_the_renewal_was_paid_counts_in_the_next_term_too() -> None:
    membership = member()
    live(date(2028, 1, 30), date(2028, 1, 30))
    pay_all(date(2028, 2, 5))
    at, tier = morning(date(2028, 2, 10)), Tier.objects.get(slug="cultivate")
    quote = upgrade_quote(membership=membership, tier=tier, at=at)
    upgrade_membership(membership=membership, tier=tier, quoted=quote.amount, at=at, by=None)
    assert pay_all(date(2028, 2, 11)) == [
        (quote.amount * Decimal("1.21")).quantize(Decimal("0.01")),
        Decimal("2420.00"),
    ]
    live(date(2028, 3, 1), date(2028, 3, 1))
    membership.refresh_from_db()
    assert (membership.tier, groups()) == (tier, {"inform", "connect", "cultivate"})
    stuurgroep = Tier.objects.get(slug="stuurgroep")
    later = upgrade_quote(membership=membership, tier=stuurgroep, at=morning(date(2028, 3, 1)))
    assert later.amount == Decimal(12000)


def test_a_paid_renewal_that_is_credited_lets_a_member_resign() -> None:
    membership = member()
    live(date(2028, 1, 30), date(2028, 1, 30))
    pay_all(date(2028, 2, 5))
    at = morning(date(2028, 2, 6))
    with pytest.raises(RenewalPaid):
        resign_membership(membership=membership, because="budget", at=at, by=None)
    renewal = Charge.objects.get(purpose="renewal")
    assert renewal.invoice
    credit_invoice(invoice=renewal.invoice, reason="Stopt.", at=at, by=None)
    resign_membership(membership=membership, because="budget", at=at, by=None)
    live(date(2028, 2, 7), date(2028, 3, 1), step=30)
    membership.refresh_from_db()
    assert (membership.status, membership.ends_on) == ("resigned", date(2028, 2, 29))


def test_what_was_used_stays_owed_when_a_member_resigns() -> None:
    membership = member()
    at, tier = morning(date(2028, 2, 10)), Tier.objects.get(slug="cultivate")
    quote = upgrade_quote(membership=membership, tier=tier, at=at)
    upgrade_membership(membership=membership, tier=tier, quoted=quote.amount, at=at, by=None)
    announce_tier(membership=membership, tier=Tier.objects.get(slug="inform"), at=at, by=None)
    resign_membership(membership=membership, because="budget", at=at, by=None)
    withdraw_resignation(membership=membership, at=at, by=None)
    membership.refresh_from_db()
    assert membership.next_tier
    assert membership.next_tier.slug == "inform"
    resign_membership(membership=membership, because="budget", at=at, by=None)
    live(date(2028, 3, 1), date(2028, 3, 1))
    assert Membership.objects.get().status == "resigned"
    assert pay_all(date(2028, 3, 2)) == [(quote.amount * Decimal("1.21")).quantize(Decimal("0.01"))]


def test_who_moves_up_is_never_paid_for_it_and_hears_when_there_is_nothing_to_pay(client: Client) -> None:
    membership = member(timezone.localdate())
    client.force_login(User.objects.get(email="noor@lantaarnwerk.example"))
    address = reverse("membership:own_upgrade", args=[membership.pk])
    prices = Price.objects.filter(tier__slug="cultivate")
    prices.update(yearly_fee=400)  # connect was bought at 1000
    with pytest.raises(PriceMissing):
        upgrade_quote(
            membership=membership, tier=Tier.objects.get(slug="cultivate"), at=morning(timezone.localdate())
        )
    offered = client.get(address).context["form"].fields["choice"].choices
    assert [value.partition(":")[0] for value, _words in offered] == ["stuurgroep"]
    Price.objects.filter(tier__slug="stuurgroep").update(yearly_fee=1)
    assert "neem contact met ons op" in words_of(client.get(address, follow=True))
    answer = client.post(address, {"choice": "cultivate:-600.00"}, follow=True)
    assert (answer.status_code, Invoice.objects.count()) == (200, 1)
    prices.update(yearly_fee=1000)
    answer = client.post(address, {"choice": "cultivate:0.00"}, follow=True)
    assert "Tot het einde van de termijn hoeft u er niets voor te betalen." in words_of(answer)
    membership.refresh_from_db()
    assert (membership.tier.slug, Invoice.objects.count()) == ("cultivate", 1)
