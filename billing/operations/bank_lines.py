"""What becomes of the lines of bank files: payments by reference or by amount, by hand, or set aside."""

import logging
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from accounts.models import User
from billing.models import BankAllocation, BankEntry, BankFile, Invoice, Payment
from billing.operations.invoices import record_payment
from billing.queries import entries_by_amount, entries_by_reference, open_amount
from cms.log import record

Status, Method = BankEntry.Status, BankAllocation.Method
log = logging.getLogger(__name__)


class EntryIsDone(RuntimeError):
    """The line is settled, set aside or not set aside any more: somebody was faster, or it was sent twice."""


class TooMuchAssigned(ValueError):
    """No more goes to an invoice than what is left of the line, and at least one cent."""


class ReasonMissing(ValueError):
    """What somebody decides about a line has a reason."""


def match_entries(*, at: datetime, by: User | None, limit: int | None = None) -> int:
    """Turn lines that wait into payments, where the invoice is certain. Returns how many, at most `limit`.

    First by structured communication, whatever the amount: partly paid stays open, too much is a surplus.
    Then by a payer's account that is known of a customer and the exact open amount of exactly one invoice.
    Each line is applied in a transaction of its own; one that fails keeps the error and stays in the queue.
    Lines in doubt are left to somebody. Never call it inside a transaction.
    """
    done = 0
    for method, found in ((Method.REFERENCE, entries_by_reference), (Method.AMOUNT, entries_by_amount)):
        for entry_id, invoice_id in found():
            if limit is not None and done >= limit:
                return done
            done += _match(entry_id, invoice_id, method=method, at=at, by=by)
    return done


def _match(entry_id: int, invoice_id: int, *, method: str, at: datetime, by: User | None) -> bool:
    """Apply one line, unless it or the invoice changed meanwhile."""
    try:
        with transaction.atomic():
            entry = BankEntry.objects.select_for_update().get(pk=entry_id)
            if entry.status != Status.WAITING or entry.doubt or entry.assigned:
                return False
            invoice = Invoice(pk=invoice_id)  # `record_payment` locks and reads it
            if method == Method.AMOUNT:
                invoice = Invoice.documents.select_for_update().get(pk=invoice_id)
                if open_amount(invoice) != entry.amount:
                    return False
            _pay(entry, invoice, entry.amount, after=0, method=method, reason="", at=at, by=by)
    except Exception as error:
        log.exception("bank line %s could not be applied", entry_id)
        message = f"{type(error).__name__}: {error}"[:1000]
        BankEntry.objects.filter(pk=entry_id, status=Status.WAITING).update(error=message)
        return False
    return True


@transaction.atomic
def assign_entry(
    *,
    entry: BankEntry,
    invoice: Invoice,
    amount: Decimal,
    reason: str,
    at: datetime,
    by: User | None,
    seen: int | None = None,
) -> Payment:
    """Pay an invoice with a line, or a part of it, in EUR, as somebody decided; the rest keeps waiting.

    What exceeds the open amount is a surplus of the payer's. `seen` is in how many parts the line had been
    assigned when the person decided: sent twice, it counts once. A mistake is undone by `undo_payment`.
    Raises EntryIsDone, TooMuchAssigned, ReasonMissing, and InvalidPayment for a credit note.
    """
    if not reason.strip():
        raise ReasonMissing
    entry = BankEntry.objects.select_for_update().get(pk=entry.pk)
    parts = entry.allocations.count()
    if entry.status != Status.WAITING or (seen is not None and parts != seen):
        raise EntryIsDone(entry.key)
    if not Decimal(0) < amount <= entry.left:
        raise TooMuchAssigned(f"{amount} EUR")
    payment = _pay(entry, invoice, amount, after=parts, method=Method.HAND, reason=reason, at=at, by=by)
    data = {"invoice": invoice.number, "amount": str(amount), "reason": reason}
    record(entry, "billing.bank_assign", by=by, at=at, data=data)
    return payment


@transaction.atomic
def set_aside_entry(*, entry: BankEntry, reason: str, at: datetime, by: User | None) -> None:
    """Take a line out of the queue: not ours, a cost of the bank, a refund. Its money goes to no invoice.

    Of a line that was assigned in part, the rest is set aside. Raises EntryIsDone and ReasonMissing.
    """
    if not reason.strip():
        raise ReasonMissing
    entry = _waiting(entry, Status.WAITING)
    change_entry(entry, status=Status.SET_ASIDE, reason=reason, at=at, by=by)
    record(entry, "billing.bank_set_aside", by=by, at=at, data={"reason": reason})


@transaction.atomic
def take_back_entry(*, entry: BankEntry, reason: str, at: datetime, by: User | None) -> None:
    """Put a line that was set aside in the queue again. Raises EntryIsDone and ReasonMissing."""
    if not reason.strip():
        raise ReasonMissing
    entry = _waiting(entry, Status.SET_ASIDE)
    change_entry(entry, status=Status.WAITING, reason="", at=at, by=by)
    record(entry, "billing.bank_take_back", by=by, at=at, data={"reason": reason})


@transaction.atomic
def set_aside_debits(*, file: BankFile, reason: str, at: datetime, by: User | None) -> int:
    """Set aside all that went out and still waits in a file, with one reason. Returns how many lines."""
    debits = file.entries.filter(status=Status.WAITING, amount__lt=0).order_by("pk")
    count = 0
    for entry in debits.select_for_update():
        set_aside_entry(entry=entry, reason=reason, at=at, by=by)
        count += 1
    return count


def _waiting(entry: BankEntry, status: str) -> BankEntry:
    """Lock a line that is in a state."""
    locked: BankEntry = BankEntry.objects.select_for_update().get(pk=entry.pk)
    if locked.status != status:
        raise EntryIsDone(locked.key)
    return locked


def change_entry(entry: BankEntry, *, status: str, reason: str, at: datetime, by: User | None) -> None:
    """Write what became of a locked line, with what of it is assigned."""
    is_done = status != Status.WAITING
    entry.status, entry.reason, entry.error = status, reason[:300], ""
    entry.settled_at, entry.settled_by = (at, by) if is_done else (None, None)
    entry.save(update_fields=["assigned", "doubt", "status", "reason", "error", "settled_at", "settled_by"])


def _pay(
    entry: BankEntry,
    invoice: Invoice,
    amount: Decimal,
    *,
    after: int,
    method: str,
    reason: str,
    at: datetime,
    by: User | None,
) -> Payment:
    """Record a part of a locked line as a payment, after so many; the line's key lets it count once."""
    payment = record_payment(
        invoice=invoice,
        amount=amount,
        method=Payment.Method.TRANSFER,
        received_on=entry.booked_on,
        external_reference=f"{entry.key}#{after + 1}" if after else entry.key,
        note=reason[:300],
        by=by,
        at=at,
    )
    BankAllocation.objects.create(
        entry=entry, payment=payment, method=method, reason=reason[:300], created_at=at
    )
    entry.assigned += amount
    is_settled = entry.assigned == entry.amount
    change_entry(entry, status=Status.SETTLED if is_settled else Status.WAITING, reason="", at=at, by=by)
    return payment
