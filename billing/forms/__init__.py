"""What the treasurer fills in."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets import AdminDateInput

from billing.bank.camt import LARGEST_FILE
from billing.bank.references import read_reference
from billing.models import Invoice, InvoiceLine, Payment, Reminder
from billing.queries import followed
from billing.rules import HIGHEST_AMOUNT
from cms.amounts import say_euro
from cms.forms import LineField, LocalDecimalField


class PaymentForm(forms.Form):
    """A payment that came in. The hidden key makes a form that is sent twice count once.

    `confirmed` is what the person was shown and agreed to, where it is more than what is open.
    """

    amount = LocalDecimalField(
        label=_("Amount received"),
        min_value=Decimal("0.01"),
        max_value=HIGHEST_AMOUNT,
        decimal_places=2,
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
    confirmed = forms.CharField(widget=forms.HiddenInput, max_length=40, required=False)

    def clean_received_on(self) -> Any:
        """Refuse a day that has not come yet."""
        day = self.cleaned_data["received_on"]
        if day > timezone.localdate():
            raise ValidationError(_("This day has not come yet."))
        return day


class CreditForm(forms.Form):
    """What of each line is credited, all that is left of it to begin with, and why.

    `seen` makes a form that is sent twice count once; `confirmed` is what the person was shown and agreed
    to, where less than all is credited.
    """

    reason = LineField(
        label=_("Reason"), max_length=300, help_text=_("It stands in the history of the invoice.")
    )
    seen = forms.DecimalField(widget=forms.HiddenInput, decimal_places=2)
    confirmed = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, left: Sequence[tuple[InvoiceLine, Decimal]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.left = {line.position: rest for line, rest in left if rest}
        for line, rest in left:
            if rest:
                words = {"left": say_euro(rest), "net": say_euro(line.net)}
                self.fields[self.name_of(line.position)] = LocalDecimalField(
                    label=line.text,
                    min_value=min(rest, Decimal(0)),
                    max_value=max(rest, Decimal(0)),
                    decimal_places=2,
                    required=False,
                    initial=rest,
                    help_text=_("In euros, excluding VAT: %(left)s is left of %(net)s.") % words,
                )

        self.order_fields([self.name_of(position) for position in self.left])

    @staticmethod
    def name_of(position: int) -> str:
        """Return the name of the field of a line."""
        return f"line-{position}"

    def clean(self) -> dict[str, Any]:
        """Put the amounts together by position; refuse a form that credits nothing."""
        data = self.cleaned_data
        amounts = {position: data.get(self.name_of(position)) for position in self.left}
        data["amounts"] = {position: amount for position, amount in amounts.items() if amount}
        data["is_all"] = data["amounts"] == self.left
        if not data["amounts"] and not self.errors:
            raise ValidationError(_("Credit something of at least one line."))
        return data


class SendForm(forms.Form):
    """Nothing to fill in: only to confirm."""


class SendAgainForm(forms.Form):
    """Only to confirm. The hidden seal is the last mail, so that a form that is sent twice mails once."""

    seal = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)


class RemindForm(forms.Form):
    """Only to confirm. The hidden level makes a form that is sent twice count once."""

    level = forms.TypedChoiceField(choices=Reminder.Level.choices, coerce=int, widget=forms.HiddenInput)


class HoldForm(forms.Form):
    """Why nobody is reminded of an invoice."""

    reason = LineField(
        label=_("Reason"), max_length=300, help_text=_("It stands in the history of the invoice.")
    )


class WithdrawForm(forms.Form):
    """Why nobody has to pay a pro forma any more."""

    reason = LineField(
        label=_("Reason"),
        max_length=300,
        help_text=_("It stands in the history, and in the e-mail to an applicant."),
    )


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
        help_text=_(
            "What counts is the day on which money came in or went back, not the day on which it was "
            "recorded."
        ),
    )
    file_type = forms.ChoiceField(label=_("File"), choices=FILE_TYPES)


class BankFileForm(forms.Form):
    """A bank file to take."""

    file = forms.FileField(
        label=_("Bank file"),
        max_length=200,
        help_text=_("A CAMT.053 file (XML) as your bank offers it for download, of at most 25 MB."),
    )

    def clean_file(self) -> Any:
        """Refuse what is too large before it is read."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST_FILE:
            raise ValidationError(_("This file is larger than 25 MB. Download a shorter period."))
        return file


def find_document(typed: str) -> Invoice:
    """Return the invoice or pro forma by its number or structured communication. Raises ValidationError.

    A pro forma leads to the invoice that followed it, on which its money is.
    """
    documents = Invoice.documents.exclude(kind=Invoice.Kind.CREDIT_NOTE)
    if communication := read_reference(typed):
        documents = documents.filter(structured_communication=communication)
    else:
        documents = documents.filter(number__iexact=typed)
    found = documents.first() if typed.isprintable() else None  # PostgreSQL takes no NUL
    if found is None:
        raise ValidationError(_("There is no invoice with this number or communication."))
    return followed(found)


class ReasonForm(forms.Form):
    """Why somebody decides something about a bank line."""

    reason = LineField(
        label=_("Reason"), max_length=300, help_text=_("It stands in the history of the bank line.")
    )


class AssignForm(ReasonForm):
    """Which invoice a bank line pays, or a part of it. `seen` makes a form that is sent twice count once.

    `confirmed` is what the person was shown and agreed to, where that needs a second look.
    """

    invoice = LineField(
        label=_("Invoice"),
        max_length=40,
        help_text=_("Its number or its structured communication."),
    )
    amount = LocalDecimalField(
        label=_("Amount"),
        min_value=Decimal("0.01"),
        decimal_places=2,
        help_text=_("In euros. A transfer for several invoices is assigned in parts."),
    )
    seen = forms.IntegerField(widget=forms.HiddenInput)
    confirmed = forms.CharField(widget=forms.HiddenInput, max_length=40, required=False)
    field_order = ("invoice", "amount", "reason", "seen", "confirmed")

    def __init__(self, *args: Any, left: Decimal, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.left = left

    def clean_invoice(self) -> Invoice:
        """Find the invoice by what was typed."""
        return find_document(self.cleaned_data["invoice"])

    def clean_amount(self) -> Decimal:
        """Refuse more than the line has left."""
        amount: Decimal = self.cleaned_data["amount"]
        if amount > self.left:
            raise ValidationError(
                _("Only %(left)s is left of this bank line."), params={"left": say_euro(self.left)}
            )
        return amount


class VatDecisionForm(forms.Form):
    """Whether a VAT number counts, and on what grounds."""

    CONFIRM, REJECT = "confirm", "reject"

    decision = forms.ChoiceField(
        label=_("Decision"),
        choices=[
            (CONFIRM, _("Confirm: a business elsewhere in the EU, with reverse charge")),
            (REJECT, _("Reject: the number does not count, with Belgian VAT")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of the two.")},
    )
    reason = LineField(
        label=_("Reason"),
        max_length=300,
        help_text=_("Such as the paper that the customer showed, or the day of your own look-up in VIES."),
    )
