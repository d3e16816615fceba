"""Credit notes of a part: what they take, what they leave, and what everybody is told."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wagtail.models import ModelLogEntry, Site

from billing.documents import make_sheet
from billing.documents.ubl import make_ubl
from billing.en16931 import problems
from billing.en16931.reading import SPACES, text
from billing.exports import booked_lines
from billing.models import CheckoutAttempt, Invoice
from billing.operations.checkout import start_checkout
from billing.operations.invoices import (
    CreditedMeanwhile,
    CreditTooHigh,
    NothingToCredit,
    credit_invoice,
    record_payment,
)
from billing.operations.overdue import mark_overdue
from billing.queries import creditable_lines, open_amount, open_items, with_open_amount
from billing.signals import invoice_credited, invoice_paid, invoice_reduced
from tests.billing.sending import mails
from tests.billing.test_concurrency import at_once
from tests.billing.test_desk import LIST, person
from tests.billing.test_ubl import read
from tests.billing.test_views import stripe
from tests.desk import rows_of
from tests.desk import words_of as said_on
from tests.factories.billing import NOON, CustomerFactory, issue, line
from tests.fakes.stripe_api import StripeServer
from tests.queue import drain

__all__ = ["stripe"]
pytestmark = pytest.mark.django_db
LATE = NOON + timedelta(days=31)


def credit(invoice: Invoice, amounts: dict[int, str] | None = None, **fields: Any) -> Invoice:
    parts = {position: Decimal(amount) for position, amount in amounts.items()} if amounts else None
    words = {"reason": "te veel", "at": NOON, "by": None, "is_mailed": False, **fields}
    return credit_invoice(invoice=invoice, amounts=parts, **words)


def pay(invoice: Invoice, amount: str, on: date = date(2026, 12, 1)) -> None:
    record_payment(
        invoice=invoice,
        amount=Decimal(amount),
        method="transfer",
        received_on=on,
        external_reference=f"{invoice.pk}:{amount}",
        by=None,
        at=NOON,
    )


@pytest.fixture
def heard() -> Iterator[list[str]]:
    """Which of billing's signals were sent, in order."""
    said: list[str] = []
    signals = {"paid": invoice_paid, "credited": invoice_credited, "reduced": invoice_reduced}
    listeners = {}
    for name, signal in signals.items():

        def listen(sender: Any, name: str = name, **words: Any) -> None:
            said.append(name)

        listeners[name] = listen
        signal.connect(listen)
    yield said
    for name, signal in signals.items():
        signal.disconnect(listeners[name])


def test_a_part_leaves_the_rest_open_and_the_last_note_closes_it(heard: list[str]) -> None:
    invoice = issue(
        line(), line(text="Coaching", quantity=Decimal(5), unit_price=Decimal("100.00"), unit="HUR")
    )
    note = credit(invoice, {2: "120.00"})
    invoice.refresh_from_db()
    assert (note.net, note.vat, note.gross) == (Decimal("120.00"), Decimal("25.20"), Decimal("145.20"))
    assert (invoice.status, open_amount(invoice)) == ("issued", Decimal("1669.80"))
    assert [(kept.text, rest) for kept, rest in creditable_lines(invoice)] == [
        ("Lidmaatschap connect", Decimal("1000.00")),
        ("Coaching", Decimal("380.00")),
    ]
    [part] = note.lines.all()
    assert (part.quantity, part.unit, part.unit_price) == (Decimal(1), "C62", Decimal("120.00"))
    assert part.text == "Coaching"
    rest = credit(invoice)
    invoice.refresh_from_db()
    assert (invoice.status, open_amount(invoice)) == ("credited", Decimal(0))
    assert note.gross + rest.gross == invoice.gross
    assert heard == ["reduced", "credited"]
    assert not rest.credits_all
    with pytest.raises(NothingToCredit):
        credit(invoice)


