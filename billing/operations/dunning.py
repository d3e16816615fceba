"""Reminding payers of overdue invoices: by the clock, by hand, or not for now."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone, translation

from accounts.models import User
from billing.documents import make_sheet
from billing.models import Dunning, DunningHold, Invoice, Reminder
from billing.operations.checkout import may_pay_online
from billing.operations.delivery import private_url
from billing.queries import Obstacle, invoices_to_remind, open_amount, reminder_obstacle
from billing.registries import consequences
from cms.emails import Attachment, queue_email
from cms.log import record
from cms.operations.periodic import each

TEMPLATES = {
    Reminder.Level.FIRST: "billing/reminder",
    Reminder.Level.SECOND: "billing/second_reminder",
    Reminder.Level.FINAL: "billing/final_notice",
}
LAST_DAYS = timedelta(days=8)
"""What a final notice leaves to pay or to answer."""


class NotRemindable(ValueError):
    """Nobody can be reminded of the invoice now; `obstacle` says why."""

    def __init__(self, obstacle: Obstacle) -> None:
        super().__init__(obstacle)
        self.obstacle = obstacle


def send_due_reminders(at: datetime) -> int:
    """Mail the reminders that are due, of each invoice the highest level. Returns how many.

    Nothing is added to what is open: interest and costs differ for consumers and businesses, and are not
    charged by the platform.
    """
    if not Dunning.load().is_on:
        return 0
    return each(invoices_to_remind(at), lambda due: _remind_once(*due, at))


@transaction.atomic
def send_reminder(*, invoice: Invoice, level: int, at: datetime, by: User | None) -> Reminder:
    """Remind the payer of an overdue invoice by mail, with a private link and the PDF. Returns the proof.

    A level is sent once, and none below one that was sent. Raises NotRemindable.
    """
    invoice = Invoice.objects.select_for_update().get(pk=invoice.pk)
    if obstacle := reminder_obstacle(invoice, at):
        raise NotRemindable(obstacle)
    if invoice.reminders.filter(level__gte=level).exists():
        raise NotRemindable(Obstacle.ALL_SENT)
    left = open_amount(invoice)
    reminder: Reminder = Reminder.objects.create(
        invoice=invoice, level=level, left=left, email=invoice.email, sent_at=at, sent_by=by
    )
    today = timezone.localdate(at)
    queue_email(
        template=TEMPLATES[Reminder.Level(level)],
        to=invoice.email,
        language=invoice.language,
        context={
            "invoice": invoice,
            "sheet": make_sheet(invoice, is_drawn=False),
            "url": private_url(invoice=invoice, at=at),
            "may_pay_online": may_pay_online(invoice, left=left),
            "days_late": (today - invoice.due_on).days,
            "pay_by": today + LAST_DAYS,
            "consequences": _what_follows(invoice),
        },
        attachments=[Attachment("billing.documents.attached_pdf", [invoice.pk])],
        reply_to=invoice.issuer["email"],
        at=at,
    )
    data = {"level": level, "left": str(left), "email": invoice.email}
    record(invoice, "billing.remind", by=by, at=at, data=data)
    return reminder


@transaction.atomic
def hold_dunning(*, invoice: Invoice, reason: str, at: datetime, by: User | None) -> None:
    """Send no reminders of an invoice until `release_dunning`; what was held already stays so."""
    invoice = Invoice.objects.select_for_update().get(pk=invoice.pk)
    _hold, is_new = DunningHold.objects.get_or_create(
        invoice=invoice, defaults={"reason": reason, "held_at": at}
    )
    if is_new:
        record(invoice, "billing.hold", by=by, at=at, data={"reason": reason})


@transaction.atomic
def release_dunning(*, invoice: Invoice, at: datetime, by: User | None) -> None:
    """Let reminders of an invoice be sent again; nothing happens where they were not held."""
    invoice = Invoice.objects.select_for_update().get(pk=invoice.pk)
    count, _rows = DunningHold.objects.filter(invoice=invoice).delete()
    if count:
        record(invoice, "billing.release", by=by, at=at)


def _remind_once(pk: int, level: int, at: datetime) -> bool:
    try:
        send_reminder(invoice=Invoice.objects.get(pk=pk), level=level, at=at, by=None)
    except NotRemindable:
        return False  # paid, held or reminded of meanwhile
    return True


def _what_follows(invoice: Invoice) -> list[str]:
    with translation.override(invoice.language):
        return [said for entry in consequences if (said := entry.say(invoice))]
