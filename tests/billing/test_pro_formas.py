"""Money that is asked before there is an invoice: what becomes of it, whichever way it comes."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import Settings

from billing.documents import file_name, is_for_peppol, make_sheet, render_pdf
from billing.models import BankEntry, Customer, Invoice, InvoiceIsIssued, Issuer, Payment, StripeEvent
from billing.operations.bank_files import keep_bank_file
from billing.operations.bank_lines import match_entries
from billing.operations.checkout import NothingToPay
from billing.operations.delivery import private_url
from billing.operations.invoices import InvalidPayment, ReferenceReused, credit_invoice, record_payment
from billing.operations.issuing import VatUnconfirmed
from billing.operations.pro_formas import (
    ProFormaIsDone,
    ReasonMissing,
    invoice_pro_forma,
    invoice_received,
    withdraw_pro_forma,
)
from billing.operations.refunds import RefundTooHigh, refund_payment
from billing.operations.reversals import follow_money, write_reversal
from billing.queries import (
    candidate_invoices,
    followed,
    open_amount,
    personal_data_of,
    refundable_amount,
    settled_amount,
    surplus_amount,
    with_money,
    with_open_amount,
)
from billing.rules import InvalidLine, structured_communication
from billing.signals import invoice_issued
from tests.billing.paying import GROSS, pay, status, tell, visit
from tests.factories.bank import bank_file, entry
from tests.factories.billing import NOON, abroad, ask, confirm_vat_number, fill_in_issuer, issue, line
from tests.fakes.stripe_api import StripeServer
from tests.queue import drain

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
LATER = NOON + timedelta(days=3)
NOTHING = Decimal(0)


def fares(document: Invoice) -> str:
    """Say how a document fares by now, a pro forma too."""
    return str(Invoice.documents.get(pk=document.pk).status)


def money(pro_forma: Invoice) -> Decimal:
    """What stands on no invoice, as the list of pro formas says it."""
    return Decimal(with_money(Invoice.documents.filter(pk=pro_forma.pk)).get().money)


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


def test_reverse_charge_without_proof_keeps_the_money_until_there_is_one(
    settings: Settings, heard: list[str]
) -> None:
    settings.VIES_API_BASE = "http://127.0.0.1:9"
    customer = abroad()
    at = timezone.now()
    pro_forma = ask(customer=customer, at=at)
    later = at + timedelta(days=settings.VIES_PROOF_DAYS + 1)

    def receive(amount: int, reference: str) -> Payment:
        return record_payment(
            invoice=pro_forma,
            amount=Decimal(amount),
            method="transfer",
            received_on=timezone.localdate(later),
            external_reference=reference,
            by=None,
            at=later,
        )

    first = receive(600, "bank:1")
    assert receive(600, "bank:1") == first
    second = receive(500, "bank:2")
    assert {first.invoice, second.invoice} == {pro_forma}
    assert (fares(pro_forma), money(pro_forma), heard) == ("received", Decimal(1100), [])
    assert Customer.objects.get(pk=customer.pk).vat_asked_at == later
    assert not Invoice.objects.exists()
    with pytest.raises(VatUnconfirmed):
        invoice_pro_forma(pro_forma=pro_forma, at=later, by=None)
    assert invoice_received(later) == 0

    confirm_vat_number(customer, checked_at=later)
    assert invoice_received(later) == 1
    invoice = Invoice.objects.get()
    assert (invoice.status, invoice.gross, invoice.vat) == ("paid", 1000, 0)
    assert sorted(invoice.payments.values_list("amount", "surplus")) == [(500, 100), (600, 0)]
    assert (fares(pro_forma), money(pro_forma), heard) == ("invoiced", NOTHING, ["paid"])
    assert receive(600, "bank:1") == first
    assert invoice_received(later) == 0


def held() -> tuple[Invoice, Payment]:
    """A pro forma that is paid while the association cannot make invoices."""
    pro_forma = ask()
    Issuer.objects.update(iban="")
    payment = pay(pro_forma)
    assert (payment.invoice, payment.surplus, fares(pro_forma)) == (pro_forma, NOTHING, "received")
    return Invoice.documents.get(pk=pro_forma.pk), payment


def test_whatever_is_wrong_with_the_invoice_money_is_kept(stripe: StripeServer) -> None:
    pro_forma, payment = held()
    assert (pro_forma.is_open, open_amount(pro_forma), money(pro_forma)) == (False, NOTHING, GROSS)
    with pytest.raises(NothingToPay):
        visit(pro_forma)
    fill_in_issuer()
    second = pay(pro_forma, Decimal(5))  # brings the invoice, and the first payment along
    payment.refresh_from_db()
    assert payment.invoice == second.invoice == Invoice.objects.get()
    assert (payment.surplus, second.surplus, status(second.invoice)) == (NOTHING, Decimal(5), "paid")


def test_kept_money_goes_back_only_once_nobody_is_to_get_the_invoice() -> None:
    pro_forma, payment = held()
    words: dict[str, Any] = {"method": "transfer", "returned_on": TODAY, "reason": "x", "by": None}
    with pytest.raises(RefundTooHigh):
        refund_payment(payment=payment, amount=GROSS, key="desk:1", at=LATER, **words)
    withdraw_pro_forma(pro_forma=pro_forma, reason="kan niet", at=LATER, by=None)
    pro_forma.refresh_from_db()
    assert (refundable_amount(pro_forma), money(pro_forma)) == (GROSS, GROSS)
    refund_payment(payment=payment, amount=GROSS, key="desk:1", at=LATER, **words)
    assert (money(pro_forma), fares(pro_forma)) == (NOTHING, "withdrawn")


def test_kept_money_that_the_bank_takes_back_leaves_it_to_be_paid(heard: list[str]) -> None:
    pro_forma, payment = held()
    write_reversal(
        payment,
        kind="dispute",
        amount=GROSS,
        method="stripe",
        returned_on=TODAY,
        reason="",
        key="stripe:du_1",
        status="pending",
        by=None,
        at=LATER,
    )
    follow_money(pro_forma, at=LATER, reason="")
    assert (fares(pro_forma), open_amount(pro_forma)) == ("issued", GROSS)
    fill_in_issuer()
    invoice = pay(pro_forma).invoice
    assert (status(invoice), surplus_amount(invoice), heard) == ("paid", NOTHING, ["paid"])


def test_a_payment_follows_to_its_invoice_and_nowhere_else() -> None:
    _pro_forma, payment = held()
    fill_in_issuer()
    stranger = issue()
    kept = payment.invoice
    payment.invoice = stranger
    with pytest.raises(IntegrityError), transaction.atomic():
        payment.save(update_fields=["invoice"])
    payment.invoice, payment.surplus = kept, Decimal(5)
    with pytest.raises(IntegrityError), transaction.atomic():
        payment.save(update_fields=["surplus"])
    payment.amount = Decimal(5)
    with pytest.raises(InvoiceIsIssued):
        payment.save(update_fields=["amount"])
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE billing_payment SET invoice_id = %s", [stranger.pk])


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

    (known,) = personal_data_of(Person())["invoices"]  # type: ignore[arg-type]
    assert (known["number"], known["kind"]) == (pro_forma.number, "pro_forma")


steps = st.lists(
    st.one_of(
        st.tuples(st.just("pay"), st.integers(1, 200_000)),
        st.tuples(st.sampled_from(["withdraw", "break", "mend", "again", "issue", "credit"]), st.just(0)),
    ),
    max_size=12,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_what_was_received_is_settled_or_the_payers_whatever_happens(steps: list[tuple[str, int]]) -> None:
    """In any order of payments, failures, repairs, withdrawals and credit notes."""
    with transaction.atomic():
        fill_in_issuer()
        pro_forma, received = ask(), Decimal(0)
        for step, count in steps:
            if step == "pay":
                received += Decimal(count) / 100
                pay(pro_forma, Decimal(count) / 100)
            elif step == "break":
                Issuer.objects.update(iban="")
            elif step == "mend":
                fill_in_issuer()
            elif step == "again" and Issuer.load().iban:
                invoice_received(LATER)
            elif step == "credit":
                for invoice in Invoice.objects.filter(status__in=("issued", "paid"), credits=None):
                    credit_invoice(invoice=invoice, reason="", at=LATER, by=None, is_mailed=False)
            else:
                try:
                    if step == "withdraw":
                        withdraw_pro_forma(pro_forma=pro_forma, reason="x", at=LATER, by=None)
                    elif Issuer.load().iban:
                        invoice_pro_forma(pro_forma=pro_forma, at=LATER, by=None)
                except ProFormaIsDone:
                    pass
        documents: list[Any] = list(with_open_amount(Invoice.documents.all()))
        settled = sum((settled_amount(each) for each in documents), Decimal(0))
        surplus = sum((surplus_amount(each) for each in documents), Decimal(0))
        assert received == settled + surplus
        assert [each.left for each in documents] == [open_amount(each) for each in documents]
        assert Invoice.objects.exclude(kind="credit_note").count() <= 1
        held_now = Invoice.documents.get(pk=pro_forma.pk)
        assert (held_now.status == "invoiced") == Invoice.objects.filter(pro_forma=pro_forma).exists()
        if held_now.status == "invoiced":
            assert not held_now.payments.exists()
        transaction.set_rollback(True)
