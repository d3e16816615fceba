from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from wagtail.models import ModelLogEntry

from billing.models import Invoice, InvoiceIsIssued, InvoiceLine, Issuer, NumberSeries, Payment
from billing.models.issuer import IssuerIncomplete
from billing.operations.invoices import (
    InvalidPayment,
    NothingToCredit,
    NothingToInvoice,
    ReferenceReused,
    credit_invoice,
    record_payment,
)
from billing.operations.pro_formas import ask_payment_first
from billing.queries import open_amount, surplus_amount, with_open_amount
from billing.rules import InvalidLine
from billing.signals import invoice_credited, invoice_issued, invoice_paid
from tests.factories.billing import NOON, CustomerFactory, fill_in_issuer, issue, line

pytestmark = pytest.mark.django_db


@pytest.fixture
def heard() -> Any:
    """What the signals said, in order."""
    said: list[tuple[str, dict[str, Any]]] = []
    receivers = []
    for name, signal in (("issued", invoice_issued), ("paid", invoice_paid), ("credited", invoice_credited)):

        def listen(sender: Any, signal: Any, name: str = name, **words: Any) -> None:
            said.append((name, words))

        receivers.append((signal, listen))
        signal.connect(listen)
    yield said
    for signal, listen in receivers:
        signal.disconnect(listen)


def pay(invoice: Invoice, amount: str, key: str = "bank:1", **fields: Any) -> Payment:
    return record_payment(
        invoice=invoice,
        amount=Decimal(amount),
        external_reference=key,
        **{"method": "transfer", "received_on": date(2026, 12, 1), "by": None, "at": NOON, **fields},
    )


def test_an_invoice_holds_its_totals_and_a_copy_of_the_customer(heard: list[Any]) -> None:
    customer = CustomerFactory.create(name="Eerst bv", language="en")
    invoice = issue(line(), line(unit_price=Decimal("0.10"), quantity=Decimal(3)), customer=customer)
    assert (invoice.net, invoice.vat, invoice.gross) == tuple(map(Decimal, ("1000.30", "210.06", "1210.36")))
    customer.name = "Daarna nv"
    customer.save()
    invoice = Invoice.objects.get(pk=invoice.pk)
    assert (invoice.name, invoice.language, invoice.due_on) == ("Eerst bv", "en", date(2026, 12, 23))
    assert [kept.ledger_account for kept in invoice.lines.all()] == ["700000", "700000"]
    assert heard == [("issued", {"invoice_id": invoice.pk, "reference": "membership:1", "at": NOON})]
    assert ModelLogEntry.objects.for_instance(invoice).get().action == "billing.issue"


def test_numbers_run_per_year_and_kind_and_the_year_is_that_of_brussels() -> None:
    new_year_in_brussels = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    numbers = [issue().number, issue().number, issue(at=new_year_in_brussels).number]
    assert numbers == ["2026-00001", "2026-00002", "2027-00001"]
    assert credit_invoice(invoice=Invoice.objects.latest("pk"), reason="", at=NOON, by=None).number == (
        "CN2026-00001"
    )


def test_what_is_rolled_back_leaves_no_gap() -> None:
    issue()
    with pytest.raises(InvalidLine):
        issue(line(), line(text=""))
    with pytest.raises(NothingToInvoice):
        issue(line(), line(unit_price=Decimal("-1000.00")))
    with transaction.atomic():
        issue()
        transaction.set_rollback(True)
    assert issue().number == "2026-00002"
    assert NumberSeries.objects.get().last == 2


@pytest.mark.parametrize("price", ["0.00", "-1.00", "1000000000.00"])
def test_an_amount_out_of_range_is_refused(price: str) -> None:
    with pytest.raises((NothingToInvoice, InvalidLine)):
        issue(line(unit_price=Decimal(price)))
    assert not Invoice.objects.exists()


@pytest.mark.parametrize("price", ["0.37", "92.37", "95.51", "1234.56", "99999.99"])
def test_every_cent_is_accepted_by_both_databases(price: str) -> None:
    invoice = issue(line(unit_price=Decimal(price)))
    pay(invoice, str(invoice.gross - Decimal("0.10")))
    pay(invoice, "0.10", "bank:2")
    kept: Any = with_open_amount(Invoice.objects.filter(pk=invoice.pk)).get()
    assert kept.gross == kept.net + kept.vat
    assert kept.left == 0
    reckoned: Any = with_open_amount(Invoice.objects.all())
    assert not reckoned.filter(left__gt=0).exists()


