"""Of which invoices a payer is to be reminded, and why not of others."""

from datetime import date, datetime, timedelta

from django.db import models
from django.db.models import Exists, F, OuterRef
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing.models import AutomaticPayment, BankEntry, Dunning, DunningHold, Invoice, Reminder
from billing.queries.invoices import is_under_way
from billing.rules import reminder_due


class Obstacle(models.TextChoices):
    """Why nobody is reminded of an invoice now."""

    NOT_OVERDUE = "not_overdue", _("Nothing of this invoice is overdue.")
    HELD = "held", _("Reminders of this invoice are held.")
    PENDING = "pending", _("A payment is on its way, or came in and waits to be assigned.")
    TODAY = "today", _("It became overdue or was reminded of today.")
    ALL_SENT = "all_sent", _("All reminders were sent.")


def invoices_to_remind(at: datetime) -> list[tuple[int, int]]:
    """Return the overdue invoices of which a level is due, oldest first, each as (invoice, level).

    Whether something stands in the way is asked under the lock of each (`reminder_obstacle`).
    """
    days, today = Dunning.load().days, timezone.localdate(at)
    overdue = Invoice.objects.filter(status=Invoice.Status.OVERDUE).exclude(kind=Invoice.Kind.CREDIT_NOTE)
    late = overdue.filter(due_on__lte=today - timedelta(days=days[0])).prefetch_related("reminders")
    found = []
    for invoice in late.order_by("due_on", "pk"):
        sent = [each.level for each in invoice.reminders.all()]
        level = reminder_due(days_late=(today - invoice.due_on).days, days=days, sent=sent)
        if level is not None:
            found.append((invoice.pk, level))
    return found


def reminder_obstacle(invoice: Invoice, at: datetime) -> Obstacle | None:
    """Return why nobody can be reminded of an invoice now, not even by hand."""
    if invoice.status != Invoice.Status.OVERDUE or invoice.kind == Invoice.Kind.CREDIT_NOTE:
        return Obstacle.NOT_OVERDUE
    if DunningHold.objects.filter(invoice=invoice).exists():
        return Obstacle.HELD
    today = timezone.localdate(at)
    if money_on_its_way(invoice) or _is_tried_again(invoice, today):
        return Obstacle.PENDING
    # On the day itself the apps above may write to the payer.
    sent = list(invoice.reminders.order_by("level"))
    if invoice.overdue_on == today or any(timezone.localdate(each.sent_at) == today for each in sent):
        return Obstacle.TODAY
    return Obstacle.ALL_SENT if next_level(sent) is None else None


def next_level(sent: list[Reminder]) -> Reminder.Level | None:
    """Return the level after those that were sent; None after the last one."""
    number = max((each.level for each in sent), default=0) + 1
    return Reminder.Level(number) if number in Reminder.Level.values else None


def money_on_its_way(invoice: Invoice) -> bool:
    """Say whether a bank works on a payment of an invoice, or money that names it waits to be assigned."""
    entries = BankEntry.objects.filter(
        structured_communication=OuterRef("structured_communication"),
        status=BankEntry.Status.WAITING,
        amount__gt=F("assigned"),
        is_reversal=False,
    )
    return Invoice.objects.filter(is_under_way("pk") | Exists(entries), pk=invoice.pk).exists()


def _is_tried_again(invoice: Invoice, today: date) -> bool:
    """Say whether we charge the invoice ourselves in the days to come."""
    plans = AutomaticPayment.objects.filter(invoice=invoice, status=AutomaticPayment.Status.PLANNED)
    return plans.filter(next_on__gte=today).exists()
