"""What the lists of ledgers share: they are read, and nothing in them is edited."""

from typing import Any

from django.utils.formats import date_format
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic import IndexView
from wagtail.admin.viewsets.model import ModelViewSet

from cms.amounts import say_euro


class AmountColumn(Column):
    """An amount as people write it, to the right."""

    def get_value(self, instance: Any) -> str:
        """Return the amount with its sign, or nothing where there is none."""
        amount = super().get_value(instance)
        return "" if amount is None else say_euro(amount)


class DayColumn(Column):
    """A day as people write it, whether it is past or to come."""

    def get_value(self, instance: Any) -> str:
        """Return the day, or nothing."""
        return date_format(day, "SHORT_DATE_FORMAT") if (day := super().get_value(instance)) else ""


class LedgerIndexView(IndexView):
    """A list whose rows lead to their details, without a menu of their own."""

    def get_list_more_buttons(self, instance: Any) -> list[Any]:
        """Offer nothing: what may be done stands on the page of the row."""
        return []


class LedgerViewSet(ModelViewSet):
    """A list that is read, and details; nothing is edited here."""

    inspect_view_enabled = True
    copy_view_enabled = False
    add_to_reference_index = False
    search_backend_name = None
    list_per_page = 50
    index_view_class = LedgerIndexView
    form_fields: list[str] = []

    def get_urlpatterns(self) -> list[Any]:
        """Serve the list and the details only."""
        kept = {"index", "index_results", "inspect"}
        return [each for each in super().get_urlpatterns() if each.name in kept]
