"""Crediting invoices, and recording what was paid; issuing stands in `issuing`."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from billing import rules
from billing.models import Invoice, Payment
from billing.models.customers import POSTAL_FIELDS
from billing.money import cents, split_payment
from billing.operations.delivery import deliver_invoice
from billing.operations.issuing import VatUnconfirmed, issue_invoice
from billing.operations.pro_formas import document_to_pay
from billing.operations.writing import NothingToInvoice, Received, follow_invoice, write_document
from billing.queries import (
    CreditTooHigh,
    credit_lines,
    credited_amount,
    credited_lines,
    open_amount,
    settled_amount,
)
from billing.rules import DraftLine
from billing.signals import invoice_credited, invoice_paid, invoice_reduced
from cms.log import record

__all__ = [
    "CreditTooHigh",
    "DraftLine",
    "NothingToInvoice",
    "VatUnconfirmed",
    "credit_invoice",
    "issue_invoice",
    "record_payment",
]


class NothingToCredit(ValueError):
    """The invoice is a credit note, has been credited in full already, or the note would come to nothing."""


class CreditedMeanwhile(RuntimeError):
    """Something was credited since the person looked."""


class InvalidPayment(ValueError):
    """A payment is at least one cent, in whole cents, and is not made on a credit note."""


class ReferenceReused(ValueError):
    """Another payment carries this external reference: other invoice or other amount."""


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
    amount is kept apart as surplus. Money for a pro forma is booked on its invoice, which is issued now;
    where that cannot be, it is kept on the pro forma (`document_to_pay`). Raises InvalidPayment, and
    ReferenceReused when the reference belongs to another payment.
    """
    invoice = Invoice.documents.select_for_update().get(pk=invoice.pk)
    known = Payment.objects.filter(external_reference=external_reference).first()
    if known:
        owed = {invoice.pk, invoice.pro_forma_id}  # what is asked for, or by which it was asked before
        is_for_it = bool(owed & {known.invoice_id, known.invoice.pro_forma_id} - {None})
        if not is_for_it or known.amount != amount:
            raise ReferenceReused(external_reference)
        return known
    if amount <= 0 or amount > rules.HIGHEST_AMOUNT or cents(amount) != amount:
        raise InvalidPayment(f"{amount} EUR")
    if invoice.kind == Invoice.Kind.CREDIT_NOTE:
        raise InvalidPayment(invoice.number)
    invoice = document_to_pay(invoice, received=Received(amount, method), at=at, by=by)
    settled, credited = settled_amount(invoice), credited_amount(invoice)
    left = open_amount(invoice, settled=settled, credited=credited)
    part, surplus = split_payment(amount, left)
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
    # Of several payments the last day counts, which is not always that of the one booked last.
    paid_on = None if settled else received_on
    follow_invoice(invoice, paid_on=paid_on, at=at, settled=settled + part, credited=credited)
    if was_open and invoice.status == Invoice.Status.PAID:
        invoice_paid.send(
            Invoice, invoice_id=invoice.pk, reference=invoice.reference, at=at, by_id=by.pk if by else None
        )
    return payment


@transaction.atomic
def credit_invoice(
    *,
    invoice: Invoice,
    reason: str,
    at: datetime,
    by: User | None,
    amounts: Mapping[int, Decimal] | None = None,
    seen: Decimal | None = None,
    is_mailed: bool = True,
) -> Invoice:
    """Credit all that is left of an invoice, or parts of it, by a credit note; mail the note and return it.

    `amounts` are EUR without VAT, by the position of the line: at most what earlier notes left of it, and
    below zero for a line below zero. `seen` is what was credited, VAT included, when somebody decided this:
    a form that is sent twice counts once. What was paid above what is left is to be paid back
    (`open_amount` is negative). Raises NothingToCredit, CreditTooHigh and CreditedMeanwhile.
    """
    invoice = Invoice.objects.select_for_update().get(pk=invoice.pk)
    if invoice.kind == Invoice.Kind.CREDIT_NOTE or invoice.status == Invoice.Status.CREDITED:
        raise NothingToCredit(invoice.number)
    if seen is not None and seen != credited_amount(invoice):
        raise CreditedMeanwhile(invoice.number)
    lines, credited = credit_lines(invoice, amounts), credited_lines(invoice)
    was_open = invoice.status in Invoice.OPEN
    try:
        note = write_document(
            kind=rules.CREDIT_NOTE,
            customer=invoice.customer,
            details={name: getattr(invoice, name) for name in POSTAL_FIELDS},
            issuer=invoice.issuer,
            lines=lines,
            reference=invoice.reference,
            buyer_reference=invoice.buyer_reference,
            due_on=timezone.localdate(at),
            at=at,
            credits=invoice,
            credited=credited,
        )
    except NothingToInvoice as error:
        raise NothingToCredit(invoice.number) from error
    follow_invoice(invoice, at=at)
    is_whole = invoice.status == Invoice.Status.CREDITED
    data = {"note": note.number, "reason": reason, "gross": str(note.gross), "is_whole": is_whole}
    for document in (invoice, note):
        record(document, "billing.credit", by=by, at=at, data=data)
    if is_mailed:
        deliver_invoice(invoice=note, at=at, by=by)
    words: dict[str, Any] = {"invoice_id": invoice.pk, "reference": invoice.reference, "at": at}
    words["by_id"] = by.pk if by else None
    signal = invoice_credited if is_whole else invoice_reduced
    signal.send(Invoice, **words, credit_note_id=note.pk, reason=reason)
    if was_open and invoice.status == Invoice.Status.PAID:
        invoice_paid.send(Invoice, **words)
    return note
