"""Keeping and applying what Stripe tells. Each message is applied once, in a transaction of its own."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from billing.models import CheckoutAttempt, Invoice, Payment, StripeEvent
from billing.money import from_minor_units
from billing.operations.invoices import record_payment

Status = CheckoutAttempt.Status


class EventRefused(Exception):
    """The message contradicts our books: unknown invoice, other amount or currency. Staff must look."""


@transaction.atomic
def keep_event(*, event: dict[str, Any], at: datetime) -> StripeEvent | None:
    """Store a verified message; return None when it is known already."""
    kept, is_new = StripeEvent.objects.get_or_create(
        event_id=event["id"],
        defaults={"type": event["type"][:100], "payload": event, "received_at": at},
    )
    return kept if is_new else None


def apply_event(*, event: StripeEvent, at: datetime) -> StripeEvent:
    """Do what a kept message says, once. A failure is written on it, raised again, and undoes nothing else.

    Raises EventRefused where trying again does not help.
    """
    try:
        with transaction.atomic():
            event = StripeEvent.objects.select_for_update().get(pk=event.pk)
            if event.applied_at is None:
                event.outcome = _apply(event, at)[:200]
                event.applied_at, event.error = at, ""
                event.save(update_fields=["outcome", "applied_at", "error"])
    except Exception as error:
        StripeEvent.objects.filter(pk=event.pk, applied_at__isnull=True).update(
            error=f"{type(error).__name__}: {error}"[:1000]
        )
        raise
    return event


def _apply(event: StripeEvent, at: datetime) -> str:
    handlers = {
        "checkout.session.completed": _completed,
        "checkout.session.async_payment_succeeded": _paid,
        "checkout.session.async_payment_failed": _failed,
        "checkout.session.expired": _failed,
    }
    handler = handlers.get(event.type)
    if handler is None:
        return "nothing to do for this kind of message"
    session = event.payload["data"]["object"]
    if "invoice" not in (session.get("metadata") or {}):
        return "not about one of our invoices"
    attempt = _attempt_of(session)
    return handler(session, attempt, event, at)


def _attempt_of(session: dict[str, Any]) -> CheckoutAttempt:
    """Find the visit by what we gave Stripe to carry; the message may be faster than our own answer."""
    metadata = session["metadata"]
    try:
        attempt = CheckoutAttempt.objects.select_related("invoice").get(
            invoice=int(metadata["invoice"]), number=int(metadata["attempt"])
        )
    except (CheckoutAttempt.DoesNotExist, KeyError, ValueError, OverflowError) as error:
        raise EventRefused(f"no such attempt: {metadata}") from error
    if attempt.session_id not in (None, session["id"]):
        raise EventRefused(f"attempt {attempt} has another session")
    return attempt


def _completed(session: dict[str, Any], attempt: CheckoutAttempt, event: StripeEvent, at: datetime) -> str:
    """The payer is through; a bank debit is not paid yet."""
    if session["payment_status"] == "paid":
        return _paid(session, attempt, event, at)
    # Only from a state before: the outcome of the debit may have come first.
    _move(attempt, Status.PENDING, unless=(Status.PAID, Status.FAILED))
    return "waiting for the bank"


def _paid(session: dict[str, Any], attempt: CheckoutAttempt, event: StripeEvent, at: datetime) -> str:
    if session["payment_status"] != "paid":
        raise EventRefused(f"payment status {session['payment_status']}")
    if session["currency"] != "eur" or from_minor_units(session["amount_total"]) != attempt.amount:
        raise EventRefused(
            f"{session['amount_total']} {session['currency']} was paid, {attempt.amount} EUR was asked"
        )
    invoice: Invoice = attempt.invoice
    amount: Decimal = attempt.amount
    paid_at = datetime.fromtimestamp(event.payload["created"], UTC)
    record_payment(
        invoice=invoice,
        amount=amount,
        method=Payment.Method.STRIPE,
        received_on=timezone.localdate(paid_at),
        external_reference=f"stripe:{session.get('payment_intent') or session['id']}",
        by=None,
        at=at,
    )
    _move(attempt, Status.PAID, unless=())
    return f"{amount} EUR recorded on {invoice.number}"


def _failed(session: dict[str, Any], attempt: CheckoutAttempt, event: StripeEvent, at: datetime) -> str:
    """The debit was refused, or nobody paid in time: the invoice simply stays open."""
    _move(attempt, Status.FAILED, unless=(Status.PAID,))
    return f"{attempt.invoice.number} stays open"


def _move(attempt: CheckoutAttempt, status: str, unless: tuple[str, ...]) -> None:
    CheckoutAttempt.objects.filter(pk=attempt.pk).exclude(status__in=unless).update(status=status)
