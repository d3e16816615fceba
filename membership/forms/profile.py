"""What a member tells of itself: on the members page, for its invoices, and how large it is."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from wagtail.images.fields import WagtailImageField

from billing.numbers import vat_number_in
from cms.forms import LineField, PlainField
from membership.forms.fields import WebsiteField
from membership.forms.joining import MOST_EMPLOYEES

LONGEST_DESCRIPTION = 800


class ProfileForm(forms.Form):
    """What the members page shows."""

    description_nl = PlainField(
        label=_("Description in Dutch"),
        max_length=LONGEST_DESCRIPTION,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("What do you do for cities? At most 800 characters."),
    )
    description_en = PlainField(
        label=_("Description in English"),
        max_length=LONGEST_DESCRIPTION,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Without one, the page in English shows the Dutch description."),
    )
    website = WebsiteField()
    street = LineField(label=_("Street and number"), max_length=150, required=False)
    postcode = LineField(label=_("Postcode"), max_length=10, required=False)
    city = LineField(label=_("Town"), max_length=100, required=False)
    logo = WagtailImageField(
        label=_("New logo"),
        required=False,
    )
    is_logo_removed = forms.BooleanField(label=_("Show no logo"), required=False)
    is_listed = forms.BooleanField(label=_("Show us on the members page"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Wagtail's field writes its own, in the language in which the code was first read.
        self.fields["logo"].help_text = _("A picture file, such as PNG or JPEG, of at most 10 MB.")


class InvoicingForm(forms.Form):
    """Where invoices go, in `country` (ISO code), and what stands on them from the next one on."""

    name = LineField(label=_("Name on the invoice"), max_length=150)
    street = LineField(
        label=_("Street and number"),
        max_length=150,
        error_messages={"required": _("Enter the street and number, for the invoice.")},
    )
    postcode = LineField(
        label=_("Postcode"), max_length=10, error_messages={"required": _("Enter the postcode.")}
    )
    city = LineField(label=_("Town"), max_length=100, error_messages={"required": _("Enter the town.")})
    vat_number = LineField(
        label=_("VAT number"),
        max_length=20,
        required=False,
        help_text=_("Only if you are registered for VAT. For example BE\N{NO-BREAK SPACE}0999.101.384."),
    )
    email = forms.EmailField(
        label=_("E-mail address for invoices"),
        max_length=254,
        error_messages={"required": _("Enter the e-mail address for invoices.")},
    )
    po_number = LineField(
        label=_("Your purchase order number"),
        max_length=60,
        required=False,
        help_text=_("We put it on the invoice."),
    )
    language = forms.ChoiceField(
        label=_("Language of the invoices"), choices=settings.LANGUAGES, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, country: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.country = country

    def clean_vat_number(self) -> str:
        """Check the number by the rule of its country."""
        return vat_number_in(self.country, self.cleaned_data["vat_number"])


class SizeForm(forms.Form):
    """How many people work there."""

    employees = forms.IntegerField(
        label=_("Number of employees"),
        help_text=_("Of the whole organisation, owners included."),
        min_value=1,
        max_value=MOST_EMPLOYEES,
        error_messages={
            "required": _("Enter the number of employees: the price depends on it."),
            "invalid": _("Enter a whole number, such as 25."),
            "min_value": _("The number of employees must be at least 1. Owners count too."),
            "max_value": _("Check the number of employees: no organisation has that many."),
        },
    )
