"""Charging what was announced: each try is written first, then Stripe is asked (outcomes stand beside).

Each step may be done twice, late, or by two at once.
"""

import logging
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from billing.gateways.stripe import Charge, ChargeRefused, ChargeRequest, Stripe, StripeRefused, connect
from billing.models import (
    AutomaticPayment,
    ChargeRules,
    ChargeTry,
    CheckoutAttempt,
    DunningHold,
    Invoice,
    PaymentMeans,
)
from billing.money import to_minor_units
from billing.operations.charge_outcomes import (
    book_charge,
    follow_charge,
    give_up,
    lock_charge,
    refuse_charge,
)
from billing.operations.means import MeansEnded, end_means
from billing.operations.overdue import DEBIT_TAKES
from billing.operations.plan_mail import mail_of_plan
from billing.operations.plans import announce_payment, drop_plans
from billing.operations.stripe_events import catch_up
from billing.queries import money_on_its_way, open_amount
from billing.rules import NOTICE
from billing.signals import charge_queued
from cms.log import record
from cms.operations.periodic import each

log = logging.getLogger(__name__)
ASK_AGAIN = timedelta(hours=1)
"""When `run_due` takes up a charge that the task queue gave up."""
LOOK_UP_AFTER, LOOK_UP_AGAIN = timedelta(days=3), timedelta(days=1)
"""When `run_due` asks how a charge stands that waits for the bank: its message may never have come."""
TAKEN = ("succeeded", "processing", "requires_capture")
"""The states of a charge at Stripe that pay, at once or once the bank says so."""

Because, Plan, Try = AutomaticPayment.Because, AutomaticPayment.Status, ChargeTry.Status


def announce_payments(at: datetime) -> int:
    """Mail what is charged within seven days and was not announced by an app above. Returns how many.

    After a standstill, what was announced for a day that is long past is announced anew.
    """
    today = timezone.localdate(at)
    is_silent = Q(announced_at__isnull=True, charge_on__lte=today + NOTICE)
    is_stale = Q(failed=0, next_on__lt=today - NOTICE)
    silent = AutomaticPayment.objects.filter(is_silent | is_stale, status=Plan.PLANNED)
    silent = silent.exclude(invoice__dunning_hold__isnull=False)
    return each(silent.order_by("charge_on", "pk"), lambda plan: _announce(plan, at))


def begin_charges(at: datetime) -> int:
    """Begin the charges whose day has come. Ask Stripe anew, each hour, for those it did not hear of.

    Those that wait for the bank are asked about each day, after some days. Returns how many.
    """
    if connect() is None:
        return 0
    due = AutomaticPayment.objects.filter(status=Plan.PLANNED, announced_at__isnull=False)
    if ChargeRules.load().is_on:
        due = due.filter(next_on__lte=timezone.localdate(at))
    lost = Q(status=Try.STARTED, asked_at__lte=at - ASK_AGAIN)
    silent = Q(status=Try.PENDING, tried_at__lte=at - LOOK_UP_AFTER, asked_at__lte=at - LOOK_UP_AGAIN)
    open_tries = ChargeTry.objects.filter(lost | silent)
    begun = each(due.order_by("next_on", "pk").values_list("pk", flat=True), lambda pk: _begin(pk, at))
    return begun + each(open_tries.order_by("pk").values_list("pk", flat=True), lambda pk: _ask_again(pk, at))


def send_charge(*, charge: ChargeTry, at: datetime) -> None:
    """Ask Stripe for what is written down. Never call it inside a transaction: it speaks to Stripe.

    Twice at it charges once: by the key, and where Stripe has forgotten it, by what it was told. Raises
    StripeUnavailable.
    """
    charge = ChargeTry.objects.select_related("plan__invoice__customer", "means").get(pk=charge.pk)
    stripe = connect()
    if stripe is None or charge.status != Try.STARTED:
        return
    try:
        made = _ask(stripe, charge, at)
    except ChargeRefused as refused:
        if refused.code == "resource_missing":
            with suppress(MeansEnded):
                end_means(means=charge.means, because=PaymentMeans.Because.DETACHED, at=at, by=None)
        refuse_charge(
            charge=charge,
            code=refused.code,
            is_final=refused.is_final,
            error=str(refused),
            intent=refused.intent,
            at=at,
        )
        return
    except StripeRefused as refused:  # of looking for it: the customer is gone there
        refuse_charge(charge=charge, code=refused.code, is_final=True, error=str(refused), at=at)
        return
    if made is None:
        return
    if made.status in TAKEN:
        follow_charge(charge=charge, intent=made.id)
    else:
        refuse_charge(charge=charge, code=made.code, is_final=made.is_final, intent=made.id, at=at)


