from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.management import CommandError

from accounts.models import User
from billing.models import Customer, Invoice
from billing.operations.invoices import credit_invoice, record_payment
from cms.models import OutgoingMail
from membership.models import Charge, Membership, Notice, Tier
from membership.operations.ending import close_application, extend_grace
from membership.rules import last_day_of_term
from tests.factories.accounts import make_user
from tests.factories.billing import fill_in_issuer
from tests.membership.life import FIRST, groups, join, live, mails, member, morning, pay_all

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _issuer() -> None:
    fill_in_issuer()


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
    for words in ("IBAN: BE90 9992 0260 0132", "Begunstigde: Voorbeeldstad", "te betalen uiterlijk op"):
        assert words in second.text
    assert second.html.count('class="button"') == 1  # to pay; the way to one's own organisation is a link
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
    [late] = mails("past_due")
    for words in ("vervaldatum was", "IBAN: BE90 9992 0260 0132", "Gestructureerde mededeling: +++"):
        assert words in late.text
    assert 'class="button"' in late.html
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

    stranger = join(lapses_on + timedelta(days=80))
    assert (stranger.status, Invoice.objects.count()) == ("applied", 3)
    assert OutgoingMail.objects.filter(template="membership/approval_wanted").count() == 1
    close_application(membership=stranger, at=morning(lapses_on + timedelta(days=81)), by=None, why="Vreemd.")
    contact = User.objects.get(email="noor@lantaarnwerk.example")
    again = join(lapses_on + timedelta(days=90), by=contact)
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
    live(ends_on - timedelta(days=30), late)
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
    live(ends_on - timedelta(days=30), late)
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


def test_what_fails_for_one_member_holds_up_no_other() -> None:
    member()
    other = join(FIRST, number="0999888767")
    pay_all(FIRST)
    other.organisation.refresh_from_db()
    other.organisation.customer = None
    other.organisation.save()
    with pytest.raises(CommandError, match="renewal invoices"):
        live(date(2028, 1, 30), date(2028, 1, 30))
    assert Charge.objects.filter(purpose="renewal").count() == 1


def test_what_the_treasurer_credits_by_hand_is_waived() -> None:
    membership = member()
    ends_on = membership.ends_on
    assert ends_on
    late = ends_on + timedelta(days=40)
    live(ends_on - timedelta(days=30), late)
    assert Membership.objects.get().status == "grace"
    renewal = Charge.objects.get(purpose="renewal")
    assert renewal.invoice
    credit_invoice(invoice=renewal.invoice, reason="Kwijtgescholden.", at=morning(late), by=None)
    membership.refresh_from_db()
    assert (membership.status, membership.lapses_on) == ("active", None)

    applied = join(late, number="0999888767")
    first = Charge.objects.get(membership=applied)
    assert first.invoice
    credit_invoice(invoice=first.invoice, reason="Vergissing.", at=morning(late), by=None)
    applied.refresh_from_db()
    assert applied.status == "closed"
    assert Invoice.objects.filter(kind="credit_note").count() == 2


def test_who_paid_a_part_waits_for_staff_and_is_active_once_all_is_paid() -> None:
    membership = member()
    ends_on = membership.ends_on
    assert ends_on
    live(ends_on - timedelta(days=30), ends_on + timedelta(days=1), step=31)
    renewal = Charge.objects.get(purpose="renewal")
    assert renewal.invoice
    record_payment(
        invoice=renewal.invoice,
        amount=Decimal(1209),
        method="transfer",
        received_on=ends_on,
        external_reference="a part",
        by=None,
        at=morning(ends_on),
    )
    live(ends_on + timedelta(days=40), ends_on + timedelta(days=90), step=50)
    membership.refresh_from_db()
    assert (membership.status, membership.is_lapse_held) == ("grace", True)
    pay_all(ends_on + timedelta(days=91))
    assert Membership.objects.get().status == "active"


def test_the_association_hears_of_a_contact_who_paid_but_cannot_log_in() -> None:
    make_user(email="noor@lantaarnwerk.example", is_active=False)
    membership = member()
    (told,) = mails("contact_closed")
    assert told.recipient == "facturen@demo.example"
    assert "het account van Noor Lanterman (noor@lantaarnwerk.example)" in told.text
    assert f"/admin/memberships/inspect/{membership.pk}/" in told.text
    assert not OutgoingMail.objects.filter(template="accounts/welcome").exists()
    User.objects.update(is_active=True)
    member(number="0999555431")
    assert len(mails("contact_closed")) == 1
    assert OutgoingMail.objects.filter(template="accounts/welcome").exists()
