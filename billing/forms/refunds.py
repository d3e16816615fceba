"""Paying back."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.widgets import AdminDateInput

from billing.models import Payment
from cms.amounts import say_euro
from cms.forms import LineField, LocalDecimalField

TOO_EARLY = gettext_lazy("The payment cannot have been paid back before it came in: check the day.")


class RefundForm(forms.Form):
    """What of which payment goes back, and how. The hidden key makes a form that is sent twice count once.

    `returnable` are the payments with what of each may go back, in EUR; `is_online` are those that Stripe can
    pay back.
    """

    payment = forms.TypedChoiceField(label=gettext_lazy("Payment"), coerce=int, widget=forms.RadioSelect)
    amount = LocalDecimalField(
        label=gettext_lazy("Amount"),
        min_value=Decimal("0.01"),
        decimal_places=2,
        help_text=gettext_lazy("In euros."),
    )
    method = forms.ChoiceField(
        label=gettext_lazy("Method"),
        choices=Payment.Method.choices,
        widget=forms.RadioSelect,
        help_text=gettext_lazy(
            "Stripe pays back at once, to the card or account that was paid with. A transfer or cash you "
            "make yourself: here you record it."
        ),
    )
    returned_on = forms.DateField(
        label=gettext_lazy("Paid back on"),
        widget=AdminDateInput,
        help_text=gettext_lazy("What Stripe pays back, it pays back today."),
    )
    reason = LineField(
        label=gettext_lazy("Reason"),
        max_length=300,
        help_text=gettext_lazy("It stands in the history of the invoice."),
    )
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(
        self, *args: Any, returnable: Sequence[tuple[Payment, Decimal]], online: Sequence[int], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.payments = {payment.pk: payment for payment, _most in returnable}
        self.most = {payment.pk: most for payment, most in returnable}
        self.online = online
        fields: dict[str, Any] = self.fields
        payments, method = fields["payment"], fields["method"]
        payments.choices = [(payment.pk, _say(payment, most)) for payment, most in returnable]
        if not online:
            method.choices = [each for each in Payment.Method.choices if each[0] != Payment.Method.STRIPE]
            method.help_text = _("You make it yourself: here you record it.")
            fields["returned_on"].help_text = ""

    def clean_returned_on(self) -> Any:
        """Refuse a day that has not come yet."""
        day = self.cleaned_data["returned_on"]
        if day > timezone.localdate():
            raise ValidationError(_("This day has not come yet."))
        return day

    def clean(self) -> dict[str, Any]:
        """Refuse more than may go back, a day before it came, and Stripe for what did not come that way."""
        data = self.cleaned_data
        pk = data.get("payment")
        if pk is None:
            return data
        amount = data.get("amount")
        if amount and amount > self.most[pk]:
            words = {"most": say_euro(self.most[pk])}
            self.add_error("amount", ValidationError(_("At most %(most)s goes back."), params=words))
        day, is_online = data.get("returned_on"), data.get("method") == Payment.Method.STRIPE
        if is_online and pk not in self.online:
            self.add_error("method", _("This payment did not come through Stripe."))
        if day and not is_online and day < self.payments[pk].received_on:
            self.add_error("returned_on", TOO_EARLY)
        return data


def _say(payment: Payment, most: Decimal) -> str:
    words = {
        "amount": say_euro(payment.amount),
        "method": payment.get_method_display(),
        "day": date_format(payment.received_on),
        "most": say_euro(most),
    }
    return _("%(amount)s, %(method)s, %(day)s: at most %(most)s goes back") % words
