"""What the back office says of one row and of filters that are on: values as people write them."""

import json
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from wagtail.admin.active_filters import ActiveFilter, BaseFilterAdapter
from wagtail.admin.ui.components import Component
from wagtail.admin.views.generic import InspectView

from cms.amounts import say_euro, say_percent

NOTHING = "\N{EN DASH}"
"""Stands where a row has no value, so that no label stands alone."""


def say_value(value: Any, field: models.Field[Any, Any] | None = None) -> str:
    """Say a value by its kind: local time, Yes or No, an amount with its sign, a year without one."""
    name = field.name if field else ""
    said: Any = value
    if value is None or value == "":
        said = NOTHING
    elif isinstance(value, bool):
        said = _("Yes") if value else _("No")
    elif isinstance(value, datetime):
        said = date_format(timezone.localtime(value), "DATETIME_FORMAT")
    elif isinstance(value, date):
        said = date_format(value)
    elif isinstance(value, Decimal):
        said = say_percent(value) if name.endswith("rate") else say_euro(value)
    elif isinstance(value, int):
        said = str(value) if "year" in name else number_format(value, use_l10n=True, force_grouping=True)
    elif isinstance(value, dict | list):
        said = json.dumps(value, ensure_ascii=False)
    return str(said)


class DetailsView(InspectView):
    """The details of one row. The key of the row says nothing to anybody: it is left out."""

    def get_fields(self) -> list[str]:
        """Leave out the key where no fields were named."""
        fields: list[str] = super().get_fields()
        return [name for name in fields if self.fields or name != self.model._meta.pk.name]

    def get_field_display_value(self, field_name: str, field: models.Field[Any, Any] | None) -> Any:
        """Say the value, a choice by its label."""
        value = super().get_field_display_value(field_name, field)
        if isinstance(value, Component):
            return value
        said = say_value(value, field)
        return capfirst(said) if field is not None and field.choices else said


class YesNoFilterAdapter(BaseFilterAdapter):
    """A filter that is on or off, as the list says it."""

    def get_active_filters(self) -> Iterator[ActiveFilter]:
        """Say Yes or No."""
        for each in super().get_active_filters():
            yield each._replace(value=_("Yes") if self.value else _("No"))
