"""The two steps of joining: which membership, and who you are."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html, format_html_join
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from stdnum.be import vat as belgian_number
from stdnum.eu import vat as european_vat
from stdnum.exceptions import ValidationError as NumberError
from wagtail.models import Page

from cms.forms import LineField
from cms.protection import HoneypotMixin
from membership.models import Organisation, Tier

KINDS = [(value, capfirst(label)) for value, label in Organisation.Kind.choices]
"""The kinds of organisation as a form offers them."""

MOST_EMPLOYEES = 1_000_000
ONLINE, TRANSFER = "online", "transfer"
"""The means of payment of a first invoice, as the join form asks them."""


class TierField(forms.ModelChoiceField):
    """A tier to choose, with what it is in a few words."""

    def label_from_instance(self, tier: Tier) -> str:
        """Name and summary."""
        if not tier.summary:
            return str(tier)
        return format_html("<span><strong>{}</strong><br>{}</span>", tier.name, tier.summary)


class ChoiceForm(forms.Form):
    """Tier, kind and size: what a price needs. Sent by GET, so that the choice has an address."""

    tier = TierField(
        label=_("Tier"),
        queryset=Tier.objects.all(),
        to_field_name="slug",
        empty_label=None,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a tier."), "invalid_choice": _("Choose one of the tiers.")},
    )
    kind = forms.ChoiceField(
        label=_("Kind of organisation"),
        choices=KINDS,
        initial=Organisation.Kind.COMPANY,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose the kind of organisation.")},
    )
    employees = forms.IntegerField(
        label=_("Number of employees"),
        min_value=1,
        max_value=MOST_EMPLOYEES,
        help_text=_("Of the whole organisation, owners included."),
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        error_messages={
            "required": _("Enter the number of employees: the price depends on it."),
            "invalid": _("Enter a whole number, such as 25."),
            "min_value": _("The number of employees is at least 1. Owners count too."),
        },
    )

    def clean(self) -> dict[str, Any]:
        """Refuse a tier that is not open to this kind of organisation."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        tier, kind = cleaned.get("tier"), cleaned.get("kind")
        if tier and kind and kind not in tier.kinds:
            self.add_error(
                "tier",
                ValidationError(
                    _(
                        "This tier is for companies only. Local governments, knowledge institutions "
                        "and other organisations join at the Inform tier."
                    )
                ),
            )
        return cleaned


def clean_enterprise_number(text: str) -> str:
    """Return the ten digits of a Belgian enterprise number. Raises ValidationError with what is wrong."""
    if not text:
        return ""
    try:
        number: str = belgian_number.validate(text)
    except NumberError as error:
        raise ValidationError(
            _(
                "This is not a valid enterprise number: ten digits, such as 0999.101.384. "
                "Check for a typing error."
            )
        ) from error
    if number[0] not in "01":
        raise ValidationError(_("An enterprise number starts with 0 or 1."))
    return number


def clean_vat_number(text: str) -> str:
    """Return a VAT number checked by its country's own rule; a Belgian one may come without BE.

    Raises ValidationError with what is wrong.
    """
    if not text:
        return ""
    if belgian_number.is_valid(text):
        return f"BE{belgian_number.compact(text)}"
    try:
        number: str = european_vat.validate(text)
    except NumberError as error:
        raise ValidationError(_("This is not a VAT number of a country of the European Union.")) from error
    return number


class ChosenField(forms.ChoiceField):
    """A choice that is made already: who sends none gets what stood chosen."""

    def clean(self, value: Any) -> Any:
        """Return what was chosen."""
        return super().clean(value or self.initial)


