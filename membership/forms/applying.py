"""The second step of joining: who you are, by a form of its own for each kind of organisation."""

from functools import partial
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

from billing.numbers import BELGIUM, LONGEST_NUMBER, countries, enterprise_number_in, vat_number_in
from cms.forms import LineField
from cms.protection import HoneypotMixin
from membership.forms.fields import WebsiteField
from membership.models import Organisation

ONLINE, TRANSFER = "online", "transfer"
"""The means of payment of a first invoice, as the join form asks them."""


class ChosenField(forms.ChoiceField):
    """A choice that is made already: who sends none gets what stood chosen."""

    def clean(self, value: Any) -> Any:
        """Return what was chosen."""
        return super().clean(value or self.initial)


class JoinForm(HoneypotMixin, forms.Form):
    """The organisation, its invoice and its contact person: what each kind is asked.

    How it is paid is asked only where paying online is possible (`is_online_on`).
    """

    name = LineField(
        label=_("Name of the organisation"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
        error_messages={"required": _("Enter the name of your organisation.")},
    )
    country = ChosenField(
        label=_("Country"),
        choices=countries,
        initial=BELGIUM,
        widget=forms.Select(attrs={"autocomplete": "country"}),
        error_messages={"invalid_choice": _("Choose one of the countries.")},
    )
    enterprise_number = LineField(
        label=_("Enterprise number"),
        max_length=LONGEST_NUMBER,
        help_text=_(
            "In Belgium ten digits, such as 0999.101.384. In another country: your number in the register of "
            "businesses there."
        ),
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
    website = WebsiteField()
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

    _ORGANISATION = ("name", "country", "enterprise_number", "street", "postcode", "city", "website")
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

    def clean(self) -> dict[str, Any]:
        """Check the numbers by the rules of the country."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        country = cleaned.setdefault("country", BELGIUM)
        in_register = partial(enterprise_number_in, is_only_country="country" not in self.fields)
        for name, checked in (("enterprise_number", in_register), ("vat_number", vat_number_in)):
            try:
                cleaned[name] = checked(country, cleaned.get(name, ""))
            except ValidationError as error:
                self.add_error(name, error)
        return cleaned


class CompanyForm(JoinForm):
    """A company, here or abroad."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name of the company")
        self.fields["name"].error_messages["required"] = _("Enter the name of your company.")


class LocalGovernmentForm(JoinForm):
    """A Belgian local government: it has an enterprise number, and orders before it pays."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["country"]
        fields = self.fields
        fields["name"].label = _("Name of the local government")
        fields["name"].help_text = _(
            "For example your city, municipality, province or intermunicipal company."
        )
        fields["name"].error_messages["required"] = _("Enter the name of your local government.")
        fields["enterprise_number"].help_text = _(
            "Every local government has one: ten digits, such as 0999.101.384."
        )
        fields["po_number"].help_text = _(
            "Does your finance department ask for one? Then we put it on the invoice."
        )
        fields["job_title"].label = _("Position and department")
        if "payment" in fields:
            fields["payment"].initial = TRANSFER


class KnowledgeInstitutionForm(JoinForm):
    """A university, university college or research centre; one of its departments joins for all of it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields = self.fields
        fields["name"].label = _("Name of the knowledge institution")
        fields["name"].help_text = _("The institution itself, not the faculty or the research group.")
        fields["name"].error_messages["required"] = _("Enter the name of your institution.")
        fields["job_title"].label = _("Position and department")


class OtherOrganisationForm(JoinForm):
    """An association or another body, which may have no number at all."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        number = self.fields["enterprise_number"]
        number.required = False
        number.help_text = _(
            "Does your organisation have none, such as an unincorporated association? Leave this empty: we "
            "look at your application before we ask for payment."
        )


JOIN_FORMS: dict[str, type[JoinForm]] = {
    Organisation.Kind.COMPANY: CompanyForm,
    Organisation.Kind.LOCAL_GOVERNMENT: LocalGovernmentForm,
    Organisation.Kind.KNOWLEDGE_INSTITUTION: KnowledgeInstitutionForm,
    Organisation.Kind.OTHER: OtherOrganisationForm,
}
"""By the kind of organisation, what it is asked."""
