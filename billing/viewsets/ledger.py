"""What the lists of ledgers share: they are read, and nothing in them is edited."""

from typing import Any

from wagtail.admin.ui.tables import Column
from wagtail.admin.viewsets.model import ModelViewSet

from billing.documents.sheet import euro


class AmountColumn(Column):
    """An amount as people write it, to the right."""

    def get_value(self, instance: Any) -> str:
        """Return the amount with its sign."""
        return euro(super().get_value(instance))


class LedgerViewSet(ModelViewSet):
    """A list that is read, and details; nothing is edited here."""

    inspect_view_enabled = True
    copy_view_enabled = False
    add_to_reference_index = False
    search_backend_name = None
    list_per_page = 50
    form_fields: list[str] = []

    def get_urlpatterns(self) -> list[Any]:
        """Serve the list and the details only."""
        kept = {"index", "index_results", "inspect"}
        return [each for each in super().get_urlpatterns() if each.name in kept]
