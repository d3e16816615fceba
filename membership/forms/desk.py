"""What the treasurer fills in about one membership."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from cms.forms import LineField
from membership.models import Membership, Tier


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
    """Which tier it becomes. The quote that was shown comes back with it."""

    tier = forms.ModelChoiceField(
        label=gettext_lazy("Tier"), queryset=Tier.objects.none(), widget=forms.RadioSelect, empty_label=None
    )

    def __init__(self, tiers: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tier"].queryset = tiers  # type: ignore[attr-defined]


class UpgradeForm(forms.Form):
    """A higher tier with what it costs, as it was shown."""

    choice = forms.ChoiceField(label=gettext_lazy("Tier"), widget=forms.RadioSelect)

    def __init__(self, choices: list[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["choice"].choices = choices  # type: ignore[attr-defined]


class ResignForm(forms.Form):
    """Why a member leaves."""

    because = forms.ChoiceField(
        label=gettext_lazy("Reason"), choices=Membership.Reason.choices, widget=forms.RadioSelect
    )
    note = LineField(label=gettext_lazy("In their own words"), max_length=500, required=False)
