"""Who belongs to an organisation: what its main contact, an invited person and a colleague fill in."""

from datetime import datetime
from typing import Any, cast

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.http import QueryDict
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.queries import preview_choices
from billing.rules import DraftLine
from cms.amounts import say_euro
from cms.forms import LineField
from cms.protection import HoneypotMixin
from membership.models import Affiliation, Membership
from membership.queries import SeatQuote, customer_of
from membership.rules import plain_address

Role = Affiliation.Role
EMAIL = forms.EmailInput(attrs={"autocomplete": "email"})
NO_LINK = RegexValidator(
    r"[:/<>@\u200e\u200f\u202a-\u202e\u2066-\u2069]",
    _("Enter a name, without signs such as : or /."),
    inverse_match=True,
)
"""Others read the name in a mail."""
ROLES = (
    (Role.COLLEAGUE, _("Colleague: uses the member zone")),
    (Role.BILLING, _("Billing contact: also gets e-mails about the membership and sees the invoices")),
    (Role.MAIN_CONTACT, _("Main contact: also changes the membership and invites people")),
)
"""What each role may do, the smallest first."""


def clean_address(email: str) -> str:
    """Return an address as the platform keeps it. Raises ValidationError for signs that mail may not take."""
    plain = plain_address(email)
    if not plain:
        raise ValidationError(_("Enter an e-mail address without special signs before the @."))
    return plain


class RoleForm(forms.Form):
    """What somebody may do for the organisation."""

    role = forms.ChoiceField(label=_("Role"), choices=ROLES, widget=forms.RadioSelect, initial=Role.COLLEAGUE)


class InviteForm(RoleForm):
    """Whom to invite."""

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        error_messages={"required": _("Enter the e-mail address of your colleague.")},
    )
    language = forms.ChoiceField(
        label=_("Language of the e-mails"), choices=settings.LANGUAGES, widget=forms.RadioSelect
    )
    quoted = forms.DecimalField(required=False, widget=forms.HiddenInput)
    """What the place costs, as it was shown; nothing where one is free."""
    field_order = ("email", "role", "language")

    def clean_email(self) -> str:
        """Take the address as the platform keeps it."""
        return clean_address(self.cleaned_data["email"])

    def show_quote(self, quote: SeatQuote | None) -> None:
        """Ask again with another price, and keep what was typed."""
        data = cast(QueryDict, self.data).copy()
        data["quoted"] = "" if quote is None else str(quote.total)
        self.data = data


class SuccessorForm(forms.Form):
    """Who becomes main contact when the last one goes."""

    successor = forms.ModelChoiceField(
        label=_("The new main contact"),
        queryset=Affiliation.objects.none(),
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={"required": _("Choose who becomes main contact.")},
    )

    def __init__(self, others: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["successor"]  # the stubs know only the base class of a field
        field.queryset = others
        field.label_from_instance = lambda each: each.user.get_full_name() or each.user.email


class AcceptForm(forms.Form):
    """The name of who accepts an invitation and has no account yet."""

    first_name = LineField(
        label=_("First name"),
        max_length=100,
        validators=[NO_LINK],
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
        error_messages={"required": _("Enter your first name.")},
    )
    last_name = LineField(
        label=_("Last name"),
        max_length=100,
        validators=[NO_LINK],
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
        error_messages={"required": _("Enter your last name.")},
    )


class AskToJoinForm(HoneypotMixin, forms.Form):
    """The address of who works for a member."""

    email = forms.EmailField(
        label=_("Your e-mail address at work"),
        max_length=254,
        widget=EMAIL,
        error_messages={"required": _("Enter your e-mail address.")},
    )

    def clean_email(self) -> str:
        """Take the address as the platform keeps it."""
        return clean_address(self.cleaned_data["email"])


def say_seat(membership: Membership, quote: SeatQuote | None, *, at: datetime) -> list[str]:
    """Say what a place costs, VAT in and out, and until when; nothing where one is free."""
    if quote is None or not quote.total:
        return []
    said, words = [], {"day": date_format(quote.ends_on), "fee": say_euro(quote.yearly_fee)}
    if quote.amount:
        line = DraftLine(text=membership.tier.name, unit_price=quote.amount)
        gross = preview_choices(customer_of(membership), [line], at=at)[0].gross
        words |= {"net": say_euro(quote.amount), "gross": say_euro(gross)}
        text = gettext("One more costs %(net)s excluding VAT (%(gross)s including VAT) until %(day)s.")
        said = [gettext("All places of your membership are taken.") + " " + text % words]
    if quote.next_amount:
        text = gettext(
            "The next membership year has been invoiced already: %(net)s excluding VAT is added for it."
        )
        said.append(text % {"net": say_euro(quote.next_amount)})
    text = gettext("After that a place above those of your tier costs %(fee)s a year excluding VAT.")
    return [*said, text % words]
