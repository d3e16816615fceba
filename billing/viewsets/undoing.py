"""Undoing a payment: on the page of its invoice, or with the bank line that took it back."""

from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.forms import find_document
from billing.forms.undoing import RecallForm, UndoForm
from billing.models import BankAllocation, BankEntry, Invoice, Payment, Reversal
from billing.money import cents
from billing.operations.plans import means_to_charge_anew
from billing.operations.undoing import NothingLeft, TakenBackTooEarly, undo_by_line, undo_key, undo_payment
from billing.queries import credited_amount, open_without, payments_left, recalled_payments
from billing.registries import consequences
from billing.viewsets.bank_actions import EntryView
from billing.viewsets.confirming import AsksAgain
from billing.viewsets.reversing import ReversingView
from cms.amounts import say_euro

LABEL = gettext_lazy("Undo a payment")


def what_follows(payment: Any, amount: Decimal, kind: str) -> list[str]:
    """Say what becomes of the invoice when so much of a payment, in EUR, counts no more."""
    invoice = payment.invoice
    words = {
        "amount": say_euro(amount),
        "day": date_format(payment.received_on),
        "invoice": invoice.number,
        "name": invoice.name,
        "left": say_euro(left := open_without(payment, amount)),
    }
    sentences = [_("%(amount)s of %(day)s will no longer count towards %(invoice)s of %(name)s.") % words]
    is_anew = kind == Reversal.Kind.MISTAKE and invoice.status == Invoice.Status.PAID
    if left > 0 and is_anew and means_to_charge_anew(invoice, left):
        sentences.append(
            _(
                "%(left)s is then open. It is collected automatically after all, at the earliest seven days "
                "after a new announcement, and no reminder goes out until then. A membership that depends on "
                "it follows as after a failed direct debit: past the due date it is past due."
            )
            % words
        )
    elif left > 0:
        sentences.append(
            _(
                "%(left)s is then open. Reminders go on, and a membership that depends on it follows as "
                "after a failed direct debit: past the due date it is past due."
            )
            % words
        )
    else:
        sentences.append(_("Nothing is then open.") % words)
    if left == invoice.gross - credited_amount(invoice):
        sentences += filter(None, (entry.say_of_undoing(invoice) for entry in consequences))
    return sentences


def promises() -> list[str]:
    """Say what holds for each payment that is undone."""
    return [
        _("Nothing is removed: the payment and its undoing both stay in the history."),
        _(
            "No e-mail goes out about the undoing. A member whose membership is then past due is told so at "
            "once."
        ),
    ]


class UndoPaymentView(ReversingView, AsksAgain):
    """Undo a payment that was booked in error, or that the bank took back."""

    label = LABEL
    form_class = UndoForm
    kinds = Reversal.BY_STAFF
    sent_before = gettext_lazy("This payment was undone before: nothing more was done.")

    @classmethod
    def is_left(cls, document: Invoice) -> bool:
        """While something is left of a payment."""
        return bool(payments_left(document))

    def key(self) -> str:
        """Return that of the chosen payment: it is undone once."""
        number = self.request.POST.get("payment", "")
        is_number = number.isascii() and number.isdecimal() and len(number) < 19
        return undo_key(Payment(pk=int(number))) if is_number else ""

    def get_form_kwargs(self) -> dict[str, Any]:
        """Tell the form which payments there are."""
        return {**super().get_form_kwargs(), "payments": payments_left(self.object)}

    def get_initial(self) -> dict[str, Any]:
        """Choose the only payment, as booked in error."""
        payments = payments_left(self.object)
        only = payments[0].pk if len(payments) == 1 else None
        return {"payment": only, "kind": Reversal.Kind.MISTAKE}

    def what_happens(self) -> list[str]:
        """Say what it means, or what will become of the payment that was chosen."""
        if self.agreed is None and not payments_left(self.object):
            return [_("No payment is left to undo.")]
        if self.agreed is None:
            return [
                _(
                    "Use this where a payment stands on the wrong invoice or was mistyped, or where the bank "
                    "took it back."
                ),
                *promises(),
            ]
        payment, kind = self.agreed["payment"], self.agreed["kind"]
        sentences = what_follows(payment, payment.left, kind)
        if kind == Reversal.Kind.MISTAKE:
            entry = BankEntry.objects.filter(allocations__payment=payment).first()
            words = {"amount": say_euro(payment.left), "line": str(entry)}
            sentences.append(
                _("The bank line (%(line)s) waits again, with %(amount)s to be assigned by you.") % words
                if entry
                else _("Record it anew where it belongs.")
            )
        return [*sentences, *promises(), _("Check it, and confirm once more.")]

    def seal_of(self, data: dict[str, Any]) -> str:
        """Always ask again: for this payment, this way."""
        return f"{data['payment'].pk}:{data['kind']}:{cents(data['payment'].left)}"

    def act(self, form: Any, by: Any) -> str:
        """Undo it."""
        data = form.cleaned_data
        reversal = undo_payment(
            payment=data["payment"],
            kind=data["kind"],
            returned_on=data["returned_on"] or timezone.localdate(),
            reason=data["reason"],
            at=timezone.now(),
            by=by,
        )
        words = {"amount": say_euro(reversal.amount), "invoice": reversal.payment.invoice.number}
        told = _("%(amount)s no longer counts towards %(invoice)s.") % words
        if reversal.kind == Reversal.Kind.MISTAKE and BankAllocation.objects.filter(payment=reversal.payment):
            told += " " + _("Its bank line waits again: assign it where it belongs.")
        return told

    def form_valid(self, form: Form) -> HttpResponse:
        """Undo it, or say that nothing is left by now."""
        try:
            return super().form_valid(form)
        except NothingLeft:
            form.add_error("payment", _("Nothing of this payment is left to undo."))
        return self.form_invalid(form)


