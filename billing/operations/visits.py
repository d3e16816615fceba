"""Asking Stripe about visits to its page of which no message came; the answer counts as its message would."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from billing.gateways.stripe import API_VERSION, CheckoutSession, Stripe, StripeRefused, connect
from billing.models import CheckoutAttempt, StripeEvent
from billing.operations.overdue import DEBIT_TAKES
from billing.operations.stripe_events import apply_event, keep_event
from billing.signals import checkout_asked
from cms.log import record
from cms.operations.periodic import each

log = logging.getLogger(__name__)
TOLD_WITHIN = timedelta(hours=1)
"""Stripe tells so soon that a visit is over, unless its message is lost."""
ASK_AFTER, ASK_AGAIN = timedelta(days=3), timedelta(days=1)
"""When `run_due` asks how a debit stands that waits for the bank: its message may never have come."""
REFUSED = ("requires_payment_method", "canceled")
"""The states of a payment at Stripe that bring nothing, of a visit whose payer is through."""

Status = CheckoutAttempt.Status


def ask_about_visits(at: datetime) -> int:
    """Ask about the visits that should be over, and of which nothing was heard. Returns how many.

    Each is asked about once a day, by the worker, until it is paid or nobody can pay in it any more.
    """
    if connect() is None:
        return 0
    over = Q(status=Status.OPEN, expires_at__lte=at - TOLD_WITHIN)
    silent = Q(status=Status.PENDING, created_at__lte=at - ASK_AFTER)
    rested = Q(asked_at__isnull=True) | Q(asked_at__lte=at - ASK_AGAIN)
    visits = CheckoutAttempt.objects.filter(over | silent, rested, session_id__isnull=False)
    return each(visits.order_by("pk").values_list("pk", flat=True), lambda pk: _ask(pk, at))


def look_up_visit(*, attempt: CheckoutAttempt, at: datetime) -> StripeEvent | None:
    """Ask Stripe how a visit stands, keep the answer like a message of Stripe, and apply it as one.

    Right when the message comes as well, before, meanwhile or after. What Stripe does not know (the keys are
    of another account) brings nothing any more: at once where the payer was still to pay, and where a bank
    is at it once it had its time. Returns what was kept. Never call it inside a transaction: it speaks to
    Stripe. Raises StripeUnavailable, StripeRefused, and EventRefused where the answer contradicts our books.
    """
    attempt = CheckoutAttempt.objects.select_related("invoice").get(pk=attempt.pk)
    stripe = connect()
    if stripe is None or attempt.status not in CheckoutAttempt.WAITING:
        return None
    try:
        session = stripe.retrieve_checkout(session_id=attempt.session_id or "")
        outcome, kind = _outcome_of(stripe, session)
    except StripeRefused as refused:
        if refused.code != "resource_missing":
            raise
        _give_up(attempt, at)
        return None
    if not kind or (outcome == "unpaid" and attempt.status == Status.PENDING):
        return None
    answer = {
        "id": f"asked:{attempt.pk}:{outcome}",
        "object": "event",
        "type": f"checkout.session.{kind}",
        "api_version": API_VERSION,
        "created": int(at.timestamp()),
        "data": {"object": session.told},
    }
    kept = keep_event(event=answer, at=at) or StripeEvent.objects.get(event_id=answer["id"])
    return apply_event(event=kept, at=at)


def _outcome_of(stripe: Stripe, session: CheckoutSession) -> tuple[str, str]:
    """Return how a visit stands, and which message tells it: none while the payer may still pay."""
    if session.status == "expired":
        return "expired", "expired"
    if session.status != "complete":
        return "open", ""
    if session.payment_status == "unpaid" and (intent := session.told.get("payment_intent")):
        is_refused = stripe.retrieve_charge(intent=intent).status in REFUSED
        return ("refused", "async_payment_failed") if is_refused else ("unpaid", "completed")
    return session.payment_status, "completed"


@transaction.atomic
def _give_up(attempt: CheckoutAttempt, at: datetime) -> None:
    """Let nobody wait for a visit that Stripe does not know, unless a message was faster or may come."""
    log.warning("Stripe does not know visit %s", attempt)
    over = Q(status=Status.OPEN) | Q(status=Status.PENDING, created_at__lte=at - DEBIT_TAKES)
    if CheckoutAttempt.objects.filter(over, pk=attempt.pk).update(status=Status.FAILED):
        data = {"attempt": attempt.number, "amount": str(attempt.amount)}
        record(attempt.invoice, "billing.checkout_lost", at=at, data=data)


def _ask(pk: int, at: datetime) -> bool:
    CheckoutAttempt.objects.filter(pk=pk).update(asked_at=at)
    checkout_asked.send(CheckoutAttempt, attempt_id=pk)
    return True
