from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.models import User
from billing.models import Customer, Invoice
from cms.models import OutgoingMail
from membership.models import Charge, Membership, Notice, Tier
from membership.operations.changes import (
    AlreadyResigned,
    Engaged,
    NotHigher,
    QuoteChanged,
    RenewalPaid,
    announce_tier,
    quote_upgrade,
    resign_membership,
    upgrade_membership,
    withdraw_resignation,
)
from membership.operations.ending import extend_grace
from membership.operations.prices import PriceKey, set_prices
from membership.rules import last_day_of_term
from tests.factories.billing import fill_in_issuer
from tests.membership.life import join, live, morning, pay_all

pytestmark = pytest.mark.django_db
FIRST = date(2027, 3, 1)


@pytest.fixture(autouse=True)
def _issuer() -> None:
    fill_in_issuer()


def member(on: date = FIRST, **words: object) -> Membership:
    """Join and pay on the same day."""
    membership = join(on, **words)  # type: ignore[arg-type]
    pay_all(on)
    membership.refresh_from_db()
    assert membership.status == "active"
    return membership


def groups() -> set[str]:
    names = User.objects.get(email="noor@lantaarnwerk.example").groups.values_list("name", flat=True)
    return {name.removeprefix("tier-") for name in names}


def mails(name: str) -> list[OutgoingMail]:
    return list(OutgoingMail.objects.filter(template=f"membership/{name}").order_by("queued_at", "pk"))


def test_four_renewals_each_announced_three_times_and_invoiced_once() -> None:
    membership, announced = member(), list[OutgoingMail]()
    for year in range(1, 5):
        ends_on = date(2027 + year, 2, 29 if year == 1 else 28)
        membership.refresh_from_db()
        assert membership.ends_on == ends_on
        live(ends_on - timedelta(days=61), ends_on - timedelta(days=40))
        announced += mails("renewal_notice")[-1:]
        live(ends_on - timedelta(days=39), ends_on - timedelta(days=20))
        announced += mails("renewal_notice")[-1:]
        assert pay_all(ends_on - timedelta(days=20)) == [Decimal("1210.00")]
        live(ends_on - timedelta(days=19), ends_on + timedelta(days=1))
        announced += mails("renewal_notice")[-1:]
    membership.refresh_from_db()
    assert (membership.status, membership.starts_on) == ("active", FIRST)
    assert membership.ends_on == date(2032, 2, 29)
    assert Notice.objects.count() == 12
    assert sorted(Notice.objects.values_list("days", flat=True)) == [7] * 4 + [30] * 4 + [60] * 4
    first, second, last = announced[:3]
    assert "1.000,00\N{NO-BREAK SPACE}euro" in first.text
    assert "30\N{NO-BREAK SPACE}januari\N{NO-BREAK SPACE}2028" in first.text
    assert "+++" in second.text
    assert "/facturen/" in second.text
    assert "betaald" in last.text
    assert "+++" not in last.text
    assert Charge.objects.filter(purpose="renewal").count() == 4
    renewal = Charge.objects.filter(purpose="renewal").first()
    assert renewal
    assert renewal.invoice
    assert renewal.term_starts_on == date(2028, 3, 1)
    line = renewal.invoice.lines.get()
    assert (line.period_from, line.period_to) == (date(2028, 3, 1), date(2029, 2, 28))
    assert renewal.invoice.due_on == date(2028, 2, 29)


def test_a_member_who_does_not_pay_goes_down_the_ladder_and_rejoins_as_the_same_customer() -> None:
    membership = member()
    ends_on = membership.ends_on
    assert ends_on
    live(ends_on - timedelta(days=40), ends_on)
    assert Membership.objects.get().status == "active"
    live(ends_on + timedelta(days=1), ends_on + timedelta(days=1))
    membership.refresh_from_db()
    lapses_on = ends_on + timedelta(days=61)
    assert (membership.status, membership.lapses_on) == ("past_due", lapses_on)
    assert membership.ends_on == last_day_of_term(ends_on + timedelta(days=1))
    live(ends_on + timedelta(days=2), ends_on + timedelta(days=30))
    assert Membership.objects.get().status == "past_due"
    live(ends_on + timedelta(days=31), lapses_on - timedelta(days=1), step=10)
    assert (Membership.objects.get().status, groups()) == ("grace", {"inform", "connect"})
    live(lapses_on, lapses_on)
    membership.refresh_from_db()
    assert (membership.status, membership.ends_on, groups()) == (
        "lapsed",
        lapses_on - timedelta(days=1),
        set(),
    )
    assert [len(mails(name)) for name in ("past_due", "grace", "ended")] == [1, 1, 1]
    renewal = Charge.objects.get(purpose="renewal")
    assert renewal.voided_at
    assert renewal.invoice
    assert renewal.invoice.status == "credited"
    live(lapses_on, lapses_on + timedelta(days=3))
    assert Invoice.objects.filter(kind="credit_note").count() == 1

    again = join(lapses_on + timedelta(days=90))
    pay_all(lapses_on + timedelta(days=90))
    again.refresh_from_db()
    assert (again.status, again.organisation, groups()) == (
        "active",
        membership.organisation,
        {"inform", "connect"},
    )
    assert Customer.objects.count() == 1


