"""What changes a membership: filled in by the treasurer, some of it by the member's main contact."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.queries import preview_totals
from billing.rules import DraftLine
from cms.amounts import say_euro
from cms.forms import LineField
from membership.models import Membership, Tier
from membership.operations.changes import quote_upgrade
from membership.operations.ending import NotRunning
from membership.queries import PriceMissing, customer_of, upgrade_tiers


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


class ExtendForm(ReasonForm):
    """How much longer an unpaid membership runs."""

    days = forms.IntegerField(label=gettext_lazy("Days longer"), min_value=1, max_value=365, initial=30)
    field_order = ("days", "reason")


class TierForm(forms.Form):
    """Which tier it becomes in the next term."""

    tier = forms.ModelChoiceField(
        label=gettext_lazy("Tier"),
        queryset=Tier.objects.none(),
        to_field_name="slug",
        widget=forms.RadioSelect,
        empty_label=None,
    )

    def __init__(self, tiers: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tier"].queryset = tiers  # type: ignore[attr-defined]


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
        self.fields["choice"].choices = choices  # type: ignore[attr-defined]


class ResignForm(forms.Form):
    """Why a member leaves."""

    because = forms.ChoiceField(
        label=gettext_lazy("Reason"),
        choices=Membership.Reason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose a reason.")},
    )
    note = LineField(label=gettext_lazy("Explanation"), max_length=500, required=False)


def upgrade_choices(membership: Membership, *, at: datetime, is_staff: bool) -> list[tuple[str, str]]:
    """Return each higher tier with what it costs today, in words; the value holds tier and amount.

    A tier without a price is left out, and one that asks for approval is for staff.
    """
    customer = customer_of(membership)
    choices = []
    for tier in upgrade_tiers(membership):
        if tier.needs_approval and not is_staff:
            continue
        try:
            quote = quote_upgrade(membership=membership, tier=tier, at=at)
        except (PriceMissing, NotRunning):
            continue
        line = DraftLine(text=tier.name, unit_price=quote.amount)
        words = {
            "tier": tier.name,
            "amount": say_euro(quote.amount),
            "gross": say_euro(preview_totals(customer, [line]).gross if quote.amount else 0),
            "fee": say_euro(quote.yearly_fee),
        }
        text = _("%(tier)s: now %(amount)s, %(gross)s with VAT; then %(fee)s a year, VAT excluded") % words
        if quote.engaged_until:
            text += ". " + _("You engage yourself until %(day)s.") % {"day": date_format(quote.engaged_until)}
        choices.append((f"{tier.slug}:{quote.amount}", text))
    return choices


def read_choice(value: str) -> tuple[Tier, Decimal]:
    """Return the tier and the amount (EUR, VAT excluded) of a choice of `upgrade_choices`."""
    slug, amount = value.split(":")
    return Tier.objects.get(slug=slug), Decimal(amount)
