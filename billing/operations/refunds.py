"""Refunds that staff make: by Stripe, which a task asks, or noted when they were done otherwise."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from billing.gateways.stripe import Refund, Stripe, StripeRefused, connect
from billing.models import Invoice, Payment, Reversal
from billing.money import cents, to_minor_units
from billing.operations.notices import tell_refund
from billing.operations.reversals import REFUNDS, follow_money, settle_reversal, write_reversal
from billing.queries import left_of_payment, refundable_amount
from billing.rules import stripe_intent
from billing.signals import refund_queued
from cms.operations.periodic import each

ASK_AGAIN = timedelta(hours=1)
"""When `run_due` takes up a refund that the task queue gave up."""

Kind, Status = Reversal.Kind, Reversal.Status


class RefundTooHigh(ValueError):
    """More than is to be paid back: credit the invoice first. `most` is how much may go back, in EUR."""

    def __init__(self, most: Decimal) -> None:
        super().__init__(f"at most {most} EUR")
        self.most = most


class NotByStripe(ValueError):
    """The payment did not come through Stripe, or there are no keys: it is paid back otherwise."""


class RefundedTooEarly(ValueError):
    """Nothing of a payment goes back before it came in."""


@transaction.atomic
def refund_payment(
    *,
    payment: Payment,
    amount: Decimal,
    method: str,
    returned_on: date,
    reason: str,
    key: str,
    at: datetime,
    by: User | None,
) -> Reversal:
    """Pay EUR of a payment back by Stripe, or note that it was done by transfer or in cash; tell the payer.

    Only what was paid too much or was credited goes back, so that no invoice opens by it. The same `key`
    counts once. Stripe is asked later, by a task, and pays back on no other day than that of `at`. Raises
    RefundTooHigh, NotByStripe, and RefundedTooEarly.
    """
    invoice = payment.invoice = Invoice.documents.select_for_update().get(pk=payment.invoice_id)
    if known := Reversal.objects.filter(key=key).first():
        return known
    is_online = method == Payment.Method.STRIPE
    if is_online and (connect() is None or not stripe_intent(payment.external_reference)):
        raise NotByStripe
    most = min(refundable_amount(invoice), left_of_payment(payment))
    if not Decimal(0) < amount <= most or cents(amount) != amount:
        raise RefundTooHigh(most)
    if is_online:
        returned_on = timezone.localdate(at)
    elif returned_on < payment.received_on:
        raise RefundedTooEarly(returned_on.isoformat())
    reversal = write_reversal(
        payment,
        kind=Kind.REFUND,
        amount=amount,
        method=method,
        returned_on=returned_on,
        reason=reason,
        key=key,
        status=Status.QUEUED if is_online else Status.DONE,
        asked_at=at if is_online else None,
        settled_at=None if is_online else at,
        by=by,
        at=at,
    )
    follow_money(invoice, at=at, by=by, reason=reason)
    if is_online:
        refund_queued.send(Reversal, reversal_id=reversal.pk)
    else:
        tell_refund(reversal=reversal, at=at)
    return reversal


def send_refund(*, reversal: Reversal, at: datetime) -> None:
    """Ask Stripe to pay back what is queued. Never call it inside a transaction: it speaks to Stripe.

    Twice at it pays back once: by the key, and where Stripe has forgotten it, by what it was told. Raises
    StripeUnavailable.
    """
    reversal = Reversal.objects.select_related("payment__invoice").get(pk=reversal.pk)
    if reversal.status != Status.QUEUED:
        return
    stripe = connect()
    if stripe is None:
        settle_reversal(reversal, Status.FAILED, at=at, error=_("There are no Stripe keys any more."))
        return
    try:
        refund = _ask(stripe, reversal)
    except StripeRefused as error:
        settle_reversal(reversal, Status.FAILED, at=at, error=str(error))
        return
    status = REFUNDS.get(refund.status, Status.PENDING)
    settle_reversal(reversal, status, at=at, error=refund.error, external_id=refund.id)


def ask_refunds_again(at: datetime) -> int:
    """Ask Stripe once more, each hour, for what is queued. Returns how many."""
    waiting = Reversal.objects.filter(status=Status.QUEUED, asked_at__lte=at - ASK_AGAIN)

    def ask(pk: int) -> bool:
        is_first = waiting.filter(pk=pk).update(asked_at=at) > 0
        if is_first:
            refund_queued.send(Reversal, reversal_id=pk)
        return is_first

    return each(waiting.order_by("pk").values_list("pk", flat=True), ask)


def _ask(stripe: Stripe, reversal: Reversal) -> Refund:
    intent, metadata = stripe_intent(reversal.payment.external_reference), {"reversal": str(reversal.pk)}
    return stripe.find_refund(payment_intent=intent, metadata=metadata) or stripe.create_refund(
        payment_intent=intent,
        amount=to_minor_units(reversal.amount),
        metadata=metadata,
        idempotency_key=reversal.idempotency_key,
    )
