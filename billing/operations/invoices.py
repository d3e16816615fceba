"""Issuing and crediting invoices, and recording what was paid."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from billing import rules
from billing.models import Customer, Invoice, InvoiceLine, Issuer, NumberSeries, Payment
from billing.models.customers import POSTAL_FIELDS
from billing.money import cents, split_payment, totals
from billing.operations.delivery import send_invoice
from billing.queries import TreatedLine, credited_amount, open_amount, settled_amount, treat_lines
from billing.rules import DraftLine
from billing.signals import invoice_credited, invoice_issued, invoice_paid
from billing.vat import document_kind
from cms.log import record

__all__ = ["DraftLine", "credit_invoice", "issue_invoice", "record_payment"]


class NothingToInvoice(ValueError):
    """An invoice needs at least one line, a total between 0.01 and 99,999,999.99 EUR, and no VAT below 0."""


class NothingToCredit(ValueError):
    """The invoice is a credit note, or has been credited already."""


class InvalidPayment(ValueError):
    """A payment is at least one cent, in whole cents, and is not made on a credit note."""


class ReferenceReused(ValueError):
    """Another payment carries this external reference: other invoice or other amount."""


@transaction.atomic
def issue_invoice(
    *,
    customer: Customer,
    lines: Sequence[DraftLine],
    reference: str,
    at: datetime,
    by: User | None,
    due_on: date | None = None,
    is_mailed: bool = True,
    details: dict[str, str] | None = None,
) -> Invoice:
    """Issue an invoice to a customer, numbered without gaps, dated by the clock `at`.

    `reference` says what it is for ("membership:123") and comes back in the signals. Without `due_on` the
    association's term of payment counts. `by` is None when the platform itself acts. The customer gets it by
    mail unless `is_mailed` is off. `details` stand on this invoice instead of the customer's own (fields of
    `Postal`). VAT follows the treatment that holds for each line; where none of them needs an invoice, the
    document is a payment request. Raises InvalidLine, NothingToInvoice, and IssuerIncomplete as long as the
    association's own details are not filled in.
    """
    issued_on = timezone.localdate(at)
    issuer = Issuer.load()
    invoice = _draw_up(
        customer=customer,
        details={name: getattr(customer, name) for name in POSTAL_FIELDS} | (details or {}),
        issuer=issuer,
        lines=lines,
        reference=reference,
        due_on=due_on or rules.due_date(issued_on, issuer.payment_days),
        at=at,
    )
    record(invoice, "billing.issue", by=by, at=at, data={"gross": str(invoice.gross)})
    if is_mailed:
        send_invoice(invoice=invoice, at=at, by=by)
    invoice_issued.send(Invoice, invoice_id=invoice.pk, reference=reference, at=at)
    return invoice


@transaction.atomic
def record_payment(
    *,
    invoice: Invoice,
    amount: Decimal,
    method: str,
    received_on: date,
    external_reference: str,
    by: User | None,
    at: datetime,
    note: str = "",
) -> Payment:
    """Add a payment in EUR, received on a day, and settle the invoice when it is paid in full.

    The same `external_reference` counts once: repeated, the first payment is returned. What exceeds the open
    amount is kept apart as surplus. Raises InvalidPayment, and ReferenceReused when the reference belongs to
    another payment.
    """
    invoice = Invoice.objects.select_for_update().get(pk=invoice.pk)
    known = Payment.objects.filter(external_reference=external_reference).first()
    if known:
        if (known.invoice_id, known.amount) != (invoice.pk, amount):
            raise ReferenceReused(external_reference)
        return known
    if amount <= 0 or amount > rules.HIGHEST_AMOUNT or cents(amount) != amount:
        raise InvalidPayment(f"{amount} EUR")
    if invoice.kind == Invoice.Kind.CREDIT_NOTE:
        raise InvalidPayment(invoice.number)
    _settled, surplus = split_payment(amount, open_amount(invoice))
    payment: Payment = Payment.objects.create(
        invoice=invoice,
        amount=amount,
        surplus=surplus,
        method=method,
        received_on=received_on,
        external_reference=external_reference,
        note=note,
        recorded_by=by,
        recorded_at=at,
    )
    data = {"amount": str(amount), "surplus": str(surplus), "method": method}
    record(invoice, "billing.payment", by=by, at=at, data=data)
    was_open = invoice.status in Invoice.OPEN
    _follow(invoice, paid_on=received_on, at=at)
    if was_open and invoice.status == Invoice.Status.PAID:
        invoice_paid.send(Invoice, invoice_id=invoice.pk, reference=invoice.reference, at=at)
    return payment


@transaction.atomic
def credit_invoice(
    *, invoice: Invoice, reason: str, at: datetime, by: User | None, is_mailed: bool = True
) -> Invoice:
    """Credit an invoice in full by a credit note with the same lines, mail the note and return it.

    What was paid on it already is then to be paid back (`open_amount` is negative). Raises NothingToCredit.
    """
    invoice = Invoice.objects.select_for_update().get(pk=invoice.pk)
    if invoice.kind == Invoice.Kind.CREDIT_NOTE or credited_amount(invoice):
        raise NothingToCredit(invoice.number)
    copied = [
        field.name for field in InvoiceLine._meta.concrete_fields if field.name not in ("id", "invoice")
    ]
    note = _write(
        kind=rules.CREDIT_NOTE,
        customer=invoice.customer,
        details={name: getattr(invoice, name) for name in POSTAL_FIELDS},
        issuer=invoice.issuer,
        lines=[InvoiceLine(**{name: getattr(line, name) for name in copied}) for line in invoice.lines.all()],
        reference=invoice.reference,
        due_on=timezone.localdate(at),
        at=at,
        credits=invoice,
    )
    _follow(invoice, at=at)
    for document in (invoice, note):
        record(document, "billing.credit", by=by, at=at, data={"note": note.number, "reason": reason})
    if is_mailed:
        send_invoice(invoice=note, at=at, by=by)
    words = {"invoice_id": invoice.pk, "credit_note_id": note.pk, "reference": invoice.reference}
    invoice_credited.send(Invoice, **words, reason=reason, at=at)
    return note


def _draw_up(
    *, details: dict[str, str], issuer: Issuer, lines: Sequence[DraftLine], **fields: Any
) -> Invoice:
    """Write an invoice or payment request as VAT is treated for who is named in the details."""
    treated = treat_lines(lines, issuer=issuer, country=details["country"], vat_number=details["vat_number"])
    return _write(
        kind=document_kind(line.treatment.needs_invoice for line in treated),
        details=details,
        issuer=issuer.snapshot(),
        lines=[_stored(line, issuer.ledger_account, details["language"]) for line in treated],
        **fields,
    )


def _write(
    *,
    kind: str,
    customer: Customer,
    details: dict[str, str],
    issuer: dict[str, str],
    lines: Sequence[InvoiceLine],
    reference: str,
    due_on: date,
    at: datetime,
    credits: Invoice | None = None,
) -> Invoice:
    """Number and store a document. The series stays locked until the commit: a rollback leaves no gap."""
    sums = totals(lines)
    if not Decimal(0) < sums.gross <= rules.HIGHEST_AMOUNT or sums.vat < 0:
        raise NothingToInvoice(f"{sums.gross} EUR, of which {sums.vat} EUR VAT")
    issued_on = timezone.localdate(at)
    year = issued_on.year
    NumberSeries.objects.get_or_create(kind=kind, year=year)
    series = NumberSeries.objects.select_for_update().get(kind=kind, year=year)
    series.last += 1
    series.save(update_fields=["last"])
    invoice: Invoice = Invoice.objects.create(
        **details,
        kind=kind,
        year=year,
        sequence=series.last,
        number=rules.invoice_number(kind, year, series.last),
        structured_communication=rules.structured_communication(kind, year, series.last),
        customer=customer,
        issuer=issuer,
        credits=credits,
        reference=reference,
        net=sums.net,
        vat=sums.vat,
        gross=sums.gross,
        issued_on=issued_on,
        due_on=max(due_on, issued_on),
        issued_at=at,
    )
    for position, line in enumerate(lines, 1):
        line.invoice, line.position = invoice, position
    InvoiceLine.objects.bulk_create(lines)
    return invoice


def _stored(line: TreatedLine, ledger_account: str, language: str) -> InvoiceLine:
    draft, treatment = line.draft, line.treatment
    return InvoiceLine(
        text=draft.text,
        quantity=draft.quantity,
        unit=draft.unit,
        unit_price=draft.unit_price,
        vat_treatment=treatment.slug,
        vat_category=treatment.category,
        vat_rate=treatment.rate,
        vat_reason=treatment.reason(language),
        vat_reason_code=treatment.reason_code,
        vat_code=treatment.vat_code,
        net=draft.net,
        period_from=draft.period_from,
        period_to=draft.period_to,
        ledger_account=draft.ledger_account or treatment.ledger_account or ledger_account,
        reference=draft.reference,
    )


def _follow(invoice: Invoice, *, at: datetime, paid_on: date | None = None) -> None:
    """Bring the status in line with what was paid and credited."""
    invoice.status = rules.status_after(
        gross=invoice.gross,
        settled=settled_amount(invoice),
        credited=credited_amount(invoice),
        due_on=invoice.due_on,
        on=timezone.localdate(at),
    )
    if invoice.status == Invoice.Status.PAID and invoice.paid_on is None:
        invoice.paid_on = paid_on
    invoice.save(update_fields=["status", "paid_on"])
