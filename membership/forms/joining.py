"""The first step of joining: which membership. Who you are is asked in `membership.forms.applying`."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from membership.models import Organisation, Tier

KINDS = [(value, capfirst(label)) for value, label in Organisation.Kind.choices]
"""The kinds of organisation as a form offers them."""

MOST_EMPLOYEES = 1_000_000


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
            "min_value": _("The number of employees must be at least 1. Owners count too."),
            "max_value": _("Check the number of employees: no organisation has that many."),
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
