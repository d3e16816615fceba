"""Money of a payment that went back: what is kept of it, and what Stripe tells of refunds and disputes."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from billing.models import Invoice, Payment, Reversal
from billing.money import from_minor_units
from billing.operations.notices import tell_refund, tell_returned
from billing.operations.plans import plan_anew
from billing.operations.writing import follow_invoice
from billing.queries import surplus_amount
from billing.signals import invoice_paid, invoice_reopened
from cms.log import record

Kind, Status = Reversal.Kind, Reversal.Status

REFUNDS = {
    "pending": Status.PENDING,
    "requires_action": Status.PENDING,
    "succeeded": Status.DONE,
    "failed": Status.FAILED,
    "canceled": Status.FAILED,
}
"""What the states of a refund at Stripe mean (docs.stripe.com/api/refunds/object)."""
DISPUTES = {
    "needs_response": Status.PENDING,
    "under_review": Status.PENDING,
    "lost": Status.DONE,
    "won": Status.FAILED,
    "prevented": Status.FAILED,
}
"""What the states of a dispute at Stripe mean (docs.stripe.com/api/disputes/object)."""
RANKS = (Status.QUEUED, Status.PENDING, Status.DONE, Status.FAILED)
"""What comes after what, where two messages bear the same second."""


@transaction.atomic
def follow_refund(*, payment: Payment, refund: dict[str, Any], told_at: datetime, at: datetime) -> str:
    """Do what Stripe says about a refund, one of ours or one that was made on its own pages.

    Returns what became of it. News that is older than what is known changes nothing.
    """
    status = REFUNDS.get(str(refund.get("status")), Status.PENDING)
    return _hear(
        payment,
        Kind.REFUND,
        refund,
        status=status,
        error=str(refund.get("failure_reason") or ""),
        told_at=told_at,
        at=at,
    )


@transaction.atomic
def follow_dispute(*, payment: Payment, dispute: dict[str, Any], told_at: datetime, at: datetime) -> str:
    """Do what Stripe says about a dispute: the payer's bank takes the money back, unless we win it.

    Returns what became of it. A mere inquiry takes nothing.
    """
    status = DISPUTES.get(str(dispute.get("status")))
    if status is None:
        return f"an inquiry ({dispute.get('status')}): nothing was taken back"
    error = "" if status != Status.FAILED else str(dispute["status"])
    return _hear(payment, Kind.DISPUTE, dispute, status=status, error=error, told_at=told_at, at=at)


def _hear(
    payment: Payment,
    kind: str,
    thing: dict[str, Any],
    *,
    status: str,
    error: str,
    told_at: datetime,
    at: datetime,
) -> str:
    """Write down what Stripe tells of a refund or dispute, known or not."""
    invoice = payment.invoice = Invoice.documents.select_for_update().get(pk=payment.invoice_id)
    reversal = _known(payment, thing)
    if reversal is None:
        reversal = write_reversal(
            payment,
            kind=kind,
            amount=from_minor_units(thing["amount"]),
            method=Payment.Method.STRIPE,
            returned_on=timezone.localdate(_gone_at(kind, thing, told_at)),
            reason=str(thing.get("reason") or ""),
            key=f"stripe:{thing['id']}",
            status=status,
            external_id=thing["id"],
            told_at=told_at,
            error=error,
            settled_at=None if status == Status.PENDING else at,
            by=None,
            at=at,
        )
        follow_money(invoice, at=at, by=None, reason=str(reversal.get_kind_display()))
        if status in Reversal.COUNTS:
            tell = tell_refund if kind == Kind.REFUND else tell_returned
            tell(reversal=reversal, at=at)
        return f"{reversal} of {invoice.number}: {status}"
    known = (reversal.told_at, RANKS.index(Status(reversal.status)))
    if reversal.told_at and (told_at, RANKS.index(Status(status))) <= known:
        return f"{reversal} of {invoice.number}: known, {reversal.status}"
    settle_reversal(reversal, status, at=at, error=error, external_id=thing["id"], told_at=told_at)
    return f"{reversal} of {invoice.number}: {status}"


def _gone_at(kind: str, thing: dict[str, Any], told_at: datetime) -> datetime:
    """Return when the money went: the last message of it may be the first that we hear.

    A refund goes when it is made; a dispute may begin as an inquiry, and takes the money by the first of its
    balance transactions.
    """
    movements = thing.get("balance_transactions") or []
    days = [each.get("created") for each in movements if isinstance(each, dict)]
    if kind == Kind.REFUND:
        days = [thing.get("created")]
    known = [each for each in days if isinstance(each, int)]
    return datetime.fromtimestamp(min(known), UTC) if known else told_at


def _known(payment: Payment, thing: dict[str, Any]) -> Reversal | None:
    reversals = Reversal.objects.filter(payment=payment)
    ours = (thing.get("metadata") or {}).get("reversal", "")
    if ours.isdigit() and (found := reversals.filter(pk=int(ours)).first()):
        return found
    return reversals.filter(external_id=thing["id"]).first()


def write_reversal(
    payment: Payment, *, amount: Decimal, by: User | None, at: datetime, **fields: Any
) -> Reversal:
    """Store it and log it; what was paid too much goes back first."""
    counts = fields["status"] in Reversal.COUNTS
    of_surplus = min(amount, surplus_amount(payment.invoice)) if counts else Decimal(0)
    reversal: Reversal = Reversal.objects.create(
        payment=payment, amount=amount, of_surplus=of_surplus, recorded_by=by, recorded_at=at, **fields
    )
    _log(reversal, by=by, at=at)
    return reversal


@transaction.atomic
def settle_reversal(reversal: Reversal, status: str, *, at: datetime, error: str, **fields: Any) -> None:
    """Bring a reversal, and what hangs on its invoice, to a state; the payer hears that it is under way."""
    invoice = Invoice.documents.select_for_update().get(pk=reversal.payment.invoice_id)
    reversal = Reversal.objects.select_related("payment").get(pk=reversal.pk)
    reversal.payment.invoice = invoice
    was = reversal.status
    if reversal.told_at and "told_at" not in fields:
        status, error = was, reversal.error  # a message was faster than the answer
    for name, value in fields.items():
        setattr(reversal, name, value)
    reversal.status, reversal.error = status, error[:1000]
    reversal.settled_at = None if status in (Status.QUEUED, Status.PENDING) else at
    reversal.save(update_fields=Reversal.MUTABLE)
    if status == was:
        return
    _log(reversal, by=None, at=at)
    follow_money(invoice, at=at, by=None, reason=reversal.error or str(reversal.get_kind_display()))
    if was == Status.QUEUED and status != Status.FAILED:
        tell_refund(reversal=reversal, at=at)


def follow_money(invoice: Invoice, *, at: datetime, by: User | None, reason: str, kind: str = "") -> None:
    """Open a paid invoice again, or close it again, and tell the apps above. `kind` is that of a Reversal."""
    was = invoice.status
    if was == Invoice.Status.PAID and kind in (Kind.MISTAKE, Kind.RECALL, Kind.DISPUTE):
        invoice.paid_on = None  # where another payment keeps it paid, it was by that one
    follow_invoice(invoice, at=at)
    words: dict[str, Any] = {"invoice_id": invoice.pk, "reference": invoice.reference, "at": at}
    words["by_id"] = by.pk if by else None
    if was == Invoice.Status.PAID and invoice.status in Invoice.OPEN:
        record(invoice, "billing.reopen", by=by, at=at, data={"reason": reason, "kind": kind})
        if kind == Kind.MISTAKE:  # before the apps above hear of it, who tell the payer how it is paid
            plan_anew(invoice=invoice, at=at, by=by)
        invoice_reopened.send(Invoice, **words, reason=reason)
    elif was in Invoice.OPEN and invoice.status == Invoice.Status.PAID:
        invoice_paid.send(Invoice, **words)


def _log(reversal: Reversal, *, by: User | None, at: datetime) -> None:
    data = {
        "kind": str(reversal.kind),
        "amount": str(reversal.amount),
        "method": str(reversal.method),
        "status": str(reversal.status),
        "reason": reversal.error or reversal.reason,
    }
    record(reversal.payment.invoice, "billing.reversal", by=by, at=at, data=data)
