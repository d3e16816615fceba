"""What staff write of an organisation, as far as its membership hangs on it."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from membership.queries import tiers_without_price


class OrganisationForm(forms.ModelForm):
    """Refuses a kind for which the tier of its membership, or that of its next term, has no price."""

    cleaned_data: dict[str, Any]

    def clean_kind(self) -> str:
        """Return the kind, if a membership that it has can be renewed with it."""
        kind: str = self.cleaned_data["kind"]
        if self.instance.pk is None or "kind" not in self.changed_data:
            return kind
        if tiers := tiers_without_price(self.instance, kind=kind):
            text = _("Its membership is at a tier without a price for this kind of organisation: %(tiers)s.")
            raise forms.ValidationError(text % {"tiers": ", ".join(tier.name for tier in tiers)})
        return kind
