"""Money that is asked before there is an invoice: what becomes of it, whichever way it comes."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from billing.documents import file_name, is_for_peppol, make_sheet, make_ubl, render_pdf
from billing.models import BankEntry, Customer, Invoice, Issuer, Payment, StripeEvent
from billing.operations.bank_files import keep_bank_file
from billing.operations.bank_lines import match_entries
from billing.operations.checkout import PaymentUnderWay
from billing.operations.delivery import private_url
from billing.operations.invoices import InvalidPayment, ReferenceReused, credit_invoice, record_payment
from billing.operations.overdue import mark_overdue
from billing.operations.pro_formas import (
    ProFormaIsDone,
    ReasonMissing,
    invoice_pro_forma,
    withdraw_pro_forma,
)
from billing.operations.refunds import refund_payment
from billing.operations.undoing import undo_payment
from billing.queries import (
    candidate_invoices,
    followed,
    money_on_its_way,
    open_amount,
    personal_data_of,
    refundable_amount,
    surplus_amount,
)
from billing.rules import InvalidLine, structured_communication
from billing.signals import invoice_issued
from tests.billing.paying import GROSS, fares, money, pay, status, tell, visit
from tests.factories.bank import bank_file, entry
from tests.factories.billing import NOON, ask, fill_in_issuer, issue, line
from tests.fakes.stripe_api import StripeServer
from tests.queue import drain

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
LATER = NOON + timedelta(days=3)
NOTHING = Decimal(0)


def test_it_asks_in_a_series_of_its_own_and_is_no_invoice() -> None:
    pro_forma = ask()
    assert (pro_forma.number, pro_forma.kind, pro_forma.gross) == ("UB2026-00001", "pro_forma", GROSS)
    assert pro_forma.structured_communication == structured_communication("pro_forma", 2026, 1)
    assert pro_forma.structured_communication.startswith("4")
    assert (pro_forma.is_open, is_for_peppol(pro_forma)) == (True, False)
    assert issue().number == "2026-00001"
    sheet = make_sheet(pro_forma)
    assert sheet.title == "Uitnodiging tot betaling"
    assert "geen factuur" in sheet.notice
    assert ("Bedrag", "1.210,00\N{NO-BREAK SPACE}euro") in sheet.payment
    assert render_pdf(pro_forma).startswith(b"%PDF")
    assert file_name(pro_forma) == "uitnodiging-tot-betaling-UB2026-00001.pdf"
    assert make_sheet(issue()).notice == ""


def test_its_lines_leave_vat_and_account_to_the_day_of_the_invoice() -> None:
    for words in ({"vat_treatment": "exempt"}, {"ledger_account": "740000"}):
        with pytest.raises(InvalidLine):
            ask(line(**words))
    assert not Invoice.documents.exists()


def test_the_money_makes_the_invoice_of_that_day_for_the_same_lines_and_details(heard: list[str]) -> None:
    told: list[dict[str, Any]] = []

    def listen(sender: type, **words: Any) -> None:
        told.append(words)

    lines = [line(), line(text="Extra plaats", unit_price=Decimal("99.50"), quantity=Decimal(2))]
    pro_forma = ask(*lines, details={"name": "Zoals getypt", "po_number": "PO 7"})
    Customer.objects.update(name="Later gewijzigd")
    invoice_issued.connect(listen)
    payment = record_payment(
        invoice=pro_forma,
        amount=pro_forma.gross,
        method="transfer",
        received_on=NOON.date(),
        external_reference="bank:1",
        by=None,
        at=LATER,
    )
    invoice_issued.disconnect(listen)
    invoice = Invoice.objects.get()
    assert payment.invoice == invoice
    assert (invoice.number, invoice.kind, invoice.pro_forma) == ("2026-00001", "invoice", pro_forma)
    assert invoice.issued_on == timezone.localdate(LATER)
    assert (invoice.status, invoice.name, invoice.po_number) == ("paid", "Zoals getypt", "PO 7")
    assert (invoice.net, invoice.vat, invoice.gross) == (pro_forma.net, pro_forma.vat, pro_forma.gross)
    facts = ("text", "quantity", "unit_price", "net", "vat", "ledger_account", "vat_treatment")
    assert list(invoice.lines.values(*facts)) == list(pro_forma.lines.values(*facts))
    assert (fares(pro_forma), open_amount(Invoice.documents.get(pk=pro_forma.pk))) == ("invoiced", NOTHING)
    assert followed(pro_forma) == invoice
    (words,) = told
    assert (words["pro_forma_id"], words["invoice_id"]) == (pro_forma.pk, invoice.pk)
    assert heard == ["paid"]
    assert ("Uitnodiging tot betaling", "UB2026-00001") in make_sheet(invoice).facts
    assert invoice.number in make_sheet(Invoice.documents.get(pk=pro_forma.pk)).state


def test_the_same_money_counts_once_told_of_either_document() -> None:
    pro_forma = ask()
    words: dict[str, Any] = {
        "amount": GROSS,
        "method": "stripe",
        "received_on": TODAY,
        "external_reference": "stripe:pi_1",
        "by": None,
        "at": LATER,
    }
    payment = record_payment(invoice=pro_forma, **words)
    assert record_payment(invoice=pro_forma, **words) == payment
    assert record_payment(invoice=payment.invoice, **words) == payment
    with pytest.raises(ReferenceReused):
        record_payment(invoice=pro_forma, **{**words, "amount": Decimal(1)})
    with pytest.raises(ReferenceReused):
        record_payment(invoice=ask(), **words)
    assert (Payment.objects.count(), Invoice.objects.count()) == (1, 1)


def test_a_part_makes_the_whole_invoice_and_the_rest_settles_it_by_either_communication() -> None:
    pro_forma = ask()
    first = pay(pro_forma, Decimal(400))
    assert (status(first.invoice), open_amount(first.invoice)) == ("issued", Decimal(810))
    second = pay(pro_forma, Decimal(800))
    third = pay(first.invoice, Decimal(30))
    assert second.invoice == third.invoice == first.invoice
    assert (third.surplus, status(first.invoice), Invoice.objects.count()) == (Decimal(20), "paid", 1)


@pytest.mark.parametrize("amount", ["0", "-1", "0.001"])
def test_what_is_no_payment_makes_no_invoice(amount: str) -> None:
    pro_forma = ask()
    with pytest.raises(InvalidPayment):
        pay(pro_forma, Decimal(amount))
    assert (fares(pro_forma), Invoice.objects.count()) == ("issued", 0)


def test_vat_is_that_of_the_day_of_the_invoice() -> None:
    pro_forma = ask()
    fill_in_issuer(vat_regime="exempt")
    invoice = pay(pro_forma).invoice
    assert (invoice.vat, invoice.gross, invoice.lines.get().vat_category) == (NOTHING, Decimal(1000), "E")
    assert (status(invoice), surplus_amount(invoice)) == ("paid", Decimal(210))


def test_staff_make_the_invoice_before_the_money_and_only_once() -> None:
    pro_forma = ask()
    invoice = invoice_pro_forma(pro_forma=pro_forma, at=LATER, by=None)
    assert (invoice.status, fares(pro_forma)) == ("issued", "invoiced")
    assert invoice_pro_forma(pro_forma=pro_forma, at=LATER, by=None) == invoice
    assert pay(pro_forma).invoice == invoice
    assert status(invoice) == "paid"
    credit_invoice(invoice=invoice, reason="", at=LATER, by=None)
    late = pay(pro_forma)
    assert (late.invoice, late.surplus) == (invoice, GROSS)


def test_withdrawn_it_asks_no_more_and_late_money_is_the_payers() -> None:
    pro_forma = ask()
    with pytest.raises(ReasonMissing):
        withdraw_pro_forma(pro_forma=pro_forma, reason=" ", at=LATER, by=None)
    withdraw_pro_forma(pro_forma=pro_forma, reason="vergist", at=LATER, by=None)
    for _again in range(2):
        with pytest.raises(ProFormaIsDone):
            withdraw_pro_forma(pro_forma=pro_forma, reason="vergist", at=LATER, by=None)
    with pytest.raises(ProFormaIsDone):
        invoice_pro_forma(pro_forma=pro_forma, at=LATER, by=None)
    payment = pay(pro_forma)
    pro_forma.refresh_from_db()
    assert (payment.invoice, payment.surplus, pro_forma.status) == (pro_forma, GROSS, "withdrawn")
    assert (open_amount(pro_forma), refundable_amount(pro_forma), money(pro_forma)) == (NOTHING, GROSS, GROSS)
    assert not Invoice.objects.exists()
    words: dict[str, Any] = {"method": "transfer", "returned_on": TODAY, "reason": "te laat"}
    refund_payment(payment=payment, amount=GROSS, key="desk:1", at=LATER, by=None, **words)
    assert (refundable_amount(pro_forma), money(pro_forma), fares(pro_forma)) == (
        NOTHING,
        NOTHING,
        "withdrawn",
    )


def test_an_invoice_is_not_withdrawn() -> None:
    with pytest.raises(Invoice.DoesNotExist):
        credit_invoice(invoice=ask(), reason="", at=LATER, by=None)
    with pytest.raises(ProFormaIsDone):
        withdraw_pro_forma(pro_forma=issue(), reason="vergist", at=LATER, by=None)


def test_the_database_knows_how_a_pro_forma_fares() -> None:
    for document, state in ((ask(), "overdue"), (ask(), "credited"), (issue(), "withdrawn")):
        document.status = state
        with pytest.raises(IntegrityError), transaction.atomic():
            document.save(update_fields=["status"])


def test_a_bank_line_with_its_communication_makes_the_invoice() -> None:
    pro_forma = ask(at=timezone.now())
    lines = [entry(1210, structured=pro_forma.structured_communication), entry(7, text=pro_forma.number)]
    keep_bank_file(content=bank_file(*lines), name="bank.xml", at=timezone.now(), by=None)
    named = BankEntry.objects.get(amount=7)
    assert [(each[0], each[2]) for each in candidate_invoices(named)] == [(pro_forma, "named")]
    assert match_entries(at=timezone.now(), by=None) == 1
    invoice = Invoice.objects.get()
    assert (invoice.pro_forma, invoice.status) == (pro_forma, "paid")


def test_paid_by_card_its_link_leads_to_the_invoice(stripe: StripeServer, client: Client) -> None:
    pro_forma = ask(at=timezone.now())
    url = private_url(invoice=pro_forma, at=timezone.now())
    page = client.get(url).content.decode()
    assert "Online betalen" in page
    assert "Uitnodiging tot betaling" in page
    attempt = visit(pro_forma)
    (event,) = stripe.account.complete(attempt.session_id or "")
    assert client.get(f"{url}?paid=1").status_code == 200
    tell(stripe, event)
    tell(stripe, event)
    drain()
    invoice = Invoice.objects.get()
    assert (status(invoice), invoice.payments.get().method) == ("paid", "stripe")
    assert StripeEvent.objects.get().outcome == f"1210.00 EUR recorded on {invoice.number}"
    page = client.get(url).content.decode()
    assert invoice.number in page
    assert "Deze factuur is betaald" in page


@pytest.mark.parametrize("way", ["transfer", "withdraw", "invoice"])
def test_its_pay_page_closes_when_nobody_is_to_pay_it_there(stripe: StripeServer, way: str) -> None:
    pro_forma = ask(at=timezone.now())
    attempt = visit(pro_forma)
    if way == "transfer":
        pay(pro_forma)
    elif way == "withdraw":
        withdraw_pro_forma(pro_forma=pro_forma, reason="vergist", at=timezone.now(), by=None)
    else:
        invoice_pro_forma(pro_forma=pro_forma, at=timezone.now(), by=None)
    drain()
    attempt.refresh_from_db()
    assert attempt.status == "failed"
    assert stripe.account.session(attempt.session_id or "")["status"] == "expired"


@pytest.mark.parametrize("is_paid", [True, False])
def test_a_debit_by_it_is_waited_for_once_its_invoice_is_made(
    stripe: StripeServer, client: Client, is_paid: bool
) -> None:
    now = timezone.now()
    pro_forma = ask(at=now)
    session_id = visit(pro_forma).session_id or ""
    for event in stripe.account.complete(session_id, is_debit=True):
        tell(stripe, event)
    drain()
    invoice = invoice_pro_forma(pro_forma=pro_forma, at=now - timedelta(days=40), by=None)
    url = private_url(invoice=invoice, at=now)
    assert client.get(url).context["pay_url"] == ""
    with pytest.raises(PaymentUnderWay):
        visit(invoice)
    assert money_on_its_way(invoice)
    assert mark_overdue(now) == 0
    for event in stripe.account.settle_debit(session_id, is_paid=is_paid):
        tell(stripe, event)
    drain()
    assert (status(invoice) == "paid", surplus_amount(invoice)) == (is_paid, NOTHING)
    assert bool(client.get(url).context["pay_url"]) == (not is_paid)
    assert mark_overdue(now) == (0 if is_paid else 1)


def test_a_refused_debit_leaves_it_to_be_paid(stripe: StripeServer) -> None:
    pro_forma = ask(at=timezone.now())
    session_id = visit(pro_forma).session_id or ""
    events = stripe.account.complete(session_id, is_debit=True)
    events += stripe.account.settle_debit(session_id, is_paid=False)
    for event in events:
        tell(stripe, event)
    drain()
    assert (fares(pro_forma), Invoice.objects.count()) == ("issued", 0)


def test_one_finds_it_in_ones_own_data() -> None:
    pro_forma = ask()

    class Person:
        email = pro_forma.email

    (known,) = personal_data_of(Person())["invoices"]  # type: ignore[arg-type]  # all that is asked of a person
    assert (known["number"], known["kind"]) == (pro_forma.number, "pro_forma")


def test_what_was_booked_in_error_says_neither_how_nor_when_it_was_paid() -> None:
    pro_forma = ask()
    cannot_be_invoiced = Issuer.objects.update(iban="")
    assert cannot_be_invoiced
    words: dict[str, Any] = {"invoice": pro_forma, "by": None, "at": LATER}
    record_payment(
        **words, amount=GROSS, method="transfer", received_on=NOON.date(), external_reference="bank:1"
    )
    mistake = record_payment(
        **words,
        amount=Decimal(50),
        method="cash",
        received_on=LATER.date(),
        external_reference="kas:1",
    )
    undo_payment(payment=mistake, kind="mistake", returned_on=TODAY, reason="andere klant", at=LATER, by=None)
    assert fares(pro_forma) == "received"
    fill_in_issuer()
    invoice = invoice_pro_forma(pro_forma=pro_forma, at=LATER, by=None)
    assert (invoice.prepaid, invoice.way, status(invoice)) == (GROSS, "transfer", "paid")
    assert Invoice.objects.get().paid_on == NOON.date()
    root = fromstring(make_ubl(invoice))
    assert root.findtext(".//{*}PaymentMeansCode") == "30"


def test_an_invoice_is_paid_on_the_day_of_the_last_payment_that_counts() -> None:
    invoice = issue()
    later = NOON.date() + timedelta(days=9)
    mistake = pay(invoice, Decimal(10), on=later)
    pay(invoice, Decimal(1000), on=NOON.date())
    undo_payment(payment=mistake, kind="mistake", returned_on=TODAY, reason="fout", at=LATER, by=None)
    credit_invoice(
        invoice=invoice, amounts={1: Decimal("173.55")}, reason="korting", at=LATER, by=None, is_mailed=False
    )
    invoice.refresh_from_db()
    assert (invoice.status, invoice.paid_on) == ("paid", NOON.date())
