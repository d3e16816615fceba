"""What the treasurer does with many bank lines at once; to assign one asks for an invoice of its own."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy

from billing.forms.many import ManyEntriesForm
from billing.models import BankEntry
from billing.operations.bank_lines import EntryIsDone, set_aside_entry, take_back_entry
from billing.viewsets.bank import BankEntryViewSet
from billing.viewsets.bulk import ManyAction, Refused, Step
from cms.amounts import say_euro


class ManyEntries(ManyAction):
    """An action on many bank lines; the seal is what was assigned of each."""

    models = [BankEntry]
    viewset = BankEntryViewSet
    permission = "billing.change_bankentry"
    form_class = ManyEntriesForm
    operation: Any

    def rows(self, pks: Sequence[int]) -> QuerySet[BankEntry]:
        """Return them in the order of the list."""
        return BankEntry.objects.filter(pk__in=pks)

    def name(self, thing: Any) -> str:
        """Name a line by its day, its amount, and who it is from."""
        who = thing.counterparty_name or thing.counterparty_iban or _("no name")
        return f"{date_format(thing.booked_on, 'SHORT_DATE_FORMAT')}, {say_euro(thing.amount)}, {who}"

    def do(self, thing: BankEntry, data: dict[str, Any]) -> None:
        """Do it; the operation looks at the line once more."""
        try:
            self.operation(entry=thing, reason=data["reason"], at=timezone.now(), by=self.request.user)
        except EntryIsDone as gone:
            raise Refused(str(self.has_changed)) from gone


def left_of(entry: BankEntry) -> Decimal:
    """Return what of a line went to no invoice; below zero for what went out."""
    return entry.amount - entry.assigned


class SetAsideMany(ManyEntries):
    """Take lines out of the queue."""

    display_name = gettext_lazy("Set these lines aside")
    action_type = "set-aside"
    action_priority = 10
    icon = "folder"
    operation = staticmethod(set_aside_entry)
    done = ngettext_lazy("%(count)s line is set aside.", "%(count)s lines are set aside.", "count")

    def plan(self, things: Sequence[BankEntry]) -> dict[int, Step]:
        """Set aside what waits."""
        steps = {}
        for entry in things:
            if entry.status != BankEntry.Status.WAITING:
                why = _("It does not wait: %(status)s.") % {"status": entry.get_status_display()}
                steps[entry.pk] = Step(obstacle=why)
                continue
            said = _("%(left)s goes to no invoice.") % {"left": say_euro(left_of(entry))}
            steps[entry.pk] = Step(words=said, seal=str(entry.assigned))
        return steps

    def what_happens(self, things: Sequence[BankEntry]) -> list[str]:
        """Say how many, and how much came in and went out."""
        count = len(things)
        came = sum((left_of(each) for each in things if each.amount > 0), Decimal(0))
        went = sum((left_of(each) for each in things if each.amount < 0), Decimal(0))
        told = ngettext(
            "%(count)s line leaves the queue with one reason: %(came)s that came in and %(went)s that went "
            "out goes to no invoice.",
            "%(count)s lines leave the queue with one reason: %(came)s that came in and %(went)s that went "
            "out goes to no invoice.",
            count,
        )
        words = {"count": count, "came": say_euro(came), "went": say_euro(-went)}
        return [told % words, _("You can put each back later.")]


class TakeBackMany(ManyEntries):
    """Put lines that were set aside in the queue again."""

    display_name = gettext_lazy("Put these lines back in the queue")
    action_type = "take-back"
    action_priority = 20
    icon = "rotate"
    operation = staticmethod(take_back_entry)
    done = ngettext_lazy(
        "%(count)s line is back in the queue.",
        "%(count)s lines are back in the queue.",
        "count",
    )

    def plan(self, things: Sequence[BankEntry]) -> dict[int, Step]:
        """Put back what was set aside."""
        steps = {}
        for entry in things:
            if entry.status != BankEntry.Status.SET_ASIDE:
                why = _("It is not set aside: %(status)s.") % {"status": entry.get_status_display()}
                steps[entry.pk] = Step(obstacle=why)
            else:
                said = _("set aside because: %(reason)s") % {"reason": entry.reason}
                steps[entry.pk] = Step(words=said, seal=str(entry.assigned))
        return steps

    def what_happens(self, things: Sequence[BankEntry]) -> list[str]:
        """Say how many."""
        count = len(things)
        told = ngettext(
            "%(count)s line waits again, and can be assigned to an invoice.",
            "%(count)s lines wait again, and can be assigned to an invoice.",
            count,
        )
        return [told % {"count": count}]