def test_a_line_that_is_credited_at_once_is_repeated_as_it_was_invoiced() -> None:
    invoice = issue(line(), line(quantity=Decimal(5), unit_price=Decimal("100.00"), unit="HUR"))
    [kept] = credit(invoice, {2: "500.00"}).lines.all()
    assert (kept.quantity, kept.unit, kept.unit_price, kept.net) == (
        Decimal(5),
        "HUR",
        Decimal(100),
        Decimal(500),
    )
    assert kept.credits == invoice.lines.get(position=2)


@pytest.mark.parametrize(
    "amounts",
    [{1: "1000.01"}, {1: "-1.00"}, {3: "1.00"}, {2: "-50.00"}, {1: "950.01"}, {1: "0.005"}, {2: "1.00"}],
)
def test_more_than_what_is_left_is_refused(amounts: dict[int, str]) -> None:
    invoice = issue(line(), line(text="Korting", unit_price=Decimal("-50.00")))
    with pytest.raises(CreditTooHigh):
        credit(invoice, amounts)
    credit(invoice, {1: "900.00"})
    with pytest.raises(CreditTooHigh):
        credit(invoice, {1: "100.00"})
    note = credit(invoice, {1: "100.00", 2: "-50.00"})
    assert Invoice.objects.get(pk=invoice.pk).status == "credited"
    assert note.net == 50
    assert Invoice.objects.filter(kind="credit_note").count() == 2, "what was refused left no note"


def test_what_comes_to_nothing_is_refused() -> None:
    with pytest.raises(NothingToCredit):
        credit(issue(), {1: "0.00"})


def test_paid_when_what_was_paid_covers_what_is_left(heard: list[str]) -> None:
    invoice = issue(line(), line())
    pay(invoice, "1210.00", date(2026, 12, 3))
    credit(invoice, {1: "500.00"})
    invoice.refresh_from_db()
    assert (invoice.status, open_amount(invoice)) == ("issued", Decimal("605.00"))
    credit(invoice, {2: "500.00"})
    invoice.refresh_from_db()
    assert (invoice.status, open_amount(invoice), invoice.paid_on) == (
        "paid",
        Decimal(0),
        date(2026, 12, 3),
    )
    credit(invoice, {2: "100.00"})
    invoice.refresh_from_db()
    assert (invoice.status, open_amount(invoice)) == ("paid", Decimal(-121)), "to be paid back"
    assert heard == ["reduced", "reduced", "paid", "reduced"], "paid is told once"


def test_what_is_overdue_stays_so_and_the_clock_alone_makes_it_so() -> None:
    late, later = issue(), issue()
    credit(later, {1: "10.00"}, at=LATE)
    later.refresh_from_db()
    assert later.status == "issued", "the clock has not told it yet"
    assert mark_overdue(LATE) == 2
    credit(late, {1: "10.00"}, at=LATE)
    late.refresh_from_db()
    assert late.status == "overdue"
    pay(late, "1197.90")
    assert Invoice.objects.get(pk=late.pk).status == "paid"


def test_open_items_at_a_date_know_the_notes_of_that_day() -> None:
    invoice = issue()
    for days, amount in ((3, "100.00"), (5, "200.00")):
        credit(invoice, {1: amount}, at=NOON + timedelta(days=days))
    day = date(2026, 11, 23)
    left = {
        days: [vars(each)["left"] for each in open_items(day + timedelta(days=days))] for days in (0, 3, 5)
    }
    assert left == {0: [Decimal("1210.00")], 3: [Decimal("1089.00")], 5: [Decimal("847.00")]}
    [listed] = with_open_amount(Invoice.objects.filter(pk=invoice.pk))
    assert vars(listed)["credited"] == Decimal("363.00")


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.decimals("0.01", "9999", places=2), st.sampled_from(["standard", "exempt"])),
        min_size=1,
        max_size=3,
    ),
    st.lists(st.lists(st.integers(0, 100), min_size=3, max_size=3), max_size=3),
)
def test_notes_add_up_to_the_invoice_in_every_document(
    lines: list[tuple[Decimal, str]], steps: list[list[int]]
) -> None:
    invoice = issue(*(line(unit_price=price, vat_treatment=slug) for price, slug in lines))
    notes = []
    for percents in steps:
        parts = {
            kept.position: (rest * percent / 100).quantize(Decimal("0.01"))
            for (kept, rest), percent in zip(creditable_lines(invoice), percents, strict=False)
        }
        try:
            notes.append(credit_invoice(**words_of(invoice), amounts=parts))
        except NothingToCredit:
            assert not any(parts.values()) or Invoice.objects.get(pk=invoice.pk).status == "credited"
    if Invoice.objects.get(pk=invoice.pk).status != "credited":
        notes.append(credit_invoice(**words_of(invoice)))
    for name in ("net", "vat", "gross"):
        assert sum(getattr(note, name) for note in notes) == getattr(invoice, name)
    for note in notes:
        assert problems(read(note)) == []
        assert note.totals.gross == note.gross
    numbers = {invoice.number, *(note.number for note in notes)}
    assert sum(row.gross for row in booked_lines(None, None) if row.number in numbers) == 0
    assert open_amount(invoice) == 0


