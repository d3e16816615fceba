"""What people type about themselves to have a place, and how it is read."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cms.protection import HoneypotMixin
from events.models import Signup
from events.operations.signups import Attendee
from membership.models import Organisation

LONGEST_NAME = 100


class LineField(forms.CharField):
    """One line of text; what came in as several lines or with odd blanks is joined."""

    def to_python(self, value: Any) -> str:
        """Join the words by single blanks."""
        return " ".join((super().to_python(value) or "").split())


class PlaceForm(forms.Form):
    """Name and organisation: what the holder of a place may also change later."""

    first_name = LineField(
        label=_("First name"),
        max_length=LONGEST_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    last_name = LineField(
        label=_("Last name"),
        max_length=LONGEST_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )
    organisation = LineField(
        label=_("Organisation"),
        max_length=150,
        required=False,
        help_text=_("Leave this empty if you come on your own behalf."),
        widget=forms.TextInput(attrs={"autocomplete": "organization", "list": "organisations"}),
    )
    organisation_kind = forms.ChoiceField(
        label=_("Kind of organisation"),
        choices=Organisation.Kind.choices,
        initial=Organisation.Kind.COMPANY,
        required=False,
    )

    def clean_organisation_kind(self) -> str:
        """Take a company for granted when nothing was chosen."""
        return self.cleaned_data["organisation_kind"] or Organisation.Kind.COMPANY


class SignupForm(HoneypotMixin, PlaceForm):
    """The one screen by which somebody takes a place, without an account."""

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        help_text=_("Your confirmation goes to this address."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    field_order = ("first_name", "last_name", "email", "organisation", "organisation_kind")

    def attendee(self, language: str) -> Attendee:
        """Who signs up, in the language of the form."""
        data = self.cleaned_data
        return Attendee(
            first_name=data["first_name"],
            last_name=data["last_name"],
            email=data["email"],
            language=language,
            organisation_name=data["organisation"],
            organisation_kind=data["organisation_kind"],
        )


def place_form(signup: Signup, data: Any = None) -> PlaceForm:
    """Return the form to change a place, filled in as it stands."""
    organisation = signup.organisation
    return PlaceForm(
        data,
        initial={
            "first_name": signup.first_name,
            "last_name": signup.last_name,
            "organisation": organisation.name if organisation else "",
            "organisation_kind": organisation.kind if organisation else Organisation.Kind.COMPANY,
        },
    )
