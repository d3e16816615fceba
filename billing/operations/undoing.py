"""Undoing payments that were booked in error, or that the payer's bank took back (docs/adr/0022).

A payment is never moved or removed: what undoes it stands beside it, and its invoice is open again.
"""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from accounts.models import User
from billing.models import BankAllocation, BankEntry, Invoice, Payment, Reversal
from billing.operations.bank_lines import EntryIsDone, ReasonMissing, change_entry
from billing.operations.reversals import follow_money, write_reversal
from billing.queries import left_of_payment
from cms.log import record

Kind, Status = Reversal.Kind, Reversal.Status


class ByStripe(ValueError):
    """What came through Stripe goes back through Stripe: paid back there, or disputed by the payer."""


class NoTransfer(ValueError):
    """A bank takes back what was transferred, and nothing else."""


class NothingLeft(ValueError):
    """Of this payment nothing is left that could be undone."""


class TakenBackTooEarly(ValueError):
    """A bank takes nothing back before it came in."""


def undo_key(payment: Payment) -> str:
    """Return the key under which a payment is undone once, whole and by hand."""
    return f"undo:{payment.pk}"


@transaction.atomic
def undo_payment(
    *, payment: Payment, kind: str, returned_on: date, reason: str, at: datetime, by: User | None
) -> Reversal:
    """Let what is left of a payment count no more: a Kind.MISTAKE, or a Kind.RECALL by the bank on a day.

    A mistake never happened: it is of the day of the payment, and a bank line gives back what it paid, waits
    again and is matched by nobody but staff. The invoice opens again, and what hangs on it follows. The payer
    is not told. Done before, it returns that. Raises ReasonMissing, ByStripe, NoTransfer where a recall is of
    something else, NothingLeft and TakenBackTooEarly.
    """
    allocation = BankAllocation.objects.filter(payment=payment).first()
    if allocation and kind == Kind.MISTAKE:
        # The line before the invoice, as where it is assigned: two people never wait for each other.
        allocation.entry = BankEntry.objects.select_for_update().get(pk=allocation.entry_id)
    payment = _lock(payment)
    if known := Reversal.objects.filter(key=undo_key(payment)).first():
        return known
    reversal = _undo(
        payment,
        kind=kind,
        amount=left_of_payment(payment),
        returned_on=payment.received_on if kind == Kind.MISTAKE else returned_on,
        reason=reason,
        key=undo_key(payment),
        at=at,
        by=by,
    )
    if allocation and kind == Kind.MISTAKE:
        _give_back(allocation.entry, reversal, at=at, by=by)
    return reversal


@transaction.atomic
def undo_by_line(
    *, entry: BankEntry, payment: Payment, reason: str, seen: Decimal, at: datetime, by: User | None
) -> Reversal:
    """Let a line that went out take back a payment, or as much of it as the line comes to.

    What is left of the line keeps waiting: a transfer that was assigned in parts is taken back in parts.
    `seen` is what had been taken back with it when somebody decided: sent twice, it counts once. Raises
    EntryIsDone, and what `undo_payment` raises.
    """
    entry = BankEntry.objects.select_for_update().get(pk=entry.pk)
    if entry.status != BankEntry.Status.WAITING or entry.is_credit or entry.assigned != seen:
        raise EntryIsDone(entry.key)
    payment = _lock(payment)
    reversal = _undo(
        payment,
        kind=Kind.RECALL,
        amount=min(entry.taking_back, left_of_payment(payment)),
        returned_on=entry.booked_on,
        reason=reason,
        key=f"bank:{entry.key}#{entry.reversals.count() + 1}",
        bank_entry=entry,
        at=at,
        by=by,
    )
    entry.assigned -= reversal.amount
    is_settled = entry.assigned == entry.amount
    status = BankEntry.Status.SETTLED if is_settled else BankEntry.Status.WAITING
    change_entry(entry, status=status, reason="", at=at, by=by)
    _tell_line(entry, "billing.bank_recall", reversal, at=at, by=by)
    return reversal


def _lock(payment: Payment) -> Payment:
    """Lock the document of a payment, which follows from a pro forma to its invoice, and read it anew."""
    Invoice.documents.select_for_update().get(pk=payment.invoice_id)
    payment = Payment.objects.get(pk=payment.pk)
    payment.invoice = Invoice.documents.select_for_update().get(pk=payment.invoice_id)
    return payment


def _undo(
    payment: Payment,
    *,
    kind: str,
    amount: Decimal,
    returned_on: date,
    reason: str,
    key: str,
    at: datetime,
    by: User | None,
    bank_entry: BankEntry | None = None,
) -> Reversal:
    """Write it for a payment whose document is locked, and let the document follow."""
    if not reason.strip():
        raise ReasonMissing
    if payment.method == Payment.Method.STRIPE:
        raise ByStripe(payment.external_reference)
    if kind == Kind.RECALL and payment.method != Payment.Method.TRANSFER:
        raise NoTransfer(payment.external_reference)
    if amount <= 0:
        raise NothingLeft(payment.external_reference)
    if returned_on < payment.received_on:
        raise TakenBackTooEarly(returned_on.isoformat())
    reversal = write_reversal(
        payment,
        kind=kind,
        amount=amount,
        method=payment.method,
        returned_on=returned_on,
        reason=reason[:300],
        key=key,
        bank_entry=bank_entry,
        status=Status.DONE,
        settled_at=at,
        by=by,
        at=at,
    )
    follow_money(payment.invoice, at=at, reason=reason, by=by, kind=kind)
    return reversal


def _give_back(entry: BankEntry, reversal: Reversal, *, at: datetime, by: User | None) -> None:
    """Let a locked line wait again for what it had paid in error, also where its rest was set aside.

    Its reference or its account misled once: where it belongs is somebody's to decide.
    """
    entry.assigned -= reversal.amount
    entry.doubt = entry.doubt or BankEntry.Doubt.GIVEN_BACK
    change_entry(entry, status=BankEntry.Status.WAITING, reason="", at=at, by=by)
    _tell_line(entry, "billing.bank_give_back", reversal, at=at, by=by)


def _tell_line(entry: BankEntry, action: str, reversal: Reversal, *, at: datetime, by: User | None) -> None:
    data = {
        "invoice": reversal.payment.invoice.number,
        "amount": str(reversal.amount),
        "reason": reversal.reason,
    }
    record(entry, action, by=by, at=at, data=data)
