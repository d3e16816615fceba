"""What the treasurer fills in."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets import AdminDateInput

from billing.models import Payment
from billing.rules import HIGHEST_AMOUNT
from cms.forms import LineField


class PaymentForm(forms.Form):
    """A payment that came in. The hidden key makes a form that is sent twice count once."""

    amount = forms.DecimalField(
        label=_("Amount received"),
        min_value=Decimal("0.01"),
        max_value=HIGHEST_AMOUNT,
        decimal_places=2,
        localize=True,
        help_text=_("In euros, as it stands on the bank statement."),
    )
    received_on = forms.DateField(
        label=_("Received on"), widget=AdminDateInput, help_text=_("The day on the bank statement.")
    )
    method = forms.ChoiceField(
        label=_("Method"),
        choices=[
            (Payment.Method.TRANSFER.value, Payment.Method.TRANSFER.label),
            (Payment.Method.CASH.value, Payment.Method.CASH.label),
        ],
    )
    note = LineField(label=_("Note"), max_length=300, required=False)
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def clean_received_on(self) -> Any:
        """Refuse a day that has not come yet."""
        day = self.cleaned_data["received_on"]
        if day > timezone.localdate():
            raise ValidationError(_("This day has not come yet."))
        return day


class CreditForm(forms.Form):
    """Why an invoice is credited."""

    reason = LineField(
        label=_("Reason"), max_length=300, help_text=_("It stands in the history of the invoice.")
    )


class SendForm(forms.Form):
    """Nothing to fill in: only to confirm."""


FILE_TYPES = [("xlsx", _("Excel (XLSX)")), ("csv", "CSV")]


class LinesForm(forms.Form):
    """The period of an accounting export."""

    since = forms.DateField(label=_("From"), widget=AdminDateInput)
    until = forms.DateField(label=_("Up to and including"), widget=AdminDateInput)
    file_type = forms.ChoiceField(label=_("File"), choices=FILE_TYPES)

    def clean_until(self) -> Any:
        """Refuse a period that ends before it starts."""
        since, until = self.cleaned_data.get("since"), self.cleaned_data["until"]
        if since and until < since:
            raise ValidationError(_("The period ends before it starts."))
        return until


class OpenItemsForm(forms.Form):
    """The day at whose end items were open."""

    on = forms.DateField(
        label=_("At the end of"),
        widget=AdminDateInput,
        help_text=_("What was received later counts as still open."),
    )
    file_type = forms.ChoiceField(label=_("File"), choices=FILE_TYPES)
