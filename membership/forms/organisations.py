"""What staff write of an organisation, as far as its membership hangs on it."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from membership.queries import tiers_without_price


class OrganisationForm(forms.ModelForm):
    """Refuses a kind for which the tier of its membership, or that of its next term, has no price."""

    cleaned_data: dict[str, Any]

    def clean(self) -> dict[str, Any]:
        """Hold another kind against the prices, by the number of employees that is sent along."""
        super().clean()
        kind = self.cleaned_data.get("kind")
        if self.instance.pk is None or kind is None or "kind" not in self.changed_data:
            return self.cleaned_data
        employees = self.cleaned_data.get("employees")
        if tiers := tiers_without_price(self.instance, kind=kind, employees=employees):
            text = _("Its membership is at a tier without a price for this kind of organisation: %(tiers)s.")
            self.add_error("kind", text % {"tiers": ", ".join(tier.name for tier in tiers)})
        return self.cleaned_data
