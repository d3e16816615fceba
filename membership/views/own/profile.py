"""One's own organisation as the members page shows it, as invoices name it, and its size."""

from typing import Any

from django import forms
from django.contrib import messages
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.models import Customer
from billing.operations.customers import change_customer
from cms.amounts import say_euro
from cms.navigation import find_landmark
from membership.forms import InvoicingForm, ProfileForm, SizeForm
from membership.models import Organisation
from membership.operations.profile import change_profile, change_size
from membership.queries import (
    NextTerm,
    invoiced_organisation,
    member_of,
    next_term_of,
    next_terms,
    prices_by_size,
)
from membership.views.own.form import OwnFormView
from membership.views.own.membership import OwnMembershipView
from membership.views.own.people import OwnOrganisationView

WORDS = ("description_nl", "description_en", "website", "street", "postcode", "city", "is_listed")
DETAILS = ("name", "street", "postcode", "city", "vat_number", "email", "po_number", "language")


class ProfileView(OwnOrganisationView):
    """What the members page shows."""

    heading = gettext_lazy("Profile")
    button = gettext_lazy("Save the profile")
    form_class = ProfileForm

    def is_fit(self) -> bool:
        """Only while the membership runs and is not read-only."""
        return member_of(self.organisation) is not None

    def get_initial(self) -> dict[str, Any]:
        """Start from what is shown now."""
        return {name: getattr(self.organisation, name) for name in WORDS}

    def get_form(self, form_class: Any = None) -> forms.Form:
        """Ask about the logo only where there is one."""
        form: forms.Form = super().get_form(form_class)
        if self.organisation.logo_id is None:
            del form.fields["is_logo_removed"]
        return form

    def sentences(self) -> list[str]:
        """Say where it shows, and what staff keep, with the way to them."""
        page = find_landmark("contact", self.request)
        address, label = page.get_url(self.request) if page else "", _("Contact us")
        contact = format_html('<a href="{}">{}</a>', address, label) if address else label
        kept = _(
            "Only our team can change your name, enterprise number, layer of the reference model, domains "
            "and themes. Has any of them changed? {contact}."
        )
        return [
            _(
                "While your membership runs, the members page shows all of this to everybody, except for the "
                "street and the postcode."
            ),
            format_html(kept, contact=contact),
        ]

    def act(self, form: Any) -> str:
        """Keep it."""
        given = form.cleaned_data
        change_profile(
            organisation=self.organisation,
            words={name: given[name] for name in WORDS},
            logo=given.get("logo"),
            is_logo_removed=given.get("is_logo_removed", False),
            at=timezone.now(),
            by=self.person,
        )
        messages.success(self.request, _("Your profile has been changed."))
        return reverse("membership:own")


class InvoicingView(OwnFormView):
    """Where invoices go; the billing contact changes it too."""

    heading = gettext_lazy("Details for invoices")
    button = gettext_lazy("Save the details")
    form_class = InvoicingForm
    limit = ("own-people", 30)
    customer: Customer

    def find(self, pk: int) -> Organisation | None:
        """Keep the customer."""
        organisation = invoiced_organisation(self.person, pk)
        if organisation is None or organisation.customer is None:
            return None
        self.customer = organisation.customer
        return organisation

    def get_form_kwargs(self) -> dict[str, Any]:
        """Check the VAT number by the rule of where invoices go."""
        return {**super().get_form_kwargs(), "country": self.customer.country}

    def get_initial(self) -> dict[str, Any]:
        """Start from the details as they are."""
        return {name: getattr(self.customer, name) for name in DETAILS}

    def sentences(self) -> list[str]:
        """Say from when on it counts."""
        return [_("This applies from the next invoice on. Invoices you already have stay as they are.")]

    def act(self, form: Any) -> str:
        """Keep them."""
        change_customer(customer=self.customer, details=form.cleaned_data, at=timezone.now(), by=self.person)
        messages.success(self.request, _("The details for your invoices have been changed."))
        return reverse("membership:own")


class SizeView(OwnMembershipView):
    """How many people work there."""

    heading = gettext_lazy("Number of employees")
    button = gettext_lazy("Save this number")
    form_class = SizeForm

    def is_fit(self) -> bool:
        """Not while it is read-only, nor without a price, of which staff are told."""
        return not self.membership.is_read_only and self.membership.pk in next_terms([self.membership])

    @cached_property
    def term(self) -> NextTerm:
        """The term from which on the number counts."""
        return next_term_of(self.membership)

    def get_initial(self) -> dict[str, Any]:
        """Start from the number as it is."""
        return {"employees": self.organisation.employees}

    def sentences(self) -> list[str]:
        """Say from when on it counts."""
        words = {"day": date_format(self.term.starts_on)}
        return [_("The price depends on the number of employees. A change applies from %(day)s.") % words]

    @property
    def facts_label(self) -> str:
        """Say which tier's prices they are."""
        words = {"tier": self.term.tier.name}
        return _("Prices per year at the %(tier)s tier, excluding VAT:") % words

    def facts(self) -> list[tuple[str, str]]:
        """Say what each size costs, where they differ."""
        prices = prices_by_size(tier=self.term.tier, kind=self.organisation.kind, on=self.term.starts_on)
        differ = len({fee for _band, fee in prices}) > 1
        return [(capfirst(str(band)), say_euro(fee)) for band, fee in prices] if differ else []

    def act(self, form: Any) -> str:
        """Keep it."""
        changed = change_size(
            membership=self.membership, **form.cleaned_data, at=timezone.now(), by=self.person
        )
        told = _("We have noted the number.")
        if term := next_terms([changed]).get(changed.pk):
            words = {"day": date_format(term.starts_on), "fee": say_euro(term.total_fee)}
            told = (
                _("We have noted the number. From %(day)s on you pay %(fee)s a year, excluding VAT.") % words
            )
        messages.success(self.request, told)
        return reverse("membership:own")
