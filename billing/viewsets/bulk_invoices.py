"""What the treasurer does with many invoices at once: remind, mail again, hold reminders, download."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Model, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy

from billing.forms.many import HoldManyForm
from billing.models import Invoice
from billing.operations.delivery import mail_seal, send_invoice
from billing.operations.dunning import NotRemindable, hold_dunning, release_dunning, send_reminder
from billing.queries import Obstacle, next_level, on_peppol, reminder_obstacles, with_open_amount
from billing.viewsets.bulk import ManyAction, Refused, Step
from billing.viewsets.invoices import InvoiceViewSet
from cms.amounts import say_euro


class ManyInvoices(ManyAction):
    """An action on many invoices."""

    models: list[type[Model]] = [Invoice]
    viewset = InvoiceViewSet
    permission = "billing.change_invoice"
    icon = "mail"

    def rows(self, pks: Sequence[int]) -> QuerySet[Invoice]:
        """Return them with what is open, the longest due first."""
        invoices = with_open_amount(Invoice.objects.filter(pk__in=pks)).select_related("dunning_hold")
        return invoices.prefetch_related("reminders").order_by("due_on", "pk")

    def name(self, thing: Any) -> str:
        """Name an invoice by its number and its customer."""
        return f"{thing.number}, {thing.name}"


def _left(invoices: Sequence[Any]) -> str:
    return say_euro(sum((invoice.left for invoice in invoices), Decimal(0)))


def _mails(count: int, invoices: Sequence[Any]) -> str:
    """Say how many mails leave, and to how many addresses."""
    told = ngettext(
        "%(count)s e-mail will be sent with its PDF", "%(count)s e-mails will be sent with their PDFs", count
    )
    addresses = len({invoice.email.lower() for invoice in invoices})
    to = ngettext("to %(count)s address.", "to %(count)s addresses.", addresses)
    return f"{told % {'count': count}}, {to % {'count': addresses}}"


class RemindMany(ManyInvoices):
    """Mail the next reminder of each."""

    display_name = gettext_lazy("Send a reminder")
    action_type = "remind"
    action_priority = 10
    done = ngettext_lazy(
        "%(count)s reminder is on its way.",
        "%(count)s reminders are on their way.",
        "count",
    )

    def plan(self, things: Sequence[Any]) -> dict[int, Step]:
        """Say which reminder is next, or why none is."""
        obstacles = reminder_obstacles(things, timezone.now())
        steps = {}
        for invoice in things:
            level = next_level(list(invoice.reminders.all()))
            if level is None or invoice.pk in obstacles:
                why = obstacles.get(invoice.pk, Obstacle.ALL_SENT)
                steps[invoice.pk] = Step(obstacle=str(why.label))
                continue
            words = {"level": level.label, "email": invoice.email, "left": say_euro(invoice.left)}
            said = _("%(level)s to %(email)s, %(left)s is open.") % words
            steps[invoice.pk] = Step(words=said, seal=str(int(level)))
        return steps

    def what_happens(self, things: Sequence[Any]) -> list[str]:
        """Say how many mails of each level leave, and what is open."""
        levels = Counter(level for each in things if (level := next_level(list(each.reminders.all()))))
        counted = ", ".join(f"{level.label}: {count}" for level, count in sorted(levels.items()))
        return [
            f"{_mails(len(things), things)} {capfirst(counted)}.",
            _("In total %(left)s is open. Each reminder is sent once.") % {"left": _left(things)},
        ]

    def do(self, thing: Invoice, data: dict[str, Any]) -> None:
        """Mail the one that was told of: the seal is its level."""
        level = next_level(list(thing.reminders.all()))
        if level is None:
            raise Refused(str(self.has_changed))
        try:
            send_reminder(invoice=thing, level=level, at=timezone.now(), by=self.request.user)
        except NotRemindable as refused:
            raise Refused(str(refused.obstacle.label)) from refused


class SendMany(ManyInvoices):
    """Mail each once more."""

    display_name = gettext_lazy("Send again by mail")
    action_type = "send"
    action_priority = 20
    done = ngettext_lazy(
        "%(count)s document is on its way.",
        "%(count)s documents are on their way.",
        "count",
    )

    def plan(self, things: Sequence[Any]) -> dict[int, Step]:
        """Say where each goes. What was mailed since it was told of is not mailed again: that is the seal."""
        copies = on_peppol([invoice.pk for invoice in things])
        steps = {}
        for invoice in things:
            words = {"email": invoice.email}
            said = _("to %(email)s.") % words
            if invoice.pk in copies:
                said = _("to %(email)s, as a copy of what went by Peppol.") % words
            steps[invoice.pk] = Step(words=said, seal=mail_seal(invoice))
        return steps

    def what_happens(self, things: Sequence[Any]) -> list[str]:
        """Say how many mails leave."""
        return [_mails(len(things), things), _("Nothing changes on the documents themselves.")]

    def do(self, thing: Invoice, data: dict[str, Any]) -> None:
        """Mail it."""
        send_invoice(invoice=thing, at=timezone.now(), by=self.request.user)


def hold_of(invoice: Invoice) -> Any:
    """Return the hold of an invoice's reminders, or nothing."""
    return getattr(invoice, "dunning_hold", None)


