"""Who paid a part keeps no membership for ever: staff are asked on its day, and nothing is renewed."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import override
from wagtail.models import ModelLogEntry, Site

from accounts.models import User
from billing.models import AutomaticPayment, CheckoutAttempt, Invoice, Payment, PaymentMeans, Reversal
from billing.operations.invoices import credit_invoice
from billing.operations.reversals import write_reversal
from billing.operations.undoing import undo_payment
from billing.queries import open_amount, refundable_amount
from cms.models import OutgoingMail
from membership.models import Charge, Membership, Tier
from membership.operations.changes import upgrade_membership
from membership.queries import renewing_memberships, upgrade_quote
from tests.desk import chosen_on, many, plain, titles_of, words_of
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


def upgraded_and_renewed() -> tuple[Membership, Invoice, Invoice]:
    """One that should have lapsed while its next term was invoiced: one euro was paid of its upgrade."""
    membership, day = member(), date(2027, 11, 12)
    cultivate = Tier.objects.get(slug="cultivate")
    quote = upgrade_quote(membership=membership, tier=cultivate, at=morning(day))
    made = upgrade_membership(
        membership=membership, tier=cultivate, quoted=quote.amount, at=morning(day), by=None
    )
    assert made.invoice
    pay_invoice(made.invoice, day, Decimal(1))
    for moment in (date(2027, 12, 13), date(2028, 1, 12), ENDS_ON - timedelta(days=30), date(2028, 2, 11)):
        live(moment, moment)
    membership.refresh_from_db()
    assert (membership.status, membership.lapse_held_on, membership.ends_on) == (
        "grace",
        date(2028, 2, 11),
        ENDS_ON,
    )
    renewal = Charge.objects.get(purpose="renewal").invoice
    assert renewal
    assert renewal.issued_on == ENDS_ON - timedelta(days=30)
    return membership, made.invoice, renewal


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


def test_it_ends_with_its_term_also_where_the_next_one_was_invoiced_before() -> None:
    membership, upgrade, renewal = upgraded_and_renewed()
    [asked] = mails("lapse_held")
    assert renewal.number in asked.text
    assert "geen volgend jaar gefactureerd" not in asked.text
    live(ENDS_ON, ENDS_ON + ONE)
    for row in (membership, upgrade, renewal):
        row.refresh_from_db()
    assert (membership.status, membership.ends_on) == ("lapsed", ENDS_ON)
    assert (upgrade.status, renewal.status, refundable_amount(upgrade)) == (
        "credited",
        "credited",
        Decimal(1),
    )
    live(ENDS_ON + 2 * ONE, ENDS_ON + 2 * ONE)
    assert Invoice.objects.filter(kind="credit_note").count() == 2


def test_who_paid_the_next_term_before_has_it_and_a_part_of_that_is_not_the_whole() -> None:
    membership, _upgrade, renewal = upgraded_and_renewed()
    rest = open_amount(renewal) - 1
    pay_invoice(renewal, ENDS_ON - ONE, Decimal(1))
    live(ENDS_ON, ENDS_ON)
    pay_invoice(renewal, ENDS_ON, rest)
    live(ENDS_ON + ONE, ENDS_ON + ONE)
    membership.refresh_from_db()
    assert (membership.status, membership.ends_on, membership.is_lapse_held) == ("grace", NEXT_END, True)


def test_a_bank_that_works_on_the_next_term_has_its_time_first() -> None:
    membership, _upgrade, renewal = upgraded_and_renewed()
    CheckoutAttempt.objects.create(
        invoice=renewal,
        number=1,
        amount=renewal.gross,
        status=CheckoutAttempt.Status.PENDING,
        created_at=morning(ENDS_ON - ONE),
    )
    live(ENDS_ON + ONE, ENDS_ON + 12 * ONE, step=4)
    membership.refresh_from_db()
    assert (membership.status, membership.ends_on) == ("grace", ENDS_ON)
    live(ENDS_ON + 14 * ONE, ENDS_ON + 14 * ONE)
    assert Membership.objects.get().status == "lapsed"


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
    live(LAPSES_ON, LAPSES_ON + timedelta(days=12))
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


def test_no_list_says_that_it_lapses_on_a_day_in_the_past_nor_promises_a_next_term() -> None:
    membership, invoice = paid_one_euro()
    customer = membership.organisation.customer
    assert customer
    means = PaymentMeans.objects.create(
        customer=customer,
        kind="card",
        stripe_id="pm_1",
        last4="4242",
        agreed_at=morning(ENDS_ON),
        saved_at=morning(ENDS_ON),
    )
    contact = Client()
    address = reverse("membership:own_means", args=[membership.organisation_id])
    contact.force_login(User.objects.get(email="noor@lantaarnwerk.example"))
    assert "4242" in words_of(contact.get(address))
    assert "De volgende verlenging" not in words_of(contact.get(address))
    plan = AutomaticPayment.objects.create(
        invoice=invoice, means=means, charge_on=ENDS_ON, next_on=ENDS_ON, planned_at=morning(ENDS_ON)
    )
    desk = staff("finance")
    with override("nl"):
        past = {plain(date_format(LAPSES_ON, style)) for style in ("SHORT_DATE_FORMAT", "DATE_FORMAT")}
    for shown, said in (
        ("", "Had moeten vervallen"),
        ("automatic/", "Had moeten vervallen"),
        (f"automatic/inspect/{plan.pk}/", "had moeten vervallen op"),
        (f"extend/{membership.pk}/", "moeten vervallen."),
    ):
        told = words_of(desk.get(f"/admin/memberships/{shown}"))
        assert said in told
        if said.startswith("H"):
            assert not any(day in told for day in past)
        assert "vervalt op" not in told


def test_who_undoes_the_only_part_payment_reads_first_that_the_membership_ends() -> None:
    membership, invoice = paid_one_euro()
    desk, says = staff("finance"), "Het lidmaatschap van Lantaarnwerk, dat enkel nog loopt omdat"

    def told(payment: Payment) -> str:
        form = {"payment": payment.pk, "kind": "mistake", "reason": "verkeerde klant", "confirmed": ""}
        return words_of(desk.post(f"/admin/billing/invoices/undo/{payment.invoice_id}/", form))

    euro = Payment.objects.get(amount=1)
    assert says in told(euro)
    assert says not in told(Payment.objects.exclude(pk=euro.pk).get()), "another invoice's, paid long ago"
    pay_invoice(invoice, LAPSES_ON, Decimal(2))
    second = Payment.objects.get(amount=2)
    assert says not in told(euro), "two euro of it stay"
    undo_payment(
        payment=second, kind="mistake", returned_on=LAPSES_ON, reason="x", at=morning(LAPSES_ON), by=None
    )
    assert says in told(euro)
    undo_payment(
        payment=euro, kind="mistake", returned_on=LAPSES_ON, reason="x", at=morning(LAPSES_ON), by=None
    )
    live(LAPSES_ON + ONE, LAPSES_ON + ONE)
    membership.refresh_from_db()
    assert membership.status == "lapsed"


def test_more_time_for_many_says_of_one_that_is_held_that_its_day_is_past(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    membership, _invoice = paid_one_euro()
    monkeypatch.setattr(timezone, "now", lambda: morning(LAPSES_ON + 9 * ONE))
    desk, url = staff("finance"), many("extend", membership, model="membership/membership")
    asked = desk.get(url)
    with override("nl"):
        last, after = (plain(date_format(day)) for day in (LAPSES_ON, LAPSES_ON + 30 * ONE))
    assert f"het had moeten vervallen op {last}." in words_of(asked)
    told = words_of(desk.post(url, {"days": "30", "reason": "Belooft het.", "chosen": chosen_on(asked)}))
    assert f"Het had moeten vervallen op {last}; zonder betaling vervalt het op {after}." in told
    assert "in plaats van" not in told
