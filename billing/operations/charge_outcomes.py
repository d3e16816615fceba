"""How a try to charge went: under way, refused with what follows, paid, or overtaken.

A success is booked by Stripe's message, or by what Stripe says when it is asked days later; a refusal is
taken from whichever comes first.
"""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from billing.models import AutomaticPayment, ChargeRules, ChargeTry, Invoice, Payment
from billing.money import to_minor_units
from billing.operations.invoices import record_payment
from billing.operations.plan_mail import mail_of_plan
from billing.operations.plans import drop_plans, plan_payment
from billing.queries import active_means, open_amount
from billing.rules import STRIPE, next_try_on
from cms.log import record

Because, Plan, Try = AutomaticPayment.Because, AutomaticPayment.Status, ChargeTry.Status


class ChargeContradicts(ValueError):
    """What Stripe tells of a charge does not fit what we asked for: staff must look."""


@transaction.atomic
def follow_charge(*, charge: ChargeTry, intent: str) -> bool:
    """Note that the bank works on a charge. Returns False where more than that is known by now.

    Raises ChargeContradicts.
    """
    _plan, charge = lock_charge(charge=charge, intent=intent)
    if charge.status not in ChargeTry.OPEN:
        return False
    charge.status, charge.intent_id = Try.PENDING, intent
    charge.save(update_fields=["status", "intent_id"])
    return True


@transaction.atomic
def refuse_charge(
    *, charge: ChargeTry, code: str, is_final: bool, error: str = "", intent: str = "", at: datetime
) -> bool:
    """Follow a refusal: another try on its day, or, after the last one or a final refusal, a transfer.

    The payer is told either way. Returns False where the outcome is known by now. Raises ChargeContradicts.
    """
    plan, charge = lock_charge(charge=charge, intent=intent)
    if charge.status not in ChargeTry.OPEN:
        return False
    charge.status, charge.code, charge.error, charge.settled_at = Try.FAILED, code[:100], error[:1000], at
    charge.intent_id = intent or charge.intent_id
    charge.save(update_fields=["status", "code", "error", "settled_at", "intent_id"])
    plan.failed += 1
    data = {"amount": str(charge.amount), "outcome": "refused", "code": code}
    record(plan.invoice, "billing.charge", at=at, data=data)
    _go_on(plan, charge, is_final=is_final, at=at)
    return True


@transaction.atomic
def book_charge(
    *, charge: ChargeTry, amount: int, currency: str, intent: str, told_at: datetime, at: datetime
) -> Payment:
    """Record what a charge brought, once. `amount` is in whole cents. Raises ChargeContradicts."""
    plan, charge = lock_charge(charge=charge, intent=intent)
    if currency != "eur" or amount != to_minor_units(charge.amount):
        raise ChargeContradicts(f"{amount} {currency} was charged, {charge.amount} EUR was asked")
    if charge.status != Try.PAID:
        charge.status, charge.intent_id, charge.settled_at = Try.PAID, intent, at
        charge.save(update_fields=["status", "intent_id", "settled_at"])
        plan.status, plan.next_on = Plan.PAID, None
        plan.stopped_because = plan.stopped_note = ""
        plan.save(update_fields=["status", "next_on", "stopped_because", "stopped_note"])
        data = {"amount": str(charge.amount), "outcome": "paid", "code": ""}
        record(plan.invoice, "billing.charge", at=at, data=data)
    return record_payment(
        invoice=plan.invoice,
        amount=charge.amount,
        method=Payment.Method.STRIPE,
        received_on=timezone.localdate(told_at),
        external_reference=f"{STRIPE}{intent}",
        by=None,
        at=at,
    )


@transaction.atomic(savepoint=False)
def close_plan(*, invoice_id: int, at: datetime) -> None:
    """Charge no more what was paid otherwise or credited; what a bank works on already goes on."""
    plans = AutomaticPayment.objects.filter(invoice=invoice_id, status=Plan.PLANNED)
    drop_plans(plans=plans, because=Because.SETTLED, at=at, by=None)


def lock_charge(*, charge: ChargeTry, intent: str) -> tuple[AutomaticPayment, ChargeTry]:
    """Lock invoice, plan and try, in this order, and return the latter two. Raises ChargeContradicts."""
    invoice = Invoice.objects.select_for_update().get(automatic_payment=charge.plan_id)
    plan = (
        AutomaticPayment.objects.select_for_update(of=("self",))
        .select_related("means")
        .get(pk=charge.plan_id)
    )
    plan.invoice = invoice
    charge = ChargeTry.objects.select_for_update().get(pk=charge.pk)
    charge.plan = plan
    if intent and charge.intent_id not in (None, intent):
        raise ChargeContradicts(f"try {charge} is {charge.intent_id}, not {intent}")
    return plan, charge


def _go_on(plan: AutomaticPayment, charge: ChargeTry, *, is_final: bool, at: datetime) -> None:
    """Decide what follows a refusal, and tell the payer."""
    invoice, today = plan.invoice, max(timezone.localdate(at), charge.tried_on)
    if not invoice.is_open or open_amount(invoice) <= 0:
        drop_plans(plans=[plan], because=Because.SETTLED, at=at, by=None)
        plan.save(update_fields=["failed"])
        return
    means = active_means(invoice.customer)
    if means and means.pk != plan.means_id:  # replaced while the bank was at it
        give_up(plan=plan, code=charge.code, at=at, is_told=False)
        if plan_payment(invoice=invoice, at=at, by=None) is None:
            mail_of_plan("charge_given_up", plan, at=at, code=charge.code)
        return
    asked = plan.charge_tries.filter(means=plan.means).exclude(code=Because.SETTLED)  # not taken back before
    first = asked.order_by("number").values_list("tried_on", flat=True)
    day = next_try_on(first_on=first[0], failed=plan.failed, days=ChargeRules.load().retry_days, today=today)
    if means is None and day is not None and not is_final:
        # It ended while the bank was at it: as if it ended after this refusal, whichever is heard of first.
        drop_plans(plans=[plan], because=Because.MEANS, at=at, by=None)
        plan.save(update_fields=["failed"])
        mail_of_plan("charge_given_up", plan, at=at, code=charge.code)
        return
    if is_final or means is None or day is None:
        give_up(plan=plan, code=charge.code, at=at)
        return
    plan.status, plan.next_on = Plan.PLANNED, day
    plan.save(update_fields=["status", "next_on", "failed"])
    mail_of_plan("charge_refused", plan, at=at, code=charge.code)


@transaction.atomic(savepoint=False)
def give_up(*, plan: AutomaticPayment, code: str, at: datetime, is_told: bool = True) -> None:
    """Try no more to charge an invoice, which is locked, and ask its payer for a transfer."""
    plan.status, plan.next_on = Plan.GIVEN_UP, None
    plan.save(update_fields=["status", "next_on", "failed"])
    record(plan.invoice, "billing.charge", at=at, data={"amount": "", "outcome": "given_up", "code": code})
    if is_told:
        mail_of_plan("charge_given_up", plan, at=at, code=code)
