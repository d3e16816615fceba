"""Asking for money before there is an invoice, which is issued when the money is there (docs/adr/0018).

A pro forma stands in no book. It ends in an invoice, or is withdrawn.
"""

import logging
from collections.abc import Sequence
from datetime import datetime

from django.db import DatabaseError, transaction
from django.db.models import Sum
from django.utils import timezone

from accounts.models import User
from billing import rules
from billing.models import Customer, Invoice, Issuer, Reversal
from billing.models.customers import POSTAL_FIELDS
from billing.models.issuer import IssuerIncomplete
from billing.money import split_payment
from billing.operations.delivery import deliver_invoice
from billing.operations.issuing import VatUnconfirmed, draw_up, issue_invoice
from billing.operations.vat_checks import want_vat_check
from billing.operations.writing import NothingToInvoice, Received, follow_invoice
from billing.queries import ZERO, left_of_payment, with_left
from billing.rules import DraftLine, InvalidLine, SeriesIsFull
from billing.signals import invoice_paid, pro_forma_withdrawn
from cms.log import record
from cms.operations.periodic import each

CANNOT_BE_ISSUED = (VatUnconfirmed, IssuerIncomplete, SeriesIsFull, NothingToInvoice, InvalidLine)
"""What stands in the way of an invoice until somebody mends it."""

log = logging.getLogger(__name__)


class ProFormaIsDone(ValueError):
    """The pro forma was withdrawn, or its invoice was issued, meanwhile."""


class ReasonMissing(ValueError):
    """What is withdrawn is withdrawn for a reason."""


@transaction.atomic
def ask_payment_first(
    *,
    customer: Customer,
    lines: Sequence[DraftLine],
    reference: str,
    at: datetime,
    by: User | None,
    details: dict[str, str] | None = None,
) -> Invoice:
    """Ask a customer for money by a pro forma, and mail it; the invoice is issued when the money is there.

    `reference` says what it is for and comes back in the signals of the invoice. The lines name no VAT
    treatment and no ledger account: those of the day of the invoice hold. `details` as in `issue_invoice`.
    Raises what that raises.
    """
    if any(line.vat_treatment or line.ledger_account for line in lines):
        raise InvalidLine("the VAT treatment and account of a pro forma are those of its invoice")
    issuer = Issuer.load()
    pro_forma = draw_up(
        kind=rules.PRO_FORMA,
        customer=customer,
        details={name: getattr(customer, name) for name in POSTAL_FIELDS} | (details or {}),
        issuer=issuer,
        lines=lines,
        reference=reference,
        due_on=rules.due_date(timezone.localdate(at), issuer.payment_days),
        at=at,
    )
    record(pro_forma, "billing.ask", by=by, at=at, data={"gross": str(pro_forma.gross)})
    deliver_invoice(invoice=pro_forma, at=at, by=by)
    return pro_forma


@transaction.atomic
def invoice_pro_forma(
    *, pro_forma: Invoice, at: datetime, by: User | None, received: Received | None = None
) -> Invoice:
    """Issue the invoice of a pro forma, today and as VAT is treated today; what came in for it is paid of it.

    For the same lines, prices and customer's details. `received` is money that the caller books on the
    invoice in this same transaction. Done before, it returns that invoice. Raises ProFormaIsDone when it was
    withdrawn, and what `issue_invoice` raises.
    """
    pro_forma = Invoice.documents.select_for_update().get(pk=pro_forma.pk)
    if made := Invoice.objects.select_for_update().filter(pro_forma=pro_forma).first():
        return made
    if pro_forma.status not in Invoice.UNDECIDED:
        raise ProFormaIsDone(pro_forma.number)
    had_money = pro_forma.status == Invoice.Status.RECEIVED
    invoice = issue_invoice(
        customer=pro_forma.customer,
        lines=[
            DraftLine(
                text=line.text,
                unit_price=line.unit_price,
                quantity=line.quantity,
                unit=line.unit,
                period_from=line.period_from,
                period_to=line.period_to,
                reference=line.reference,
            )
            for line in pro_forma.lines.all()
        ],
        reference=pro_forma.reference,
        details={name: getattr(pro_forma, name) for name in POSTAL_FIELDS},
        buyer_reference=pro_forma.buyer_reference,
        pro_forma=pro_forma,
        received=_with_kept(pro_forma, received) if had_money else received,
        at=at,
        by=by,
    )
    pro_forma.status = Invoice.Status.INVOICED
    pro_forma.save(update_fields=["status"])
    record(pro_forma, "billing.invoice_pro_forma", by=by, at=at, data={"invoice": invoice.number})
    if had_money:
        _move_payments(pro_forma, invoice, at=at, by=by)
    return invoice


