"""Keeping and applying what Stripe tells. Each message is applied once, in a transaction of its own."""

import logging
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from billing.gateways.stripe import API_VERSION
from billing.models import CheckoutAttempt, Invoice, Payment, StripeEvent
from billing.money import from_minor_units
from billing.operations.charge_outcomes import ChargeContradicts
from billing.operations.invoices import record_payment
from billing.operations.means_news import OF_CHARGES, OF_MEANS, hear_of_charge, hear_of_means, hear_of_setup
from billing.operations.notices import tell_debit_refused
from billing.operations.reversals import follow_dispute, follow_refund
from billing.queries import followed
from billing.rules import STRIPE
from billing.signals import means_promised

Status = CheckoutAttempt.Status
MONEY_BACK = (
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.refund.updated",
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
    "charge.dispute.closed",
)
"""Messages about a refund or a dispute; each holds the whole of it as it was then."""

log = logging.getLogger(__name__)


class EventRefused(Exception):
    """The message contradicts our books: unknown invoice, other amount or currency. Staff must look."""


@transaction.atomic
def keep_event(*, event: dict[str, Any], at: datetime) -> StripeEvent | None:
    """Store a verified message; return None when it is known already.

    One in another version of the API than ours is kept and applied all the same, and the log says so: the
    endpoint at Stripe decides in which version it tells.
    """
    kept, is_new = StripeEvent.objects.get_or_create(
        event_id=event["id"],
        defaults={"type": event["type"][:100], "payload": event, "received_at": at},
    )
    if is_new and (note := _version_note(kept)):
        log.warning("Stripe's message %s %s", kept.event_id, note)
    return kept if is_new else None


def apply_event(*, event: StripeEvent, at: datetime) -> StripeEvent:
    """Do what a kept message says, once. A failure is written on it, raised again, and undoes nothing else.

    Raises EventRefused where trying again does not help.
    """
    try:
        with transaction.atomic():
            event = StripeEvent.objects.select_for_update().get(pk=event.pk)
            if event.applied_at is None:
                note = _version_note(event)
                event.outcome = _apply(event, at)[: 200 - len(note) - 2] + (f"; {note}" if note else "")
                event.applied_at, event.error = at, ""
                event.save(update_fields=["outcome", "applied_at", "error"])
    except Exception as error:
        StripeEvent.objects.filter(pk=event.pk, applied_at__isnull=True).update(
            error=f"{type(error).__name__}: {error}"[:1000]
        )
        raise
    return event


def _version_note(event: StripeEvent) -> str:
    """Say in which version of the API a message came, where it is not ours."""
    version = str(event.payload.get("api_version") or API_VERSION)
    return "" if version == API_VERSION else f"told in version {version[:40]}, read as {API_VERSION}"


def _apply(event: StripeEvent, at: datetime) -> str:
    if event.type in MONEY_BACK:
        thing = event.payload["data"]["object"]
        payment = Payment.objects.filter(external_reference=f"{STRIPE}{thing.get('payment_intent')}").first()
        return _went_back(payment, event, at) if payment else "not about a payment that we know by now"
    if event.type in (*OF_CHARGES, *OF_MEANS) or _is_setup(event):
        return _hear(event, at)
    handlers = {
        "checkout.session.completed": _completed,
        "checkout.session.async_payment_succeeded": _paid,
        "checkout.session.async_payment_failed": _failed,
        "checkout.session.expired": _failed,
    }
    handler = handlers.get(event.type)
    if handler is None:
        return "nothing to do for this kind of message"
    thing = event.payload["data"]["object"]
    if "invoice" not in (thing.get("metadata") or {}):
        return "not about one of our invoices"
    return handler(thing, _attempt_of(thing), event, at)


def _is_setup(event: StripeEvent) -> bool:
    if event.type != "checkout.session.completed":
        return False
    thing = event.payload["data"]["object"]
    return thing.get("mode") == "setup" and "setup" in (thing.get("metadata") or {})


def _hear(event: StripeEvent, at: datetime) -> str:
    """Follow what is saved, and what is charged without its payer."""
    thing: dict[str, Any] = event.payload["data"]["object"]
    words: dict[str, Any] = {"kind": event.type, "told_at": _told_at(event), "at": at}
    try:
        if event.type in OF_MEANS:
            return hear_of_means(thing=thing, **words)
        if event.type not in OF_CHARGES:
            return hear_of_setup(session=thing)
        said = hear_of_charge(intent=thing, **words)
    except ChargeContradicts as contradiction:
        raise EventRefused(str(contradiction)) from contradiction
    payment = Payment.objects.filter(external_reference=f"{STRIPE}{thing['id']}").first()
    if payment and event.type == "payment_intent.succeeded":
        catch_up(payment=payment, intent=thing["id"], at=at)
    return said


def _went_back(payment: Payment, event: StripeEvent, at: datetime) -> str:
    thing = event.payload["data"]["object"]
    if thing["currency"] != "eur":
        raise EventRefused(f"{thing['amount']} {thing['currency']} went back, EUR was paid")
    words: dict[str, Any] = {"payment": payment, "told_at": _told_at(event), "at": at}
    if thing["object"] == "refund":
        return follow_refund(refund=thing, **words)
    return follow_dispute(dispute=thing, **words)


def _told_at(event: StripeEvent) -> datetime:
    return datetime.fromtimestamp(event.payload["created"], UTC)


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
    paid_at = _told_at(event)
    payment = record_payment(
        invoice=invoice,
        amount=amount,
        method=Payment.Method.STRIPE,
        received_on=timezone.localdate(paid_at),
        external_reference=f"stripe:{session.get('payment_intent') or session['id']}",
        by=None,
        at=at,
    )
    _move(attempt, Status.PAID, unless=())
    if attempt.saves_means and (intent := session.get("payment_intent")):
        CheckoutAttempt.objects.filter(pk=attempt.pk).update(intent_id=intent)
        means_promised.send(CheckoutAttempt, attempt_id=attempt.pk)
    if intent := session.get("payment_intent"):
        catch_up(payment=payment, intent=intent, at=at)
    return f"{amount} EUR recorded on {payment.invoice.number}"


def catch_up(*, payment: Payment, intent: str, at: datetime) -> None:
    """Apply what was told of money that went back before the payment itself was told."""
    earlier = StripeEvent.objects.filter(type__in=MONEY_BACK, payload__data__object__payment_intent=intent)
    for event in earlier.order_by("payload__created", "pk"):
        _went_back(payment, event, at)


def _failed(session: dict[str, Any], attempt: CheckoutAttempt, event: StripeEvent, at: datetime) -> str:
    """The debit was refused, of which the payer is told; or nobody paid in time: the invoice stays open."""
    moved = _move(attempt, Status.FAILED, unless=(Status.PAID, Status.FAILED))
    if moved and event.type == "checkout.session.async_payment_failed":
        tell_debit_refused(invoice=followed(attempt.invoice), at=at)
    return f"{attempt.invoice.number} stays open"


def _move(attempt: CheckoutAttempt, status: str, unless: tuple[str, ...]) -> int:
    known = CheckoutAttempt.objects.filter(pk=attempt.pk).exclude(status__in=unless)
    return int(known.update(status=status))
