"""Undoing a payment: which one, why it counts no more, and what was agreed to."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.widgets import AdminDateInput

from billing.forms import ReasonForm
from billing.models import Invoice, Payment, Reversal
from cms.amounts import say_euro
from cms.forms import LineField

BY_STRIPE = gettext_lazy(
    "This payment came through Stripe: pay it back with Stripe, or wait for what Stripe says of a chargeback."
)
NO_TRANSFER = gettext_lazy("The bank can take back only what was paid by bank transfer.")


class UndoForm(forms.Form):
    """One of the payments of a document. `confirmed` is what the person was shown and agreed to."""

    payment = forms.TypedChoiceField(label=gettext_lazy("Payment"), coerce=int, widget=forms.RadioSelect)
    kind = forms.ChoiceField(
        label=gettext_lazy("What is wrong"),
        choices=[
            (Reversal.Kind.MISTAKE, gettext_lazy("It was booked in error: wrong invoice, amount or payer")),
            (Reversal.Kind.RECALL, gettext_lazy("The bank took it back")),
        ],
        widget=forms.RadioSelect,
    )
    returned_on = forms.DateField(
        label=gettext_lazy("Taken back by the bank on"),
        widget=AdminDateInput,
        required=False,
        help_text=gettext_lazy("Only where the bank took it back: the day on the bank statement."),
    )
    reason = LineField(
        label=gettext_lazy("Reason"),
        max_length=300,
        help_text=gettext_lazy("It stands in the history of the invoice."),
    )
    confirmed = forms.CharField(widget=forms.HiddenInput, max_length=60, required=False)

    def __init__(self, *args: Any, payments: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.payments = {payment.pk: payment for payment in payments}
        fields: dict[str, Any] = self.fields
        fields["payment"].choices = [(payment.pk, say_payment(payment)) for payment in payments]

    def clean_payment(self) -> Payment:
        """Refuse what came through Stripe, in words."""
        payment: Payment = self.payments[self.cleaned_data["payment"]]
        if payment.method == Payment.Method.STRIPE:
            raise ValidationError(BY_STRIPE)
        return payment

    def clean(self) -> dict[str, Any]:
        """Ask for the day of the bank, which is no day to come and not before the payment."""
        data = self.cleaned_data
        payment, day = data.get("payment"), data.get("returned_on")
        if data.get("kind") != Reversal.Kind.RECALL:
            return data
        if payment and payment.method != Payment.Method.TRANSFER:
            self.add_error("kind", NO_TRANSFER)
            return data
        if "returned_on" in self.errors:
            return data
        if day is None:
            self.add_error("returned_on", _("Fill in the day on which the bank took it back."))
        elif day > timezone.localdate():
            self.add_error("returned_on", _("This day has not come yet."))
        elif payment and day < payment.received_on:
            self.add_error(
                "returned_on", _("The bank cannot have taken it back before it came in: check the day.")
            )
        return data


class RecallForm(ReasonForm):
    """Which payment a bank line took back: one of the likely ones, or one of an invoice that is typed.

    `seen` makes a form that is sent twice count once; `confirmed` is what the person agreed to.
    """

    payment = forms.TypedChoiceField(
        label=gettext_lazy("Payment"), coerce=int, widget=forms.RadioSelect, required=False, empty_value=None
    )
    invoice = LineField(
        label=gettext_lazy("Or the invoice that it had paid"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("Its number or its structured communication, where the payment is not above."),
    )
    seen = forms.DecimalField(widget=forms.HiddenInput, decimal_places=2)
    confirmed = forms.CharField(widget=forms.HiddenInput, max_length=60, required=False)
    field_order = ("payment", "invoice", "reason", "seen", "confirmed")

    def __init__(
        self,
        *args: Any,
        payments: Sequence[Any],
        typed: Invoice | None,
        of_typed: Sequence[Any],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.payments = {payment.pk: payment for payment in (*payments, *of_typed)}
        self.typed, self.of_typed = typed, of_typed
        fields: dict[str, Any] = self.fields
        fields["payment"].choices = [(pk, say_payment(each, True)) for pk, each in self.payments.items()]
        if not self.payments:
            del fields["payment"]
            fields["invoice"].label = _("The invoice that it had paid")
            fields["invoice"].help_text = _("Its number or its structured communication.")

    def clean(self) -> dict[str, Any]:
        """Find the one payment that is meant."""
        data = self.cleaned_data
        pk = data.get("payment")
        if pk is None and not self.errors:
            pk = self._find(data.get("invoice", ""))
        data["payment"] = self.payments.get(pk) if pk else None
        return data

    def _find(self, typed: str) -> int | None:
        """Return the payment of the invoice that was typed; say it where there is none, or more than one."""
        methods = set(self.typed.payments.values_list("method", flat=True)) if self.typed else set()
        if not typed:
            if self.payments:
                self.add_error("payment", _("Choose a payment, or type the invoice that it had paid."))
            else:
                self.add_error("invoice", _("Type the invoice that it had paid."))
        elif self.typed is None:
            self.add_error("invoice", _("There is no invoice with this number or communication."))
        elif len(self.of_typed) == 1:
            return int(self.of_typed[0].pk)
        elif self.of_typed:
            self.add_error("payment", _("More than one payment was recorded on this invoice: choose one."))
        elif Payment.Method.STRIPE in methods:
            self.add_error("invoice", BY_STRIPE)
        elif methods and Payment.Method.TRANSFER not in methods:
            self.add_error("invoice", NO_TRANSFER)
        else:
            self.add_error(
                "invoice", _("This invoice has no payment up to that day that can still be undone.")
            )
        return None


def say_payment(payment: Any, with_invoice: bool = False) -> str:
    """Say what is left of which payment, with its invoice where it is not plain."""
    words = {
        "left": say_euro(payment.left),
        "method": payment.get_method_display(),
        "day": date_format(payment.received_on),
        "invoice": payment.invoice.number,
        "name": payment.invoice.name,
    }
    if with_invoice:
        return _("%(left)s, %(method)s, %(day)s, invoice %(invoice)s of %(name)s") % words
    return _("%(left)s, %(method)s, %(day)s") % words
