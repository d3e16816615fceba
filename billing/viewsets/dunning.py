"""Reminding of one invoice by hand, and holding its reminders."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin import messages

from billing.forms import HoldForm, RemindForm, SendForm
from billing.models import DunningHold, Invoice, Reminder
from billing.operations.dunning import NotRemindable, hold_dunning, release_dunning, send_reminder
from billing.queries import next_level, open_amount, reminder_obstacle
from billing.viewsets.desk import DeskView
from cms.amounts import say_euro


def is_held(invoice: Invoice) -> bool:
    """Say whether nobody is reminded of an invoice for now."""
    return DunningHold.objects.filter(invoice=invoice).exists()


class RemindView(DeskView):
    """Mail the next reminder now."""

    permission = "billing.change_invoice"
    label = gettext_lazy("Send a reminder")
    icon = "mail"
    form_class = RemindForm

    @classmethod
    def may(cls, user: Any, thing: Invoice) -> bool:
        """Of an overdue invoice, as long as a level is left."""
        is_late = thing.status == Invoice.Status.OVERDUE and thing.kind != Invoice.Kind.CREDIT_NOTE
        return is_late and super().may(user, thing) and next_level(list(thing.reminders.all())) is not None

    def get_initial(self) -> dict[str, Any]:
        """Keep which level the person is told about."""
        return {"level": next_level(list(self.object.reminders.all()))}

    def what_happens(self) -> list[str]:
        """Say which reminder goes where, or why none can."""
        if obstacle := reminder_obstacle(self.object, timezone.now()):
            return [str(obstacle.label)]
        level = next_level(list(self.object.reminders.all()))
        words = {
            "level": level.label if level else "",
            "email": self.object.email,
            "left": say_euro(open_amount(self.object)),
            "day": date_format(self.object.due_on),
        }
        return [
            _("%(left)s is open, to be paid by %(day)s.") % words,
            _("The %(level)s is mailed with the PDF to %(email)s. Each reminder is sent once.") % words,
        ]

    def act(self, form: Any, by: Any) -> str:
        """Mail it."""
        level = form.cleaned_data["level"]
        reminder = send_reminder(invoice=self.object, level=level, at=timezone.now(), by=by)
        words = {"level": Reminder.Level(level).label, "email": reminder.email}
        return _("The %(level)s is on its way to %(email)s.") % words

    def form_valid(self, form: Any) -> HttpResponse:
        """Mail it, or say why not."""
        try:
            return super().form_valid(form)
        except NotRemindable as refused:
            messages.error(self.request, refused.obstacle.label)
            return redirect(self.get_success_url())


class HoldView(DeskView):
    """Send no reminders of it for now."""

    permission = "billing.change_invoice"
    label = gettext_lazy("Hold reminders")
    icon = "lock"
    form_class = HoldForm

    @classmethod
    def may(cls, user: Any, thing: Invoice) -> bool:
        """Of what is still to be paid; nobody is reminded of a pro forma."""
        return thing.is_open and not thing.is_pro_forma and super().may(user, thing) and not is_held(thing)

    def what_happens(self) -> list[str]:
        """Say what it holds and what not."""
        return [
            _(
                "Nobody is reminded of this invoice until you resume its reminders, neither by the clock nor "
                "by hand."
            ),
            _("The due date stays, and a membership that hangs on it follows its own days."),
        ]

    def act(self, form: Any, by: Any) -> str:
        """Hold them."""
        reason = form.cleaned_data["reason"]
        hold_dunning(invoice=self.object, reason=reason, at=timezone.now(), by=by)
        return _("Reminders of this invoice are held.")


class ReleaseView(DeskView):
    """Let reminders go on."""

    permission = "billing.change_invoice"
    label = gettext_lazy("Resume reminders")
    icon = "lock-open"
    form_class = SendForm

    @classmethod
    def may(cls, user: Any, thing: Invoice) -> bool:
        """Where they are held."""
        return super().may(user, thing) and is_held(thing)

    def what_happens(self) -> list[str]:
        """Say what comes next."""
        return [_("From now on reminders of this invoice are sent again; first the last one that is due.")]

    def act(self, form: Any, by: Any) -> str:
        """Let them go on."""
        release_dunning(invoice=self.object, at=timezone.now(), by=by)
        return _("Reminders of this invoice are resumed.")
