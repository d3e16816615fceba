"""Of which invoices a payer is to be reminded, and why not of others."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.models import ModelLogEntry

from billing.models import (
    AutomaticPayment,
    BankAllocation,
    BankEntry,
    Dunning,
    DunningHold,
    Invoice,
    Reminder,
    Reversal,
)
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

    The days of one that was paid and opened again count from the day on which it opened.
    Whether something stands in the way is asked under the lock of each (`reminder_obstacle`).
    """
    days, today = Dunning.load().days, timezone.localdate(at)
    overdue = Invoice.objects.filter(status=Invoice.Status.OVERDUE).exclude(kind=Invoice.Kind.CREDIT_NOTE)
    late = overdue.filter(due_on__lte=today - timedelta(days=days[0])).prefetch_related("reminders")
    found, invoices = [], list(late.order_by("due_on", "pk"))
    opened = _opened_again(invoices)
    for invoice in invoices:
        sent = [each.level for each in invoice.reminders.all()]
        since = max(invoice.due_on, opened.get(invoice.pk, invoice.due_on))
        level = reminder_due(days_late=(today - since).days, days=days, sent=sent)
        if level is not None:
            found.append((invoice.pk, level))
    return found


def reminder_obstacle(invoice: Invoice, at: datetime) -> Obstacle | None:
    """Return why nobody can be reminded of an invoice now, not even by hand."""
    return reminder_obstacles([invoice], at).get(invoice.pk)


def reminder_obstacles(invoices: Sequence[Invoice], at: datetime) -> dict[int, Obstacle]:
    """Return why nobody can be reminded of some of these invoices now, by their ids; one query a reason."""
    pks, today = [invoice.pk for invoice in invoices], timezone.localdate(at)
    held = set(DunningHold.objects.filter(invoice__in=pks).values_list("invoice", flat=True))
    pending = _with_money_on_its_way(pks) | _tried_again(pks, today)
    sent: dict[int, list[Reminder]] = defaultdict(list)
    for reminder in Reminder.objects.filter(invoice__in=pks).order_by("level"):
        sent[reminder.invoice_id].append(reminder)
    found = {}
    for invoice in invoices:
        known = sent[invoice.pk]
        if invoice.status != Invoice.Status.OVERDUE or invoice.kind == Invoice.Kind.CREDIT_NOTE:
            found[invoice.pk] = Obstacle.NOT_OVERDUE
        elif invoice.pk in held:
            found[invoice.pk] = Obstacle.HELD
        elif invoice.pk in pending:
            found[invoice.pk] = Obstacle.PENDING
        # On the day itself the apps above may write to the payer.
        elif invoice.overdue_on == today or any(timezone.localdate(each.sent_at) == today for each in known):
            found[invoice.pk] = Obstacle.TODAY
        elif next_level(known) is None:
            found[invoice.pk] = Obstacle.ALL_SENT
    return found


def next_level(sent: list[Reminder]) -> Reminder.Level | None:
    """Return the level after those that were sent; None after the last one."""
    number = max((each.level for each in sent), default=0) + 1
    return Reminder.Level(number) if number in Reminder.Level.values else None


def money_on_its_way(invoice: Invoice) -> bool:
    """Say whether a bank works on a payment of an invoice, or money that names it waits to be assigned."""
    return bool(_with_money_on_its_way([invoice.pk]))


def _with_money_on_its_way(pks: Sequence[int]) -> set[int]:
    # A line that paid an invoice in error names it still, and its money is another's.
    given_back = BankAllocation.objects.filter(
        entry=OuterRef("pk"),
        payment__invoice=OuterRef(OuterRef("pk")),
        payment__reversals__kind=Reversal.Kind.MISTAKE,
    )
    entries = BankEntry.objects.filter(
        Q(structured_communication=OuterRef("structured_communication"))
        | Q(structured_communication=OuterRef("pro_forma__structured_communication")),
        ~Exists(given_back),
        status=BankEntry.Status.WAITING,
        amount__gt=F("assigned"),
        is_reversal=False,
    )
    found = Invoice.objects.filter(is_under_way("pk") | Exists(entries), pk__in=pks)
    return set(found.order_by().values_list("pk", flat=True))


def _opened_again(invoices: Sequence[Invoice]) -> dict[int, date]:
    """Return on which day some of these overdue invoices opened again after they were paid, by their ids."""
    day = timedelta(days=1)
    later = [str(each.pk) for each in invoices if each.overdue_on and each.overdue_on > each.due_on + day]
    if not later:
        return {}
    lines = ModelLogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(Invoice), object_id__in=later, action="billing.reopen"
    )
    known = lines.order_by("timestamp").values_list("object_id", "timestamp")
    return {int(pk): timezone.localdate(opened_at) for pk, opened_at in known}


def _tried_again(pks: Sequence[int], today: date) -> set[int]:
    """Return the invoices that we charge ourselves in the days to come."""
    plans = AutomaticPayment.objects.filter(invoice__in=pks, status=AutomaticPayment.Status.PLANNED)
    return set(plans.filter(next_on__gte=today).values_list("invoice", flat=True))