def test_vat_below_zero_is_refused_before_the_database_does() -> None:
    with pytest.raises(NothingToInvoice, match="-210"):
        issue(line(unit_price=Decimal(-1000)), line(unit_price=Decimal(2000), vat_treatment="exempt"))


def test_nothing_is_issued_while_the_association_is_unknown() -> None:
    fill_in_issuer(enterprise_number="")
    with pytest.raises(IssuerIncomplete, match="enterprise_number"):
        issue()
    fill_in_issuer()
    assert issue().issuer["iban"] == Issuer.load().iban


def test_an_issued_invoice_cannot_be_changed_through_the_model() -> None:
    invoice = issue()
    invoice.gross = Decimal(1)
    for attempt in (
        invoice.save,
        invoice.delete,
        lambda: invoice.save(update_fields=["gross"]),
        lambda: Invoice.objects.update(gross=1),
        Invoice.objects.all().delete,
        InvoiceLine.objects.all().delete,
        invoice.lines.get().save,
        pay(invoice, "10.00").save,
    ):
        with pytest.raises(InvoiceIsIssued):
            attempt()
    assert Invoice.objects.filter(pk=invoice.pk).update(status="overdue") == 1


_COLUMNS = ", ".join(
    str(field.column) for field in InvoiceLine._meta.concrete_fields if field.column not in ("id", "position")
)
MORE_LINES = (
    f"INSERT INTO billing_invoiceline (position, {_COLUMNS}) "
    f"SELECT position + 10, {_COLUMNS} FROM billing_invoiceline WHERE net > 0"
)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE billing_invoice SET gross = net, vat = 0",
        "UPDATE billing_invoice SET name = 'Iemand anders'",
        "UPDATE billing_invoiceline SET text = 'Iets anders'",
        "UPDATE billing_invoice SET line_count = line_count + 1",
        "UPDATE billing_payment SET amount = 1",
        "DELETE FROM billing_invoiceline",
        "DELETE FROM billing_invoiceline WHERE net < 0",
        "DELETE FROM billing_invoice",
        "DELETE FROM billing_payment",
        MORE_LINES,
        MORE_LINES.replace("WHERE net > 0", "WHERE net = 0"),
        MORE_LINES.replace("WHERE net > 0", "WHERE net < 0"),
    ],
)
def test_nor_can_it_be_changed_past_the_model(statement: str) -> None:
    pay(issue(line(), line(unit_price=Decimal(0)), line(unit_price=Decimal(-10)), line()), "10.00")
    with connection.cursor() as cursor:
        with pytest.raises(IntegrityError, match="immutable"), transaction.atomic():
            cursor.execute(statement)
        cursor.execute("UPDATE billing_invoice SET status = 'overdue'")
        cursor.execute("UPDATE billing_payment SET recorded_by_id = NULL")
    assert Invoice.objects.get().status == "overdue"


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite knows no TRUNCATE")
def test_nor_are_the_tables_emptied() -> None:
    issue()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(IntegrityError, match="immutable"), transaction.atomic():
            cursor.execute("TRUNCATE billing_invoice CASCADE")
    assert Invoice.objects.get().lines.count() == 1


def test_no_line_is_added_to_what_is_issued() -> None:
    invoice = issue(line(), line(unit_price=Decimal(0)), line(unit_price=Decimal(-10)))
    note = credit_invoice(invoice=invoice, reason="", at=NOON, by=None, is_mailed=False)
    pro_forma = ask_payment_first(
        customer=invoice.customer, lines=[line()], reference="membership:9", at=NOON, by=None
    )
    for document in (invoice, note, pro_forma):
        kept = list(document.lines.values())
        for net in (Decimal(0), Decimal(1), Decimal(-1)):
            more = InvoiceLine(
                **{name: value for name, value in kept[0].items() if name not in ("id", "position", "net")},
                position=9,
                net=net,
            )
            with pytest.raises(IntegrityError, match="immutable"), transaction.atomic():
                InvoiceLine.objects.bulk_create([more])
            with pytest.raises(IntegrityError, match="immutable"), transaction.atomic():
                more.save()
        assert list(document.lines.values()) == kept


@pytest.mark.parametrize(
    "wrong",
    [{"gross": Decimal(7)}, {"due_on": date(2020, 1, 1)}, {"currency": "USD"}, {"kind": "credit_note"}],
)
def test_the_database_refuses_nonsense(wrong: dict[str, Any]) -> None:
    row = {
        field.attname: getattr(issue(), field.attname)
        for field in Invoice._meta.concrete_fields
        if field.name != "id"
    }
    row |= {"number": "x", "sequence": 999, "structured_communication": "1"}
    with pytest.raises(IntegrityError), transaction.atomic():
        Invoice.objects.create(**row | wrong)
    assert Invoice.objects.create(**row).pk


