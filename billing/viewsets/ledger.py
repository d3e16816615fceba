"""What the lists of ledgers share: they are read, and nothing in them is edited."""

from typing import Any

from django.utils.formats import date_format
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic import IndexView
from wagtail.admin.viewsets.model import ModelViewSet

from billing.exports import no_formula
from cms.amounts import say_euro
from cms.details import DetailsView


class AmountColumn(Column):
    """An amount as people write it, to the right."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"classname": "amount", **kwargs})

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


class NoFormulas:
    """A list whose exports hold what people typed (the fields in `typed`), harmless in a spreadsheet."""

    typed: tuple[str, ...] = ()

    def get_index_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        """Add what is done to these texts."""
        harmless = {"csv": no_formula, "xlsx": no_formula}
        parent: Any = super()
        view_kwargs: dict[str, Any] = parent.get_index_view_kwargs(
            custom_field_preprocess=dict.fromkeys(self.typed, harmless), **kwargs
        )
        return view_kwargs


class LedgerViewSet(NoFormulas, ModelViewSet):
    """A list that is read, and details; nothing is edited here."""

    inspect_view_enabled = True
    copy_view_enabled = False
    add_to_reference_index = False
    search_backend_name = None
    list_per_page = 50
    index_view_class = LedgerIndexView
    inspect_view_class = DetailsView
    form_fields: list[str] = []

    def get_urlpatterns(self) -> list[Any]:
        """Serve the list and the details only."""
        kept = {"index", "index_results", "inspect"}
        return [each for each in super().get_urlpatterns() if each.name in kept]
