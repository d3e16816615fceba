"""What the treasurer fills in for an invoice of their own making."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets import AdminDateInput

from billing.money import line_net
from billing.rules import HIGHEST_AMOUNT, DraftLine
from cms.forms import LineField, LocalDecimalField

MOST_LINES = 100
UNITS = [
    ("C62", _("piece")),
    ("HUR", _("hour")),
    ("DAY", _("day")),
    ("WEE", _("week")),
    ("MON", _("month")),
    ("ANN", _("year")),
    ("E48", _("service")),
    ("KMT", _("kilometre")),
]
"""UN/ECE codes, as far as `billing.en16931.codes` knows them."""


class FreeInvoiceForm(forms.Form):
    """What stands on the invoice beside its lines.

    The hidden key makes a form that is sent twice count once; `confirmed` is the seal of the preview that
    the person saw.
    """

    po_number = LineField(
        label=_("The customer’s purchase order number"),
        max_length=60,
        required=False,
        help_text=_("Also called PO number: many customers pay nothing without it."),
    )
    buyer_reference = LineField(
        label=_("Reference for the customer"),
        max_length=100,
        required=False,
        help_text=_("Such as the name of the project or of who ordered; it is printed on the invoice."),
    )
    due_on = forms.DateField(label=_("Due date"), widget=AdminDateInput)
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    confirmed = forms.CharField(widget=forms.HiddenInput, required=False)

    def clean_due_on(self) -> Any:
        """Refuse a day that has passed."""
        day = self.cleaned_data["due_on"]
        if day < timezone.localdate():
            raise ValidationError(_("This day has passed."))
        return day


class FreeLineForm(forms.Form):
    """One line; one that is left empty does not count."""

    text = LineField(label=_("Description"), max_length=300)
    quantity = LocalDecimalField(
        label=_("Quantity"),
        min_value=Decimal("0.001"),
        max_digits=10,
        decimal_places=3,
        initial=1,
    )
    unit = forms.ChoiceField(label=_("Unit"), choices=UNITS, initial="C62")
    unit_price = LocalDecimalField(
        label=_("Price per unit"),
        min_value=Decimal("0.01"),
        max_value=HIGHEST_AMOUNT,
        decimal_places=2,
        help_text=_("In euros, excluding VAT."),
    )
    vat_treatment = forms.ChoiceField(label=_("VAT treatment"), required=False)

    def __init__(self, *args: Any, treatments: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        treatment: Any = self.fields["vat_treatment"]
        treatment.choices = treatments

    def clean(self) -> dict[str, Any]:
        """Refuse a line that comes to nothing, or to more than an invoice may."""
        data = self.cleaned_data
        if "quantity" in data and "unit_price" in data:
            net = line_net(data["quantity"], data["unit_price"])
            if not 0 < net <= HIGHEST_AMOUNT:
                self.add_error("unit_price", _("The amount of this line is too low or too high."))
        return data

    @property
    def draft(self) -> DraftLine:
        """The line to invoice."""
        return DraftLine(**self.cleaned_data)


class FreeLines(forms.BaseFormSet[FreeLineForm]):
    """The lines. `rows` are what was typed so far, shown again without a word about what is missing."""

    def __init__(self, *args: Any, rows: list[dict[str, str]] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = rows or []
        self.extra = max(len(self.rows) - self.min_num, 0)

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        """Fill in what was typed on a row."""
        kwargs: dict[str, Any] = super().get_form_kwargs(index)
        if index is not None and index < len(self.rows):
            kwargs["initial"] = self.rows[index]
        return kwargs

    @property
    def drafts(self) -> list[DraftLine]:
        """The lines to invoice, those that are left empty left out."""
        return [form.draft for form in self.forms if form.has_changed()]

    @classmethod
    def typed(cls, data: Mapping[str, str], prefix: str) -> list[dict[str, str]]:
        """Return the rows that were typed, in the order of the form."""
        count = data.get(f"{prefix}-TOTAL_FORMS", "")
        number = int(count) if count.isascii() and count.isdecimal() and len(count) < 4 else 0
        names = FreeLineForm.base_fields
        return [
            {name: data.get(f"{prefix}-{row}-{name}", "") for name in names}
            for row in range(min(number, MOST_LINES))
        ]


FreeLineFormSet = forms.formset_factory(
    FreeLineForm,
    formset=FreeLines,
    extra=0,
    min_num=1,
    validate_min=True,
    max_num=MOST_LINES,
    validate_max=True,
    absolute_max=MOST_LINES,
)
