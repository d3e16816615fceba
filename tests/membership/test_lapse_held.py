"""Who paid a part keeps no membership for ever: staff are asked on its day, and nothing is renewed."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone
from wagtail.models import ModelLogEntry, Site

from accounts.models import User
from billing.models import CheckoutAttempt, Invoice, Payment, Reversal
from billing.operations.invoices import credit_invoice
from billing.operations.reversals import write_reversal
from billing.queries import open_amount, refundable_amount
from cms.models import OutgoingMail
from membership.models import Charge, Membership
from membership.queries import renewing_memberships
from tests.desk import titles_of
from tests.factories.billing import fill_in_issuer
from tests.membership.life import groups, live, mails, member, morning, pay_invoice
from tests.membership.test_viewsets import staff

pytestmark = pytest.mark.django_db

ENDS_ON = date(2028, 2, 29)
LAPSES_ON = date(2028, 4, 30)
NEXT_END = date(2029, 2, 28)
ONE = timedelta(days=1)


@pytest.fixture(autouse=True)
def _issuer(site: Site) -> None:
    fill_in_issuer()


def renewed() -> tuple[Membership, Invoice]:
    """A member whose renewal is invoiced and not paid, on the last day of its term."""
    membership = member()
    live(ENDS_ON - timedelta(days=30), ENDS_ON, step=30)
    invoice = Charge.objects.get(purpose="renewal").invoice
    assert invoice
    return membership, invoice


def paid_one_euro() -> tuple[Membership, Invoice]:
    """One that should have lapsed today, of whose renewal one euro was paid."""
    membership, invoice = renewed()
    pay_invoice(invoice, ENDS_ON, Decimal(1))
    live(ENDS_ON + ONE, LAPSES_ON - ONE, step=30)
    membership.refresh_from_db()
    assert (membership.status, membership.lapses_on, membership.lapse_held_on) == ("grace", LAPSES_ON, None)
    live(LAPSES_ON, LAPSES_ON)
    membership.refresh_from_db()
    return membership, invoice


def log_of(membership: Membership) -> list[str]:
    entries = ModelLogEntry.objects.for_instance(membership).order_by("timestamp", "pk")
    return [action.removeprefix("membership.") for action in entries.values_list("action", flat=True)]


def test_one_euro_does_not_keep_a_membership_the_association_is_asked_once_and_ends_it_by_the_form(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    membership, invoice = paid_one_euro()
    assert (membership.status, membership.lapse_held_on) == ("grace", LAPSES_ON)
    [asked] = mails("lapse_held")
    assert asked.recipient == "facturen@demo.example"
    for words in ("30\N{NO-BREAK SPACE}april\N{NO-BREAK SPACE}2028", invoice.number, "1,00", "1.209,00"):
        assert words in asked.text
    live(LAPSES_ON + ONE, LAPSES_ON + timedelta(days=200), step=40)
    membership.refresh_from_db()
    assert (membership.status, len(mails("lapse_held")), len(mails("ended"))) == ("grace", 1, 0)

    monkeypatch.setattr(timezone, "now", lambda: morning(LAPSES_ON + timedelta(days=200)))
    desk = staff("finance")
    [row] = [
        row for row in desk.get("/admin/billing/desk/").context["waiting_rows"] if "lapse_held" in row.url
    ]
    assert (row.count, titles_of(desk.get(row.url))) == (1, ["Lantaarnwerk"])
    assert titles_of(desk.get(row.url.replace("true", "false"))) == []
    page = desk.get(f"/admin/memberships/inspect/{membership.pk}/").content.decode()
    url = f"/admin/memberships/lapse/{membership.pk}/"
    assert url in page
    assert invoice.number in desk.get(url).content.decode()
    assert desk.post(url, {"reason": ""}).status_code == 200
    assert Membership.objects.get().status == "grace"
    assert staff("events").post(url, {"reason": "Neen."}).status_code == 302
    assert Membership.objects.get().status == "grace"
    assert desk.post(url, {"reason": "Antwoordt niet."}).status_code == 302
    membership.refresh_from_db()
    assert (membership.status, membership.lapses_on, membership.lapse_held_on) == ("lapsed", None, None)
    assert groups() == set()
    invoice.refresh_from_db()
    assert (invoice.status, refundable_amount(invoice)) == ("credited", Decimal(1))
    last = ModelLogEntry.objects.for_instance(membership).order_by("-pk")[0]
    assert (last.action, last.user, last.data["why"]) == (
        "membership.lapsed",
        User.objects.get(email="finance@demo.example"),
        "Antwoordt niet.",
    )
    [ended] = mails("ended")
    assert "we betalen terug wat u betaald hebt" in ended.text
    assert desk.post(url, {"reason": "Nog eens."}).status_code == 302
    assert log_of(membership).count("lapsed") == 1


def test_nothing_is_renewed_or_announced_meanwhile_and_without_a_decision_it_ends_with_its_term() -> None:
    membership, invoice = paid_one_euro()
    assert list(renewing_memberships()) == []
    announced = len(mails("renewal_notice"))
    live(NEXT_END - timedelta(days=61), NEXT_END, step=10)
    membership.refresh_from_db()
    assert (membership.status, len(mails("renewal_notice"))) == ("grace", announced)
    assert Charge.objects.filter(purpose="renewal").count() == 1
    live(NEXT_END + ONE, NEXT_END + ONE)
    membership.refresh_from_db()
    invoice.refresh_from_db()
    assert (membership.status, membership.ends_on, invoice.status) == ("lapsed", NEXT_END, "credited")
    assert ModelLogEntry.objects.get(action="membership.lapsed").data["why"]
    live(NEXT_END + 2 * ONE, NEXT_END + 2 * ONE)
    assert Invoice.objects.filter(kind="credit_note").count() == 1


def test_who_pays_the_rest_is_active_again_and_renewed() -> None:
    membership, invoice = paid_one_euro()
    pay_invoice(invoice, LAPSES_ON + timedelta(days=200))
    membership.refresh_from_db()
    assert (membership.status, membership.lapses_on, membership.lapse_held_on) == ("active", None, None)
    live(NEXT_END - timedelta(days=30), NEXT_END - timedelta(days=30))
    assert Charge.objects.filter(purpose="renewal").count() == 2


def test_what_staff_credit_of_it_makes_it_active_too() -> None:
    _membership, invoice = paid_one_euro()
    amounts = {1: Decimal("999.00")}
    credit_invoice(
        invoice=invoice, reason="Kwijtgescholden.", amounts=amounts, at=morning(LAPSES_ON + ONE), by=None
    )
    assert open_amount(invoice) == Decimal("0.21")
    pay_invoice(invoice, LAPSES_ON + ONE)
    assert Membership.objects.get().status == "active"


def test_with_more_time_the_ladder_goes_on_and_the_association_is_asked_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    membership, _invoice = paid_one_euro()
    monkeypatch.setattr(timezone, "now", lambda: morning(LAPSES_ON))
    words = {"days": "30", "reason": "Belooft het.", "seen": LAPSES_ON.isoformat(), "confirmed": "30"}
    staff("finance").post(f"/admin/memberships/extend/{membership.pk}/", words)
    membership.refresh_from_db()
    assert (membership.lapse_held_on, membership.lapses_on) == (None, LAPSES_ON + timedelta(days=30))
    live(LAPSES_ON + ONE, LAPSES_ON + timedelta(days=31), step=10)
    membership.refresh_from_db()
    assert membership.lapse_held_on is not None
    assert len(mails("lapse_held")) == 2


def test_what_was_paid_in_part_and_went_back_holds_it_no_more() -> None:
    paid_one_euro()
    payment = Payment.objects.get(amount=1)
    write_reversal(
        payment,
        kind=Reversal.Kind.DISPUTE,
        amount=Decimal(1),
        method="stripe",
        returned_on=LAPSES_ON,
        key="dispute",
        status=Reversal.Status.DONE,
        by=None,
        at=morning(LAPSES_ON + ONE),
    )
    live(LAPSES_ON + 2 * ONE, LAPSES_ON + 2 * ONE)
    assert Membership.objects.get().status == "lapsed"


def test_a_bank_has_its_time_then_the_association_is_asked() -> None:
    membership, invoice = renewed()
    live(ENDS_ON + ONE, LAPSES_ON - ONE, step=30)
    CheckoutAttempt.objects.create(
        invoice=invoice,
        number=1,
        amount=invoice.gross,
        status=CheckoutAttempt.Status.PENDING,
        created_at=morning(LAPSES_ON - ONE),
    )
    live(LAPSES_ON, LAPSES_ON + timedelta(days=12), step=3)
    membership.refresh_from_db()
    assert (membership.status, membership.lapse_held_on, mails("lapse_held")) == ("grace", None, [])
    live(LAPSES_ON + timedelta(days=13), LAPSES_ON + timedelta(days=16))
    membership.refresh_from_db()
    assert (membership.status, membership.lapse_held_on) == ("grace", LAPSES_ON + timedelta(days=13))
    assert len(mails("lapse_held")) == 1
    CheckoutAttempt.objects.update(status=CheckoutAttempt.Status.FAILED)
    live(LAPSES_ON + timedelta(days=17), LAPSES_ON + timedelta(days=17))
    assert Membership.objects.get().status == "lapsed"


def test_the_member_reads_that_it_can_end_any_day() -> None:
    paid_one_euro()
    client = Client()
    client.force_login(User.objects.get(email="noor@lantaarnwerk.example"))
    page = client.get("/nl/mijn-organisatie/", follow=True).content.decode()
    assert "elke dag" in page
    assert OutgoingMail.objects.filter(template="membership/grace").count() == 1