class JoinForm(HoneypotMixin, forms.Form):
    """The organisation, its invoice and its contact person.

    How it is paid is asked only where paying online is possible (`is_online_on`).
    """

    name = LineField(
        label=_("Name of the organisation"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
        error_messages={"required": _("Enter the name of your organisation.")},
    )
    enterprise_number = LineField(
        label=_("Enterprise number"),
        max_length=30,
        help_text=_("Ten digits, such as 0999.101.384. With or without dots, with or without BE."),
        error_messages={"required": _("Enter your enterprise number: we need it for the invoice.")},
    )
    street = LineField(
        label=_("Street and number"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
        error_messages={"required": _("Enter the street and number.")},
    )
    postcode = LineField(
        label=_("Postcode"),
        max_length=10,
        widget=forms.TextInput(attrs={"autocomplete": "postal-code"}),
        error_messages={"required": _("Enter the postcode.")},
    )
    city = LineField(
        label=_("Town"),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "address-level2"}),
        error_messages={"required": _("Enter the town.")},
    )
    vat_number = LineField(
        label=_("VAT number"),
        max_length=20,
        required=False,
        help_text=_("Only if you are registered for VAT. For example BE\N{NO-BREAK SPACE}0999.101.384."),
    )
    website = forms.URLField(label=_("Website"), max_length=200, required=False, assume_scheme="https")
    billing_email = forms.EmailField(
        label=_("E-mail address for invoices"),
        max_length=254,
        required=False,
        help_text=_("If invoices should go to a different address."),
    )
    po_number = LineField(
        label=_("Your purchase order number"),
        max_length=60,
        required=False,
        help_text=_("We put it on the invoice."),
    )
    payment = ChosenField(
        label=_("How do you want to pay?"),
        choices=[
            (ONLINE, _("Online now: Bancontact, card or direct debit")),
            (TRANSFER, _("By bank transfer")),
        ],
        initial=ONLINE,
        help_text=_("If you pay online, you receive the invoice once your payment has come in."),
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": _("Choose how you want to pay.")},
    )
    first_name = LineField(
        label=_("First name"),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
        error_messages={"required": _("Enter your first name.")},
    )
    last_name = LineField(
        label=_("Last name"),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
        error_messages={"required": _("Enter your last name.")},
    )
    job_title = LineField(
        label=_("Job title"),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "organization-title"}),
    )
    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        help_text=_("You log in with this address once the membership is paid."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"required": _("Enter your e-mail address.")},
    )
    code_of_conduct = forms.BooleanField(
        label=_(
            "On behalf of the organisation I accept the code of conduct. I have read the privacy statement."
        ),
        error_messages={
            "required": _(
                "Accept the code of conduct and confirm that you have read the privacy statement: "
                "you cannot become a member otherwise."
            )
        },
    )

    def __init__(self, *args: Any, is_online_on: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_online_on:
            del self.fields["payment"]

    @property
    def pays_online(self) -> bool:
        """Whether the money comes online."""
        return self.cleaned_data.get("payment") == ONLINE

    def link_policies(self, policies: list[Page]) -> None:
        """Link to what who joins accepts, before the form is shown: also one that was refused."""
        if policies:
            links = [(page.get_url(), page.title) for page in policies]
            self["code_of_conduct"].help_text = format_html(
                gettext("Read them here: {}."), format_html_join(", ", '<a href="{}">{}</a>', links)
            )

    _ORGANISATION = ("name", "enterprise_number", "street", "postcode", "city", "website")
    _INVOICE = ("vat_number", "billing_email", "po_number", "payment")
    _CONTACT = ("first_name", "last_name", "job_title", "email", "code_of_conduct")

    @property
    def groups(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """The fields under the headings of the form, in order."""
        headings = (_("Organisation"), _("Invoice"), _("Main contact"))
        groups = (self._ORGANISATION, self._INVOICE, self._CONTACT)
        return [
            (heading, [self[name] for name in names if name in self.fields])
            for heading, names in zip(headings, groups, strict=True)
        ]

    def clean_enterprise_number(self) -> str:
        """Check the digits and the check digits."""
        return clean_enterprise_number(self.cleaned_data["enterprise_number"])

    def clean_vat_number(self) -> str:
        """Check the number by its country's own rule."""
        return clean_vat_number(self.cleaned_data["vat_number"])