def test_paid_in_parts_it_is_paid_once(heard: list[Any]) -> None:
    invoice = issue()
    pay(invoice, "1000.00")
    invoice.refresh_from_db()
    assert (invoice.status, open_amount(invoice)) == ("issued", Decimal("210.00"))
    pay(invoice, "210.00", "bank:2", received_on=date(2026, 12, 2))
    invoice.refresh_from_db()
    assert (invoice.status, invoice.paid_on) == ("paid", date(2026, 12, 2))
    assert open_amount(invoice) == 0
    assert [name for name, _words in heard] == ["issued", "paid"]


def test_what_is_paid_too_much_is_kept_apart(heard: list[Any]) -> None:
    invoice = issue()
    pay(invoice, "1300.00")
    pay(invoice, "1210.00", "bank:2")
    assert (open_amount(invoice), surplus_amount(invoice)) == (Decimal(0), Decimal("1300.00"))
    assert [payment.surplus for payment in invoice.payments.order_by("pk")] == [90, 1210]
    assert [name for name, _words in heard] == ["issued", "paid"]


def test_the_same_payment_counts_once() -> None:
    invoice, other = issue(), issue()
    assert pay(invoice, "10.00") == pay(invoice, "10.00")
    assert open_amount(invoice) == 1200
    for changed in (lambda: pay(invoice, "11.00"), lambda: pay(other, "10.00")):
        with pytest.raises(ReferenceReused):
            changed()


@pytest.mark.parametrize("amount", ["0", "-5.00", "0.001", "1000000000"])
def test_a_payment_out_of_range_is_refused(amount: str) -> None:
    invoice = issue()
    with pytest.raises(InvalidPayment):
        pay(invoice, amount)
    assert open_amount(invoice) == invoice.gross


def test_a_credit_note_mirrors_the_invoice_and_nobody_credits_twice(heard: list[Any]) -> None:
    invoice = issue(line(), line(text="Extra zitje"))
    note = credit_invoice(invoice=invoice, reason="dubbel", at=NOON, by=None)
    invoice.refresh_from_db()
    assert (invoice.status, open_amount(invoice), open_amount(note)) == ("credited", Decimal(0), Decimal(0))
    assert (note.gross, note.credits) == (invoice.gross, invoice)
    assert [kept.text for kept in note.lines.all()] == ["Lidmaatschap connect", "Extra zitje"]
    assert heard[-1] == (
        "credited",
        {
            "invoice_id": invoice.pk,
            "credit_note_id": note.pk,
            "reference": "membership:1",
            "reason": "dubbel",
            "by_id": None,
            "at": NOON,
        },
    )
    for again in (invoice, note):
        with pytest.raises(NothingToCredit):
            credit_invoice(invoice=again, reason="", at=NOON, by=None)
    with pytest.raises(InvalidPayment):
        pay(note, "1.00")


def test_crediting_a_paid_invoice_leaves_money_to_pay_back() -> None:
    invoice = issue()
    pay(invoice, "1210.00")
    credit_invoice(invoice=invoice, reason="opgezegd", at=NOON, by=None)
    invoice.refresh_from_db()
    assert (invoice.status, open_amount(invoice)) == ("credited", Decimal(-1210))
    reckoned: Any = with_open_amount(Invoice.objects.filter(pk=invoice.pk)).get()
    assert reckoned.left == -1210


@pytest.mark.parametrize("price", ["994.54", "1105.19", "0.07", "2049.18", "99999.99"])
def test_odd_cents_add_up_for_both_databases(price: str) -> None:
    invoice = issue(line(unit_price=Decimal(price)))
    pay(invoice, str(invoice.gross - Decimal("0.01")))
    [listed] = with_open_amount(Invoice.objects.all())
    assert vars(listed)["left"] == Decimal("0.01")
    with pytest.raises(IntegrityError), transaction.atomic():
        Invoice.objects.bulk_create([copy_of(invoice, gross=invoice.gross + Decimal("0.01"))])


def copy_of(invoice: Invoice, **changes: Any) -> Invoice:
    """Return another invoice with the next number."""
    fields = {
        field.attname: getattr(invoice, field.attname)
        for field in Invoice._meta.concrete_fields
        if field.attname != "id"
    }
    next_one = {
        "sequence": invoice.sequence + 1,
        "number": f"{invoice.number}b",
        "structured_communication": "000000000000",
    }
    return Invoice(**{**fields, **next_one, **changes})