def words_of(invoice: Invoice) -> dict[str, Any]:
    return {"invoice": invoice, "reason": "", "at": NOON, "by": None, "is_mailed": False}


def test_the_documents_of_a_part() -> None:
    customer = CustomerFactory.create(po_number="PO-7")
    invoice = issue(line(), line(text="Coaching"), customer=customer)
    before = make_ubl(invoice)
    note = credit(invoice, {2: "250.00"})
    root = read(note)
    assert text(root, "cac:BillingReference/cac:InvoiceDocumentReference/cbc:ID") == invoice.number
    assert text(root, "cac:LegalMonetaryTotal/cbc:PayableAmount") == "302.50"
    assert len(root.findall("cac:CreditNoteLine", SPACES)) == 1
    assert make_ubl(invoice) == before
    sheet = make_sheet(Invoice.objects.get(pk=invoice.pk))
    assert ("Gecrediteerd", "CN2026-00001, 302,50\N{NO-BREAK SPACE}euro") in sheet.facts
    assert sheet.state == "Er moet nog 2.117,50\N{NO-BREAK SPACE}euro betaald worden."
    assert dict(sheet.payment)["Bedrag"] == "2.117,50\N{NO-BREAK SPACE}euro"
    assert make_sheet(note).sums[1] == (
        "Btw 21\N{NO-BREAK SPACE}% op 250,00\N{NO-BREAK SPACE}euro",
        "52,50\N{NO-BREAK SPACE}euro",
    )


def test_the_mail_says_whether_all_or_a_part_is_credited() -> None:
    invoice = issue()
    credit(invoice, {1: "100.00"}, is_mailed=True)
    (mail,) = mails()
    for body in (mail.body, str(mail.alternatives[0][0])):
        assert "in zijn geheel" not in body
        assert "volledig" not in body.lower()
        assert invoice.number in body
    credit(issue(), is_mailed=True)
    assert "volledig" in mails()[-1].body.lower()


def test_who_pays_online_meanwhile_is_asked_for_what_is_left(stripe: StripeServer) -> None:
    invoice = issue(at=timezone.now())
    words: dict[str, Any] = {"invoice": invoice, "return_url": "https://demo.example/", "at": timezone.now()}
    before = start_checkout(**words)
    credit(invoice, {1: "100.00"})
    after = start_checkout(**words)
    assert (before.amount, after.amount) == (Decimal("1210.00"), Decimal("1089.00"))
    drain()
    statuses = dict(CheckoutAttempt.objects.values_list("amount", "status"))
    assert statuses == {before.amount: "failed", after.amount: "open"}


@pytest.mark.django_db(transaction=True)
def test_twenty_who_credit_a_part_at_once_make_one_note() -> None:
    invoice = issue()
    results = at_once(lambda number: credit(invoice, {1: "100.00"}, seen=Decimal("0.00")))
    assert [type(result) for result in results].count(CreditedMeanwhile) == 19
    assert Invoice.objects.filter(kind="credit_note").count() == 1


