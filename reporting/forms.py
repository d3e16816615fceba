"""The forms of the plan's figures: what the plan names by a key, people choose or name in words."""

from typing import Any

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm

from membership.models import Tier
from reporting.models import SIZES


class GrowthForm(WagtailAdminModelForm):
    """Size and tier are chosen by their names."""

    size = forms.ChoiceField(label=_("Size"), choices=list(SIZES.items()))
    tier = forms.ChoiceField(
        label=_("Tier"), choices=lambda: [(tier.slug, tier.name) for tier in Tier.objects.all()]
    )


class NamedForm(WagtailAdminModelForm):
    """A row whose key (the field `key`, once for each `beside`) is made of its English name, and kept."""

    key = beside = ""

    def clean(self) -> dict[str, Any]:
        """Refuse a row that is there already."""
        data: dict[str, Any] = super().clean()
        row = self.instance
        if row.pk is None:
            length = row._meta.get_field(self.key).max_length
            setattr(row, self.key, slugify(data.get("name_en", ""))[:length])
        same = {self.key: getattr(row, self.key), self.beside: data.get(self.beside)}
        if type(row)._default_manager.filter(**same).exclude(pk=row.pk).exists():
            self.add_error(self.beside, gettext("There is a row with this name already."))
        return data


class PlannedActivityForm(NamedForm):
    """An activity is planned once for each work package."""

    key, beside = "kind", "work_package"


class RevenueForm(NamedForm):
    """A stream of revenue has one amount a year."""

    key, beside = "stream", "year"

    class Meta(WagtailAdminModelForm.Meta):
        localized_fields = ("amount_eur",)