class RecallView(AsksAgain, EntryView):
    """Undo a payment with the line by which the bank took it back."""

    permission = "billing.add_reversal"
    label = gettext_lazy("Undo the payment that it took back")
    icon = "rotate"
    form_class = RecallForm
    is_final = True

    @classmethod
    def may(cls, user: Any, thing: BankEntry) -> bool:
        """What went out and waits may have taken a payment back."""
        is_waiting = thing.status == BankEntry.Status.WAITING and not thing.is_credit
        return is_waiting and super().may(user, thing)

    @cached_property
    def typed(self) -> Invoice | None:
        """The invoice that was typed, if there is one like it."""
        try:
            return find_document(self.request.POST.get("invoice", "").strip())
        except ValidationError:
            return None

    def get_form_kwargs(self) -> dict[str, Any]:
        """Tell the form which payments are likely, and those of the invoice that was typed."""
        of_typed = recalled_payments(self.object, self.typed) if self.typed else []
        known = {"payments": recalled_payments(self.object), "typed": self.typed, "of_typed": of_typed}
        return {**super().get_form_kwargs(), **known}

    def get_initial(self) -> dict[str, Any]:
        """Keep what this line took back so far."""
        return {"seen": self.object.assigned}

    def what_happens(self) -> list[str]:
        """Say how much it took back, or what will become of the payment that was chosen."""
        words = {"amount": say_euro(self.object.taking_back), "day": date_format(self.object.booked_on)}
        sentences = [
            _("The bank took %(amount)s back on %(day)s. Choose the payment that this undoes.") % words
        ]
        if self.agreed is not None:
            payment = self.agreed["payment"]
            amount = min(self.object.taking_back, payment.left)
            sentences = what_follows(payment, amount, Reversal.Kind.RECALL)
            if rest := self.object.taking_back - amount:
                sentences.append(_("%(rest)s of this bank line keeps waiting.") % {"rest": say_euro(rest)})
        again = [_("Check it, and confirm once more.")] if self.agreed else []
        return [*sentences, *promises(), *again]

    def seal_of(self, data: dict[str, Any]) -> str:
        """Always ask again: for this payment."""
        return f"{data['payment'].pk}:{cents(data['payment'].left)}"

    def act(self, form: Any, by: Any) -> str:
        """Undo it."""
        data = form.cleaned_data
        reversal = undo_by_line(
            entry=self.object,
            payment=data["payment"],
            reason=data["reason"],
            seen=data["seen"],
            at=timezone.now(),
            by=by,
        )
        words = {"amount": say_euro(reversal.amount), "invoice": reversal.payment.invoice.number}
        return _("%(amount)s no longer counts towards %(invoice)s.") % words

    def form_valid(self, form: Form) -> HttpResponse:
        """Undo it, or say that nothing is left by now."""
        try:
            return super().form_valid(form)
        except (NothingLeft, TakenBackTooEarly):
            form.add_error("payment", _("Nothing of this payment is left to undo."))
        return self.form_invalid(form)
