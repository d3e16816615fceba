"""What the treasurer does with lines of bank files; each action says first what will happen."""

from decimal import Decimal
from typing import Any

from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from wagtail.admin import messages

from billing.forms import AssignForm, ReasonForm
from billing.models import BankEntry, BankFile, Invoice
from billing.operations.bank_lines import (
    EntryIsDone,
    TooMuchAssigned,
    assign_entry,
    set_aside_debits,
    set_aside_entry,
    take_back_entry,
)
from billing.operations.invoices import InvalidPayment
from billing.queries import ZERO, open_amount
from billing.viewsets.desk import DeskView
from cms.amounts import say_euro


class EntryView(DeskView):
    """An action on one bank line."""

    permission = "billing.change_bankentry"
    model = BankEntry
    list_url_name = "billing_bank_entries:index"

    def get_success_url(self) -> str:
        """Lead back to the line."""
        return reverse("billing_bank_entries:inspect", args=[self.object.pk])

    def form_valid(self, form: Form) -> HttpResponse:
        """Do it, or say that somebody was faster."""
        try:
            return super().form_valid(form)
        except EntryIsDone:
            messages.error(
                self.request, _("This line has changed meanwhile: nothing was done. Look at it again.")
            )
            return redirect(self.get_success_url())


class AssignView(EntryView):
    """Pay an invoice with a line, as somebody decides."""

    label = gettext_lazy("Assign to an invoice")
    icon = "link"
    form_class = AssignForm
    typed: tuple[Invoice, Decimal] | None = None
    """What was typed and waits to be confirmed: the invoice, and the amount in EUR."""

    @classmethod
    def may(cls, user: Any, thing: BankEntry) -> bool:
        """What came in and waits may be assigned."""
        return thing.status == BankEntry.Status.WAITING and thing.is_credit and super().may(user, thing)

    def get_form_kwargs(self) -> dict[str, Any]:
        """Tell the form what is left."""
        return {**super().get_form_kwargs(), "left": self.object.left}

    @cached_property
    def chosen(self) -> Invoice | None:
        """The invoice that was chosen among the likely ones."""
        number = self.request.GET.get("invoice", "")
        is_number = number.isascii() and number.isdecimal() and len(number) < 10
        return Invoice.documents.filter(pk=int(number)).first() if is_number else None

    def get_initial(self) -> dict[str, Any]:
        """Propose the invoice that was chosen, and what it needs or what is left."""
        left, invoice = self.object.left, self.chosen
        needed = open_amount(invoice) if invoice else left
        number = invoice.number if invoice else ""
        amount = min(needed, left) if needed > 0 else left
        return {"invoice": number, "amount": amount, "seen": self.object.allocations.count()}

    def what_happens(self) -> list[str]:
        """Say what is left, and what is open on the invoice that was chosen or typed."""
        sentences = [_("%(left)s is left of this bank line.") % {"left": say_euro(self.object.left)}]
        invoice = self.typed[0] if self.typed else self.chosen
        if invoice:
            left = max(open_amount(invoice), ZERO)
            words = {"invoice": invoice.number, "name": invoice.name, "left": say_euro(left)}
            sentences.append(_("On invoice %(invoice)s of %(name)s %(left)s is open.") % words)
            if self.typed and self.typed[1] > left:
                told = _("%(surplus)s would be too much, and is kept as a surplus of the payer’s.")
                sentences.append(told % {"surplus": say_euro(self.typed[1] - left)})
        if self.typed:
            sentences.append(_("Check it, and confirm once more."))
        return [
            *sentences,
            _("What you assign is recorded as a payment. A mistake can be undone later, on the invoice."),
        ]

    def act(self, form: Any, by: Any) -> str:
        """Assign it."""
        data = form.cleaned_data
        payment = assign_entry(
            entry=self.object,
            invoice=data["invoice"],
            amount=data["amount"],
            reason=data["reason"],
            seen=data["seen"],
            at=timezone.now(),
            by=by,
        )
        words = {
            "amount": say_euro(payment.amount),
            "surplus": say_euro(payment.surplus),
            "invoice": payment.invoice.number,
        }
        told = _("%(amount)s is recorded on invoice %(invoice)s.") % words
        if payment.surplus:
            told += " " + _("%(surplus)s of it is too much.") % words
        return told

    def form_valid(self, form: Form) -> HttpResponse:
        """Assign it; ask once more where the page did not say what it would do, or it is too much."""
        invoice, amount = form.cleaned_data["invoice"], form.cleaned_data["amount"]
        was_said = invoice == self.chosen and amount <= open_amount(invoice)
        seal = f"{invoice.pk}:{amount}"
        if not was_said and form.cleaned_data["confirmed"] != seal:
            self.typed = invoice, amount
            sealed = self.form_class({**self.request.POST.dict(), "confirmed": seal}, left=self.object.left)
            return self.render_to_response(self.get_context_data(form=sealed))
        try:
            return super().form_valid(form)
        except (InvalidPayment, TooMuchAssigned):
            form.add_error("amount", _("This amount cannot be recorded on this invoice."))
            return self.form_invalid(form)