def look_up_charge(*, charge: ChargeTry, at: datetime) -> None:
    """Ask Stripe how a charge stands that waits for the bank, and book or refuse it by the answer.

    Right when its message comes after all. What Stripe does not know (the keys are of another account) is
    asked again until the bank had its time, since the payer could pay twice; then it is refused for good, so
    that the payer is asked for a transfer and may pay online, and a success that is told later still counts.
    Never call it inside a transaction: it speaks to Stripe. Raises StripeUnavailable, StripeRefused and
    ChargeContradicts.
    """
    charge = ChargeTry.objects.get(pk=charge.pk)
    stripe = connect()
    if stripe is None or charge.status != Try.PENDING:
        return
    try:
        found = stripe.retrieve_charge(intent=charge.intent_id or "")
    except StripeRefused as refused:
        if refused.code != "resource_missing":
            raise
        log.warning("Stripe does not know charge %s, which waits for the bank", charge)
        if charge.tried_at <= at - DEBIT_TAKES:
            refuse_charge(charge=charge, code=refused.code, is_final=True, error=str(refused), at=at)
        return
    if found.status == "succeeded":
        with transaction.atomic():
            words: dict[str, Any] = {"amount": found.amount, "currency": found.currency, "intent": found.id}
            payment = book_charge(charge=charge, **words, told_at=at, at=at)
            catch_up(payment=payment, intent=found.id, at=at)
    elif found.status not in TAKEN:
        refuse_charge(charge=charge, code=found.code, is_final=found.is_final, intent=found.id, at=at)


def _announce(plan: AutomaticPayment, at: datetime) -> bool:
    if _is_stale(plan, timezone.localdate(at)):
        AutomaticPayment.objects.filter(pk=plan.pk, status=Plan.PLANNED).update(
            announced_at=None, announced_amount=None, not_before=None
        )
    told = announce_payment(plan=plan, at=at)
    if told.announced_at != at:
        return False
    mail_of_plan("charge_announced", told, at=at)
    return True


@transaction.atomic
def _begin(pk: int, at: datetime) -> bool:
    """Write the try down before Stripe hears of it; the invoice's row is the lock."""
    invoice = Invoice.objects.select_for_update().get(automatic_payment=pk)
    plan = AutomaticPayment.objects.select_for_update(of=("self",)).select_related("means").get(pk=pk)
    plan.invoice, today = invoice, timezone.localdate(at)
    if plan.status != Plan.PLANNED or plan.next_on is None or plan.announced_amount is None:
        return False
    charge_rules = ChargeRules.load()
    if not charge_rules.is_on:
        drop_plans(plans=[plan], because=Because.OFF, at=at, by=None)
        mail_of_plan("charge_stopped", plan, at=at)
        return True
    amount = min(open_amount(invoice), plan.announced_amount)
    if not invoice.is_open or amount <= 0:
        drop_plans(plans=[plan], because=Because.SETTLED, at=at, by=None)
        return False
    if _is_stale(plan, today) or _is_kept_waiting(invoice, at):
        return False
    if not charge_rules.takes(plan.means, amount):
        give_up(plan=plan, code="", at=at)
        return True
    plan.tries += 1
    charge = ChargeTry.objects.create(
        plan=plan,
        number=plan.tries,
        means=plan.means,
        amount=amount,
        announced_amount=plan.announced_amount,
        not_before=plan.not_before or plan.next_on,
        tried_on=today,
        tried_at=at,
        asked_at=at,
    )
    plan.status, plan.next_on = Plan.UNDER_WAY, None
    plan.save(update_fields=["status", "next_on", "tries"])
    data = {"amount": str(amount), "outcome": "tried", "code": ""}
    record(invoice, "billing.charge", at=at, data=data)
    charge_queued.send(ChargeTry, try_id=charge.pk)
    return True


def _is_kept_waiting(invoice: Invoice, at: datetime) -> bool:
    """Say whether the payer may be paying just now, or disputes the invoice: then another day."""
    visits = invoice.checkout_attempts.filter(status=CheckoutAttempt.Status.OPEN, expires_at__gt=at)
    is_held = DunningHold.objects.filter(invoice=invoice).exists()
    return is_held or visits.exists() or money_on_its_way(invoice)


def _is_stale(plan: AutomaticPayment, today: date) -> bool:
    """Say whether the day that was named is long past: the platform stood still, or the payer was paying."""
    return not plan.failed and plan.next_on is not None and plan.next_on < today - NOTICE


def _ask_again(pk: int, at: datetime) -> bool:
    ChargeTry.objects.filter(pk=pk).update(asked_at=at)
    charge_queued.send(ChargeTry, try_id=pk)
    return True


def _ask(stripe: Stripe, charge: ChargeTry, at: datetime) -> Charge | None:
    invoice = charge.plan.invoice
    customer = invoice.customer.stripe_id or ""
    if known := stripe.find_charge(customer=customer, metadata=charge.metadata):
        return known
    if _is_taken_back(charge, at):
        return None
    with translation.override(invoice.language):
        description = _("Invoice %(number)s") % {"number": invoice.number}
    request = ChargeRequest(
        amount=to_minor_units(charge.amount),
        description=description,
        customer=customer,
        means=charge.means.stripe_id,
        kind=charge.means.kind,
        metadata=charge.metadata,
    )
    return stripe.create_charge(request=request, idempotency_key=charge.idempotency_key)


@transaction.atomic
def _is_taken_back(charge: ChargeTry, at: datetime) -> bool:
    """Take a try back of which Stripe never heard: the invoice was paid otherwise, or the means ended."""
    plan, charge = lock_charge(charge=charge, intent="")
    if charge.status != Try.STARTED:
        return True
    is_settled, is_ended = open_amount(plan.invoice) < charge.amount, not plan.means.is_active
    if not (is_settled or is_ended):
        return False
    because = Because.SETTLED if is_settled else Because.MEANS
    charge.status, charge.code, charge.settled_at = Try.FAILED, str(because), at
    charge.save(update_fields=["status", "code", "settled_at"])
    drop_plans(plans=[plan], because=because, at=at, by=None)
    if not is_settled:
        mail_of_plan("charge_stopped", plan, at=at)
    return True
