"""What changes a membership: filled in by the treasurer, some of it by the member's main contact."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.contrib.humanize.templatetags.humanize import apnumber
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.forms.many import LooksTwice, ManyForm
from billing.queries import preview_choices
from billing.rules import DraftLine
from cms.amounts import say_euro
from cms.forms import LineField
from membership.models import Membership, Tier
from membership.queries import customer_of, next_fees, upgrade_quotes


class ReasonForm(forms.Form):
    """Why something is done."""

    reason = LineField(
        label=gettext_lazy("Reason"),
        max_length=300,
        help_text=gettext_lazy("It stands in the history of the membership."),
    )


class DeclineForm(forms.Form):
    """Why an application is not accepted: the applicant reads it."""

    reason = LineField(
        label=gettext_lazy("Reason"),
        max_length=300,
        help_text=gettext_lazy("The applicant reads this in the e-mail: write it in their language."),
    )


class DaysForm(LooksTwice):
    """How many days longer; on which day that is, is told before it is done."""

    decides = ("days",)
    days = forms.IntegerField(label=gettext_lazy("Days longer"), min_value=1, max_value=365, initial=30)
    field_order = ("days", "reason")


class ExtendForm(DaysForm, ReasonForm):
    """How much longer an unpaid membership runs. `seen` makes a form that is sent twice count once."""

    seen = forms.DateField(widget=forms.HiddenInput)


class ExtendManyForm(DaysForm, ManyForm):
    """How much longer some unpaid memberships run."""

    reason = LineField(
        label=gettext_lazy("Reason"),
        max_length=300,
        help_text=gettext_lazy("It stands in the history of each membership."),
    )


class TierField(forms.ModelChoiceField):
    """A tier, with what it costs a year where `fees` says so."""

    fees: Mapping[int, Decimal] = {}

    def label_from_instance(self, obj: Any) -> str:
        """Say the name, and the fee."""
        if obj.pk not in self.fees:
            return str(obj.name)
        words = {"tier": obj.name, "fee": say_euro(self.fees[obj.pk])}
        return _("%(tier)s: %(fee)s a year, excluding VAT") % words


class TierForm(forms.Form):
    """Which tier it becomes in the next term."""

    tier = TierField(
        label=gettext_lazy("Tier"),
        queryset=Tier.objects.none(),
        to_field_name="slug",
        widget=forms.RadioSelect,
        empty_label=None,
    )

    def __init__(
        self, tiers: Any, fees: Mapping[int, Decimal] | None = None, *args: Any, **kwargs: Any
    ) -> None:
        """Offer the tiers, with the yearly fees (EUR, VAT excluded, by the tier's id) that are given."""
        super().__init__(*args, **kwargs)
        field = cast(TierField, self.fields["tier"])
        field.fees = fees or {}
        field.queryset = tiers


class UpgradeForm(forms.Form):
    """A higher tier with what it costs, as it was shown."""

    choice = forms.ChoiceField(
        label=gettext_lazy("Tier"),
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("Choose a tier."),
            "invalid_choice": gettext_lazy(
                "The price has changed meanwhile. Look at the new one and choose again."
            ),
        },
    )

    def __init__(self, choices: list[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["choice"]  # the stubs know only the base class of a field
        field.choices = choices


class ResignForm(forms.Form):
    """Why a member leaves."""

    because = forms.ChoiceField(
        label=gettext_lazy("Reason"),
        choices=Membership.Reason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose a reason.")},
    )
    note = LineField(label=gettext_lazy("Explanation"), max_length=500, required=False)


def upgrade_choices(
    membership: Membership, tiers: Sequence[Tier], *, at: datetime, is_for_staff: bool = False
) -> list[tuple[str, str]]:
    """Return each of some higher tiers with what it costs today, in words; the value holds tier and amount.

    The words speak to the member, or of the member where staff read them.

    A tier without a price is left out. Raises what `upgrade_quotes` raises.
    """
    quotes = upgrade_quotes(membership=membership, tiers=tiers, at=at)
    lines = [DraftLine(text=quote.tier.name, unit_price=quote.amount) for quote in quotes]
    choices, later = [], next_fees(membership)  # by then its size may be another
    for quote, totals in zip(quotes, preview_choices(customer_of(membership), lines, at=at), strict=True):
        words = {
            "tier": quote.tier.name,
            "amount": say_euro(quote.amount),
            "gross": say_euro(totals.gross),
            "fee": say_euro(later.get(quote.tier.pk, quote.yearly_fee)),
        }
        text = (
            _(
                "%(tier)s: %(amount)s, excluding VAT (%(gross)s including VAT) now, "
                "then %(fee)s a year, excluding VAT."
            )
            % words
        )
        if quote.engaged_until:
            words = {
                "years": str(apnumber(quote.tier.engagement_years)),
                "day": date_format(quote.engaged_until),
            }
            of_member = _(
                "The member commits to this tier for %(years)s years, counted from the start of the "
                "current membership year: up to and including %(day)s."
            )
            to_member = _(
                "You commit to this tier for %(years)s years, counted from the start of your current "
                "membership year: up to and including %(day)s."
            )
            text += " " + (of_member if is_for_staff else to_member) % words
        choices.append((f"{quote.tier.slug}:{quote.amount}", text))
    return choices


def read_choice(value: str) -> tuple[Tier, Decimal]:
    """Return the tier and the amount (EUR, VAT excluded) of a choice of `upgrade_choices`."""
    slug, amount = value.split(":")
    return Tier.objects.get(slug=slug), Decimal(amount)