def document_to_pay(document: Invoice, *, received: Received, at: datetime, by: User | None) -> Invoice:
    """Return, locked, the document on which money that is received for a locked document is booked.

    For a pro forma that is its invoice, issued now, which says that so much is paid. Where it was withdrawn,
    or its invoice cannot be issued, the money stays on the pro forma itself, for staff to see; so money is
    never refused, whatever is wrong.
    """
    if not document.is_pro_forma or document.status == Invoice.Status.WITHDRAWN:
        return document
    try:
        with transaction.atomic():
            return invoice_pro_forma(pro_forma=document, received=received, at=at, by=by)
    except DatabaseError:
        raise  # such as a deadlock: what brings the money is tried again
    except Exception as error:
        log.exception("the invoice of %s could not be issued", document.number)
        why = f"{type(error).__name__}: {error}"[:300]
        record(document, "billing.invoice_waits", at=at, data={"why": why})
        if isinstance(error, VatUnconfirmed):
            want_vat_check(customer=document.customer, vat_number=str(error), at=at)
        return document


@transaction.atomic
def withdraw_pro_forma(*, pro_forma: Invoice, reason: str, at: datetime, by: User | None) -> Invoice:
    """Ask for the money no more, with a reason. What came in, or comes in later, is to be paid back.

    Raises ProFormaIsDone and ReasonMissing.
    """
    if not reason.strip():
        raise ReasonMissing
    pro_forma = Invoice.documents.select_for_update().get(pk=pro_forma.pk)
    if pro_forma.status not in Invoice.UNDECIDED or not pro_forma.is_pro_forma:
        raise ProFormaIsDone(pro_forma.number)
    pro_forma.status = Invoice.Status.WITHDRAWN
    pro_forma.save(update_fields=["status"])
    record(pro_forma, "billing.withdraw", by=by, at=at, data={"reason": reason})
    pro_forma_withdrawn.send(
        Invoice,
        invoice_id=pro_forma.pk,
        reference=pro_forma.reference,
        reason=reason,
        at=at,
        by_id=by.pk if by else None,
    )
    return pro_forma


def invoice_received(at: datetime) -> int:
    """Issue the invoices that could not be issued when their money came in. Returns how many could be now."""
    waiting = Invoice.documents.filter(kind=rules.PRO_FORMA, status=Invoice.Status.RECEIVED).order_by("pk")

    def issue(pro_forma: Invoice) -> bool:
        try:
            with transaction.atomic():
                invoice_pro_forma(pro_forma=pro_forma, at=at, by=None)
        except CANNOT_BE_ISSUED:
            return False  # the desk shows it
        return True

    return each(waiting, issue)


def _with_kept(pro_forma: Invoice, received: Received | None) -> Received:
    """Add up what is kept on a pro forma, without what went back, and what comes in now.

    A payment of which nothing is left says nothing of how it was paid.
    """
    kept = list(with_left(pro_forma.payments.order_by("received_on", "pk")).filter(left__gt=0))
    amount = sum((payment.left for payment in kept), received.amount if received else ZERO)
    return Received(amount, received.method if received else kept[-1].method)


def _move_payments(pro_forma: Invoice, invoice: Invoice, *, at: datetime, by: User | None) -> None:
    """Let what came in for a pro forma settle its invoice, and tell it."""
    left, last = invoice.gross, None
    for payment in pro_forma.payments.order_by("received_on", "pk"):
        kept = left_of_payment(payment)
        part, surplus = split_payment(kept, left)
        counting = payment.reversals.filter(status__in=Reversal.COUNTS)
        payment.surplus = surplus + (counting.aggregate(sum=Sum("of_surplus"))["sum"] or ZERO)
        payment.invoice, left, last = invoice, left - part, payment.received_on if kept else last
        payment.save(update_fields=["invoice", "surplus"])
    follow_invoice(invoice, at=at, paid_on=last)
    if invoice.status == Invoice.Status.PAID:
        invoice_paid.send(
            Invoice, invoice_id=invoice.pk, reference=invoice.reference, at=at, by_id=by.pk if by else None
        )
