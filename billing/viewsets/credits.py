"""Crediting an invoice: all that is left of it, or parts of its lines."""

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.forms import Form
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.forms import CreditForm
from billing.models import Invoice
from billing.money import Totals
from billing.operations.invoices import CreditedMeanwhile, NothingToCredit, credit_invoice
from billing.queries import (
    CreditTooHigh,
    creditable_lines,
    credited_amount,
    open_amount,
    preview_credit,
)
from billing.registries import consequences
from billing.rules import SeriesIsFull
from billing.viewsets.desk import DeskView
from cms.amounts import say_euro


class CreditView(DeskView):
    """Credit all that is left, or the parts that are typed, after a second look at what they come to."""

    permission = "billing.change_invoice"
    label = gettext_lazy("Credit")
    icon = "rotate"
    form_class = CreditForm
    is_final = True
    typed: Totals | None = None
    """What the amounts come to that were typed and wait to be confirmed."""

    @classmethod
    def may(cls, user: AbstractBaseUser, thing: Invoice) -> bool:
        """An invoice is credited until nothing of it is left; a pro forma is withdrawn."""
        is_left = (
            not thing.is_pro_forma
            and thing.kind != Invoice.Kind.CREDIT_NOTE
            and thing.status != Invoice.Status.CREDITED
        )
        return is_left and super().may(user, thing)

    def get_form_kwargs(self) -> dict[str, Any]:
        """Tell the form what is left of each line."""
        return {**super().get_form_kwargs(), "left": creditable_lines(self.object)}

    def get_initial(self) -> dict[str, Any]:
        """Keep what was credited so far."""
        return {"seen": credited_amount(self.object)}

    def what_happens(self) -> list[str]:
        """Say what is made and mailed, and what it leaves."""
        invoice = self.object
        if self.typed is None:
            left = {"amount": say_euro(invoice.gross - credited_amount(invoice)), "email": invoice.email}
            return [
                _(
                    "A credit note of all that is left, %(amount)s including VAT, is made and mailed to "
                    "%(email)s."
                )
                % left,
                *filter(None, (entry.say_of_crediting(invoice) for entry in consequences)),
                _("To credit less, lower the amounts below or leave them empty. This cannot be undone."),
            ]
        rest = open_amount(invoice) - self.typed.gross
        words = {
            "amount": say_euro(self.typed.gross),
            "vat": say_euro(self.typed.vat),
            "email": invoice.email,
            "left": say_euro(abs(rest)),
        }
        sentences = [
            _("A credit note of %(amount)s, of which %(vat)s is VAT, is made and mailed to %(email)s.")
            % words
        ]
        if rest > 0:
            sentences.append(_("%(left)s is still to be paid on the invoice then.") % words)
        elif rest < 0:
            sentences.append(_("%(left)s is to be paid back to the customer then.") % words)
        return [*sentences, _("Check it, and confirm once more. This cannot be undone.")]

    def act(self, form: Any, by: Any) -> str:
        """Credit it."""
        data = form.cleaned_data
        try:
            note = credit_invoice(
                invoice=self.object,
                reason=data["reason"],
                amounts=None if data["is_all"] else data["amounts"],
                seen=data["seen"],
                at=timezone.now(),
                by=by,
            )
        except CreditedMeanwhile:
            return _("Something was credited meanwhile, perhaps by this same form: nothing more was done.")
        return _("Credit note %(number)s is made and mailed.") % {"number": note.number}

    def form_valid(self, form: Form) -> HttpResponse:
        """Credit it; ask once more where less than all is credited, for the page did not say its VAT."""
        data = form.cleaned_data
        seal = ";".join(f"{position}:{amount}" for position, amount in data["amounts"].items())
        try:
            if not data["is_all"]:
                self.typed = preview_credit(self.object, data["amounts"])
                if data["confirmed"] != seal:
                    return self._ask_again(seal)
            return super().form_valid(form)
        except SeriesIsFull:
            form.add_error(None, _("This year has no numbers left for credit notes."))
        except NothingToCredit:
            form.add_error(None, _("This comes to nothing, or the invoice was credited already."))
        except CreditTooHigh as refused:
            name = None if refused.position is None else CreditForm.name_of(refused.position)
            form.add_error(
                name if name in form.fields else None,
                _("Together this is more than what is left of the invoice: credit its reductions along."),
            )
        self.typed = None
        return self.form_invalid(form)

    def _ask_again(self, seal: str) -> HttpResponse:
        words = {**self.request.POST.dict(), "confirmed": seal}
        form = CreditForm(words, left=creditable_lines(self.object))
        return self.render_to_response(self.get_context_data(form=form))
