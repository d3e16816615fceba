"""Planning the automatic payment of an invoice, announcing it, and stopping it. Charging is `charges`."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from billing.gateways.stripe import connect
from billing.models import AutomaticPayment, ChargeRules, Customer, Invoice, PaymentMeans
from billing.operations.plan_mail import mail_of_plan
from billing.queries import active_means, open_amount, preview_total
from billing.rules import NOTICE, DraftLine, charge_day
from cms.log import record

Because, Status = AutomaticPayment.Because, AutomaticPayment.Status
STAYS = (Because.PAYER, Because.STAFF)
"""Who said no to charging an invoice is not asked again by another card."""


class NotStoppable(ValueError):
    """It was charged, stopped or given up, or a bank works on it."""


def means_to_charge(customer: Customer | None) -> PaymentMeans | None:
    """Return what a customer's next renewal will be charged to, as things stand; None without."""
    if customer is None or not ChargeRules.load().is_on or connect() is None:
        return None
    return active_means(customer)


def is_too_much(means: PaymentMeans | None, net: Decimal, *, at: datetime) -> bool:
    """Say whether EUR `net`, VAT to be added, is more than is charged at once to what is saved."""
    if means is None or not net:
        return False
    line = DraftLine(text="-", unit_price=net)
    return not ChargeRules.load().takes(means, preview_total(means.customer, [line], at=at).gross)


@transaction.atomic
def plan_payment(
    *, invoice: Invoice, means: PaymentMeans | None = None, at: datetime, by: User | None
) -> AutomaticPayment | None:
    """Plan to charge an open invoice by what its customer saved, on its last day to pay; None without.

    None too where that takes less at once than is open. Nothing is charged before it was announced
    (`announce_payment`). One that was planned before is planned anew where its means of payment ended or was
    refused, never where somebody stopped it. `means` is given where the caller, who holds the customer's
    lock, found that it takes as much.
    """
    invoice = Invoice.objects.select_for_update().get(pk=invoice.pk)
    if means is None:
        means = means_to_charge(invoice.customer)
        if means is None or not ChargeRules.load().takes(means, open_amount(invoice)):
            return None
    if not invoice.is_open:
        return None
    plan = AutomaticPayment.objects.filter(invoice=invoice).first()
    if plan and (
        plan.status == Status.PAID
        or (plan.is_open and (plan.means_id == means.pk or plan.status == Status.UNDER_WAY))
        or plan.stopped_because in STAYS
    ):
        return plan
    plan = plan or AutomaticPayment(invoice=invoice)
    plan.means, plan.status, plan.planned_at, plan.failed = means, Status.PLANNED, at, 0
    plan.charge_on = plan.next_on = charge_day(wanted=invoice.due_on, told_on=timezone.localdate(at))
    plan.announced_at = plan.announced_amount = plan.not_before = None
    plan.stopped_because = plan.stopped_note = ""
    plan.save()
    data = {"means": str(means), "on": plan.charge_on.isoformat()}
    record(invoice, "billing.plan_payment", by=by, at=at, data=data)
    return plan


def means_to_charge_anew(invoice: Invoice, left: Decimal) -> PaymentMeans | None:
    """Return what an invoice is charged to after all when what settled it was a mistake; None without.

    `left` is then open, in EUR. A charge that was refused before is left to a transfer, and what somebody
    stopped stays so.
    """
    dropped = AutomaticPayment.objects.filter(
        invoice=invoice, status=Status.STOPPED, stopped_because=Because.SETTLED, failed=0
    )
    means = means_to_charge(invoice.customer) if dropped.exists() else None
    return means if means and ChargeRules.load().takes(means, left) else None


@transaction.atomic(savepoint=False)
def plan_anew(*, invoice: Invoice, at: datetime, by: User | None) -> None:
    """Plan to charge a locked invoice after all that is open again because its payment was a mistake.

    Nothing is charged before that is announced anew, at least seven days before.
    """
    if means_to_charge_anew(invoice, open_amount(invoice)):
        plan_payment(invoice=invoice, at=at, by=by)


@transaction.atomic
def announce_payment(*, plan: AutomaticPayment, at: datetime) -> AutomaticPayment:
    """Note that the payer is told now: what is open, on which day, by which means. Returns the day with it.

    The day moves where less than seven days are left. What was announced before stays as it was announced.
    The caller mails it, in the same transaction.
    """
    invoice = Invoice.objects.select_for_update().get(pk=plan.invoice_id)
    plan = AutomaticPayment.objects.select_for_update(of=("self",)).select_related("means").get(pk=plan.pk)
    plan.invoice = invoice
    if plan.status != Status.PLANNED or plan.announced_at:
        return plan
    today = timezone.localdate(at)
    plan.announced_at, plan.announced_amount, plan.not_before = at, open_amount(invoice), today + NOTICE
    plan.charge_on = plan.next_on = charge_day(wanted=plan.charge_on, told_on=today)
    fields = ["announced_at", "announced_amount", "not_before", "charge_on", "next_on"]
    plan.save(update_fields=fields)
    data = {"amount": str(plan.announced_amount), "on": plan.charge_on.isoformat()}
    record(invoice, "billing.announce_payment", at=at, data=data)
    return plan


@transaction.atomic
def stop_payment(
    *, plan: AutomaticPayment, because: str, note: str = "", at: datetime, by: User | None
) -> AutomaticPayment:
    """Charge an invoice not automatically after all; the payer is told how to pay it. `because` is a Because.

    Raises NotStoppable.
    """
    invoice = Invoice.objects.select_for_update().get(pk=plan.invoice_id)
    plan = AutomaticPayment.objects.select_for_update().get(pk=plan.pk)
    plan.invoice = invoice
    if not plan.may_be_stopped:
        raise NotStoppable
    drop_plans(plans=[plan], because=because, note=note, at=at, by=by)
    mail_of_plan("charge_stopped", plan, at=at)
    return plan


@transaction.atomic(savepoint=False)
def drop_plans(
    *, plans: Iterable[AutomaticPayment], because: str, note: str = "", at: datetime, by: User | None
) -> None:
    """Stop planned payments whose invoices are locked, each with a line in its history."""
    for plan in plans:
        plan.status, plan.next_on = Status.STOPPED, None
        plan.stopped_because, plan.stopped_note = because, note
        plan.save(update_fields=["status", "next_on", "stopped_because", "stopped_note"])
        data = {"because": str(because), "reason": note}
        record(plan.invoice, "billing.stop_payment", by=by, at=at, data=data)