@pytest.mark.parametrize("waits", [5, 45])
def test_who_pays_on_the_ladder_is_active_again(waits: int) -> None:
    membership = member()
    ends_on = membership.ends_on
    assert ends_on
    late = ends_on + timedelta(days=waits)
    live(ends_on - timedelta(days=30), late, step=5)
    pay_all(late)
    membership.refresh_from_db()
    assert (membership.status, membership.lapses_on) == ("active", None)
    assert membership.ends_on == last_day_of_term(ends_on + timedelta(days=1))


def test_after_months_of_standing_still_one_run_does_what_is_due_without_a_flood() -> None:
    membership = member()
    ends_on = membership.ends_on
    assert ends_on
    late = ends_on + timedelta(days=20)
    live(late, late)
    membership.refresh_from_db()
    assert membership.status == "active"
    invoice = Invoice.objects.latest("pk")
    assert (invoice.issued_on, invoice.due_on) == (late, late + timedelta(days=30))
    live(late, late)
    assert Invoice.objects.count() == 2
    assert mails("renewal_notice") == []


def test_staff_extend_grace_and_the_ladder_follows() -> None:
    membership = member()
    ends_on = membership.ends_on
    assert ends_on
    late = ends_on + timedelta(days=40)
    live(ends_on - timedelta(days=30), late, step=5)
    membership.refresh_from_db()
    assert membership.status == "grace"
    assert membership.lapses_on
    staff = User.objects.create_user("penning@demo.example")
    before = membership.lapses_on
    extended = extend_grace(
        membership=membership, days=30, reason="Betaalt in april.", at=morning(late), by=staff
    )
    assert (extended.status, extended.lapses_on) == ("past_due", before + timedelta(days=30))
    live(before, before)
    assert Membership.objects.get().status == "grace"


def test_an_upgrade_costs_what_the_quote_says_and_counts_at_once() -> None:
    membership = member()
    day = date(2027, 9, 1)  # 182 of the 366 days of this term are left
    cultivate, at = Tier.objects.get(slug="cultivate"), morning(date(2027, 9, 1))
    quote = quote_upgrade(membership=membership, tier=cultivate, at=at)
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
        quote_upgrade(membership=Membership.objects.get(), tier=Tier.objects.get(slug="connect"), at=at)
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
    quote = quote_upgrade(membership=membership, tier=tier, at=at)
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
    live(date(2031, 1, 1), date(2031, 2, 28), step=7)
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
    live(date(2028, 2, 10), date(2028, 2, 29), step=5)
    assert groups() == {"inform", "connect"}
    live(date(2028, 3, 1), date(2028, 3, 1))
    membership.refresh_from_db()
    assert (membership.status, membership.ends_on, groups()) == ("resigned", date(2028, 2, 29), set())
    assert len(mails("ended")) == 1


def test_an_unpaid_application_is_closed_at_its_cut_off_and_its_invoice_credited() -> None:
    membership = join(FIRST)
    live(FIRST, FIRST + timedelta(days=60), step=20)
    assert Membership.objects.get().status == "awaiting_payment"
    live(FIRST + timedelta(days=61), FIRST + timedelta(days=61))
    membership.refresh_from_db()
    assert membership.status == "closed"
    assert list(Invoice.objects.filter(kind="invoice").values_list("status", flat=True)) == ["credited"]
    assert len(mails("application_closed")) == 1
    assert join(FIRST + timedelta(days=70)).status == "awaiting_payment"


def test_a_tier_that_asks_for_approval_is_invoiced_after_it() -> None:
    from membership.operations.joining import NotApplied, approve_application

    Tier.objects.filter(slug="cultivate").update(needs_approval=True)
    membership = join(FIRST, tier="cultivate")
    assert (membership.status, Invoice.objects.count()) == ("applied", 0)
    assert len(mails("application_received")) == 1
    staff = User.objects.create_user("penning@demo.example")
    approve_application(membership=membership, at=morning(FIRST), by=staff)
    assert pay_all(FIRST) == [Decimal("3630.00")]
    assert Membership.objects.get().status == "active"
    with pytest.raises(NotApplied):
        approve_application(membership=membership, at=morning(FIRST), by=staff)


def test_a_new_price_counts_from_the_next_renewal_on_and_changes_nothing_before() -> None:
    membership = member()
    tier = Tier.objects.get(slug="connect")
    fees = {
        PriceKey(price.tier_id, price.size_band_id, price.kind): Decimal(1111)
        for price in tier.prices.filter(size_band__employees_from=10)
    }
    january = date(timezone.localdate().year + 1, 1, 1)
    set_prices(fees=fees, valid_from=max(january, date(2028, 1, 1)), by=None, at=morning(date(2027, 6, 1)))
    at, cultivate = morning(date(2028, 2, 1)), Tier.objects.get(slug="cultivate")
    before = quote_upgrade(membership=membership, tier=cultivate, at=at).amount
    assert before == (Decimal(2000) * 29 / 366).quantize(Decimal("0.01"))
    live(date(2028, 1, 30), date(2028, 1, 30))
    assert Invoice.objects.latest("pk").net == Decimal(1111)


def test_what_fails_for_one_member_holds_up_no_other() -> None:
    from django.core.management import CommandError

    member()
    other = join(FIRST, number="0999888767")
    pay_all(FIRST)
    other.organisation.refresh_from_db()
    other.organisation.customer = None
    other.organisation.save()
    with pytest.raises(CommandError, match="renewal invoices"):
        live(date(2028, 1, 30), date(2028, 1, 30))
    assert Charge.objects.filter(purpose="renewal").count() == 1
