"""What people type about themselves to have a place, and how it is read."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from cms.forms import LineField
from cms.protection import HoneypotMixin
from events.models import Activity, Signup
from events.operations.signups import AlreadySignedUp, Attendee, SignupClosed, SignupRefused, sign_up
from events.rules import ActivityState
from membership.forms.joining import KINDS
from membership.models import Organisation

LONGEST_NAME = 100


class SometimesChoiceField(forms.ChoiceField):
    """A choice that is needed in some cases: the label says in which, instead of calling it optional."""

    needed_when = _("if you come on behalf of an organisation")


class PlaceForm(forms.Form):
    """Name and organisation: what the holder of a place may also change later."""

    first_name = LineField(
        label=_("First name"),
        max_length=LONGEST_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
        error_messages={"required": _("Enter your first name.")},
    )
    last_name = LineField(
        label=_("Last name"),
        max_length=LONGEST_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
        error_messages={"required": _("Enter your last name.")},
    )
    organisation = LineField(
        label=_("Organisation"),
        max_length=150,
        required=False,
        help_text=_("Leave this empty if you come on your own behalf."),
        widget=forms.TextInput(attrs={"autocomplete": "organization", "list": "organisations"}),
    )
    organisation_kind = SometimesChoiceField(
        label=_("Kind of organisation"),
        choices=[("", pgettext_lazy("an answer", "Choose")), *KINDS],
        required=False,
        error_messages={"required": _("Choose what kind of organisation it is.")},
    )

    def clean(self) -> dict[str, Any] | None:
        """Ask of what kind the organisation is, where one is named."""
        data = super().clean() or {}
        if data.get("organisation") and data.get("organisation_kind") == "":
            self.add_error("organisation_kind", self.fields["organisation_kind"].error_messages["required"])
        return data


class SignupForm(HoneypotMixin, PlaceForm):
    """The one screen by which somebody takes a place, without an account."""

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        help_text=_("Your confirmation goes to this address."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"required": _("Enter your e-mail address.")},
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
            "organisation_kind": organisation.kind if organisation else "",
        },
    )


REASONS: dict[str, Promise] = {
    ActivityState.CANCELLED: _("This event has been cancelled."),
    ActivityState.PAST: _("This event is over."),
}


class StaffSignupForm(forms.ModelForm):
    """By which staff give somebody a place."""

    organisation_name = LineField(label=_("Organisation"), max_length=150, required=False)
    organisation_kind = forms.ChoiceField(
        label=_("Kind of organisation"),
        choices=KINDS,
        initial=Organisation.Kind.COMPANY,
    )

    class Meta:
        model = Signup
        fields = ("activity", "first_name", "last_name", "email", "language")
        field_classes = {"first_name": LineField, "last_name": LineField}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        coming = Activity.objects.filter(ends_at__gt=timezone.now(), is_cancelled=False)
        field: Any = self.fields["activity"]  # the stubs know only the base class of a field
        field.queryset = coming.order_by("starts_at")

    def validate_constraints(self) -> None:
        """Leave it to the operation, which says it in words."""

    def give_place(self, *, by: User, at: datetime) -> Signup:
        """Sign the person up. Raises SignupRefused."""
        data = self.cleaned_data
        attendee = Attendee(
            first_name=data["first_name"],
            last_name=data["last_name"],
            email=data["email"],
            language=data["language"],
            organisation_name=data["organisation_name"],
            organisation_kind=data["organisation_kind"],
        )
        return sign_up(activity_id=data["activity"].pk, attendee=attendee, at=at, by=by)

    def reason_of(self, refusal: SignupRefused) -> Promise | str:
        """Say why the person got no place."""
        match refusal:
            case AlreadySignedUp():
                return _("This address is signed up already.")
            case SignupClosed(state=state):
                return REASONS[state]
        return _("This event is full.")