class SetAsideView(EntryView):
    """Take a line out of the queue."""

    label = gettext_lazy("Set this line aside")
    icon = "folder"
    form_class = ReasonForm

    @classmethod
    def may(cls, user: Any, thing: BankEntry) -> bool:
        """What waits may be set aside."""
        return thing.status == BankEntry.Status.WAITING and super().may(user, thing)

    def what_happens(self) -> list[str]:
        """Say what it means."""
        return [
            _("The line leaves the queue and goes to no invoice: a cost of the bank, a refund, not ours."),
            _("You can put it back later."),
        ]

    def act(self, form: Any, by: Any) -> str:
        """Set it aside."""
        reason = form.cleaned_data["reason"]
        set_aside_entry(entry=self.object, reason=reason, at=timezone.now(), by=by)
        return _("The line is set aside.")


class TakeBackView(EntryView):
    """Put a line that was set aside in the queue again."""

    label = gettext_lazy("Put this line back in the queue")
    icon = "rotate"
    form_class = ReasonForm

    @classmethod
    def may(cls, user: Any, thing: BankEntry) -> bool:
        """What was set aside may come back."""
        return thing.status == BankEntry.Status.SET_ASIDE and super().may(user, thing)

    def what_happens(self) -> list[str]:
        """Say what it means."""
        if self.object.is_credit:
            return [_("The line waits again, and can be assigned to an invoice.")]
        return [_("The line waits again: payments that it gave back can then be undone with it.")]

    def act(self, form: Any, by: Any) -> str:
        """Put it back."""
        reason = form.cleaned_data["reason"]
        take_back_entry(entry=self.object, reason=reason, at=timezone.now(), by=by)
        return _("The line is back in the queue.")


class SetDebitsAsideView(DeskView):
    """Set aside all that went out in a file."""

    permission = "billing.change_bankentry"
    label = gettext_lazy("Set outgoing lines aside")
    icon = "folder"
    form_class = ReasonForm
    model = BankFile
    list_url_name = "billing_bank_files:index"

    @classmethod
    def may(cls, user: Any, thing: BankFile) -> bool:
        """While there are any."""
        return super().may(user, thing) and _debits(thing).exists()

    def get_success_url(self) -> str:
        """Lead back to the file."""
        return reverse("billing_bank_files:inspect", args=[self.object.pk])

    def what_happens(self) -> list[str]:
        """Say how many."""
        count = _debits(self.object).count()
        told = ngettext(
            "%(count)s line of this file that went out and waits leaves the queue, with one reason.",
            "%(count)s lines of this file that went out and wait leave the queue, with one reason.",
            count,
        )
        return [told % {"count": count}, _("You can put each back later.")]

    def act(self, form: Any, by: Any) -> str:
        """Set them aside."""
        reason = form.cleaned_data["reason"]
        count = set_aside_debits(file=self.object, reason=reason, at=timezone.now(), by=by)
        told = ngettext("%(count)s line is set aside.", "%(count)s lines are set aside.", count)
        return told % {"count": count}


def _debits(file: BankFile) -> Any:
    return file.entries.filter(status=BankEntry.Status.WAITING, amount__lt=0)


ENTRY_ACTIONS: dict[str, type[EntryView]] = {
    "assign": AssignView,
    "set-aside": SetAsideView,
    "take-back": TakeBackView,
}
"""By the name in the address."""