class HoldMany(ManyInvoices):
    """Send no reminders of them for now."""

    display_name = gettext_lazy("Hold reminders")
    action_type = "hold"
    action_priority = 30
    icon = "lock"
    form_class = HoldManyForm
    done = ngettext_lazy(
        "Reminders of %(count)s invoice are held.",
        "Reminders of %(count)s invoices are held.",
        "count",
    )

    def plan(self, things: Sequence[Any]) -> dict[int, Step]:
        """Hold what is still to be paid, once."""
        steps = {}
        for invoice in things:
            if not invoice.is_open or invoice.kind == Invoice.Kind.CREDIT_NOTE:
                steps[invoice.pk] = Step(obstacle=_("Nothing of it is still to be paid."))
            elif hold_of(invoice):
                steps[invoice.pk] = Step(obstacle=_("Its reminders are held already."))
            else:
                words = {"left": say_euro(invoice.left), "day": date_format(invoice.due_on)}
                steps[invoice.pk] = Step(words=_("%(left)s is open, to be paid by %(day)s.") % words)
        return steps

    def what_happens(self, things: Sequence[Any]) -> list[str]:
        """Say what it holds and what not."""
        count = len(things)
        told = ngettext(
            "Nobody is reminded of %(count)s invoice until you resume its reminders, neither by the clock "
            "nor by hand; %(left)s is open.",
            "Nobody is reminded of %(count)s invoices until you resume their reminders, neither by the clock "
            "nor by hand; in total %(left)s is open.",
            count,
        )
        return [
            told % {"count": count, "left": _left(things)},
            _("Due dates stay, and a membership that hangs on such an invoice follows its own days."),
        ]

    def do(self, thing: Invoice, data: dict[str, Any]) -> None:
        """Hold them."""
        hold_dunning(invoice=thing, reason=data["reason"], at=timezone.now(), by=self.request.user)


class ReleaseMany(ManyInvoices):
    """Let reminders go on."""

    display_name = gettext_lazy("Resume reminders")
    action_type = "release"
    action_priority = 40
    icon = "lock-open"
    done = ngettext_lazy(
        "Reminders of %(count)s invoice are resumed.",
        "Reminders of %(count)s invoices are resumed.",
        "count",
    )

    def plan(self, things: Sequence[Any]) -> dict[int, Step]:
        """Release what is held."""
        steps = {}
        for invoice in things:
            if hold := hold_of(invoice):
                words = {"day": date_format(timezone.localtime(hold.held_at)), "reason": hold.reason}
                steps[invoice.pk] = Step(
                    words=_("held since %(day)s: %(reason)s") % words, seal=f"{hold.held_at.timestamp():.6f}"
                )
            else:
                steps[invoice.pk] = Step(obstacle=_("Its reminders are not held."))
        return steps

    def what_happens(self, things: Sequence[Any]) -> list[str]:
        """Say what comes next."""
        count = len(things)
        told = ngettext(
            "From now on reminders of %(count)s invoice are sent again; first the last one that is due.",
            "From now on reminders of %(count)s invoices are sent again; of each first the last one that is "
            "due.",
            count,
        )
        left = _("In total %(left)s is open.") % {"left": _left(things)}
        return [told % {"count": count}, left]

    def do(self, thing: Invoice, data: dict[str, Any]) -> None:
        """Let them go on."""
        release_dunning(invoice=thing, at=timezone.now(), by=self.request.user)