@pytest.fixture
def desk(client: Client, site: Site) -> Client:
    client.force_login(person("finance"))
    return client


def form(**fields: str) -> dict[str, str]:
    return {"reason": "korting", "seen": "0.00", "line-1": "1000,00", "line-2": "500,00", **fields}


def test_staff_credit_all_at_once_and_parts_after_a_second_look(desk: Client) -> None:
    invoice = issue(line(), line(text="Coaching", unit_price=Decimal("500.00")), at=timezone.now())
    address = f"{LIST}credit/{invoice.pk}/"
    page = desk.get(address).content.decode()
    assert "1.815,00" in page
    assert "Coaching" in page
    looked = desk.post(address, form(**{"line-1": "", "line-2": "100,00"}))
    assert not Invoice.objects.filter(kind="credit_note").exists()
    shown = looked.content.decode()
    assert "121,00" in shown
    assert "1.694,00" in shown
    seal = looked.context["form"]["confirmed"].value()
    sent = form(**{"line-1": "", "line-2": "100,00", "confirmed": seal})
    changed = desk.post(address, sent | {"line-2": "200,00"})
    assert "242,00" in changed.content.decode(), "what was not shown is asked again"
    for _time in range(2):
        assert desk.post(address, sent)["Location"] == f"{LIST}inspect/{invoice.pk}/"
    note = Invoice.objects.get(kind="credit_note")
    assert note.gross == Decimal("121.00")
    page = desk.get(f"{LIST}inspect/{invoice.pk}/").content.decode()
    assert "121,00\N{NO-BREAK SPACE}euro gecrediteerd met" in page
    assert ModelLogEntry.objects.for_instance(invoice).filter(action="billing.credit").count() == 1
    assert "1.694,00" in desk.get(address).content.decode()
    desk.post(address, form(**{"line-2": "400,00", "seen": "121.00"}))
    invoice.refresh_from_db()
    assert invoice.status == "credited"
    assert desk.get(address).status_code == 302


@pytest.mark.parametrize(
    "wrong",
    [
        {"line-1": "1000,01"},
        {"line-1": "-1"},
        {"line-1": "tien"},
        {"line-1": "0,001"},
        {"line-1": "", "line-2": "0"},
        {"reason": ""},
        {"reason": "x" * 301},
        {"seen": "x"},
    ],
)
def test_wrong_amounts_are_refused_beside_their_field(desk: Client, wrong: dict[str, str]) -> None:
    invoice = issue(line(), line(text="Coaching", unit_price=Decimal("500.00")), at=timezone.now())
    answer = desk.post(f"{LIST}credit/{invoice.pk}/", form(**wrong))
    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert not Invoice.objects.filter(kind="credit_note").exists()


def test_a_line_without_its_reduction_is_refused_in_words(desk: Client) -> None:
    invoice = issue(line(), line(text="Korting", unit_price=Decimal("-50.00")), at=timezone.now())
    answer = desk.post(f"{LIST}credit/{invoice.pk}/", form(**{"line-2": ""}))
    assert "verminderingen" in answer.content.decode()
    assert not Invoice.objects.filter(kind="credit_note").exists()


def test_staff_read_a_credit_note_as_its_payer_does(client: Client, site: Site) -> None:
    invoice = issue(reference="membership:96")
    note = credit(invoice)
    client.force_login(person("finance"))
    rows = {row[1]: row[5:9] for row in rows_of(client.get(LIST)) if len(row) > 8}
    assert rows[note.number] == ["", "-1.210,00 euro", "", ""]
    assert rows[invoice.number][1:] == ["1.210,00 euro", "0,00 euro", "gecrediteerd"]
    said = {each: said_on(client.get(f"{LIST}inspect/{each.pk}/")) for each in (invoice, note)}
    for words in ("Status", "Vervaldatum", "Betalingen"):
        assert words in said[invoice]
        assert words not in said[note]
    assert "membership:96" not in said[invoice] + said[note]
