"""A list of the back office whose rows can be ticked, for what is done with many of them at once."""

from typing import Any

from django.db import models
from django.http import HttpRequest
from django.utils.functional import cached_property
from wagtail.admin.ui.tables import BulkActionsCheckboxColumn
from wagtail.admin.views.bulk_action.registry import bulk_action_registry
from wagtail.admin.widgets.button import ListingButton


class BulkListing:
    """A list whose rows are chosen for the actions that this person may do with many at once."""

    template_name = "billing/admin/bulk_index.html"
    request: HttpRequest
    model: type[models.Model]

    @cached_property
    def bulk_actions(self) -> list[Any]:
        """The actions, the first first."""
        meta = self.model._meta
        known = bulk_action_registry.get_bulk_actions_for_model(meta.app_label, meta.model_name)
        may = [each for each in known if self.request.user.has_perm(each.permission)]
        return sorted(may, key=lambda action: action.action_priority)

    def _get_title_column(self, *args: Any, **kwargs: Any) -> Any:
        """Give the title of each row an id, by which its box is named."""
        parent: Any = super()
        prefix = self.model._meta.model_name
        kwargs["get_title_id"] = lambda row: f"{prefix}_{row.pk}_title"
        return parent._get_title_column(*args, **kwargs)

    def get_table(self, object_list: Any) -> Any:
        """Put a box to tick before each row."""
        view: Any = self
        boxes = BulkActionsCheckboxColumn("bulk_actions", obj_type=self.model._meta.model_name)
        columns = [boxes, *view.columns] if self.bulk_actions else view.columns
        return view.table_class(columns, object_list, **view.get_table_kwargs())

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the buttons."""
        parent: Any = super()
        context: dict[str, Any] = parent.get_context_data(*args, **kwargs)
        context["bulk_buttons"] = [
            ListingButton(
                action.display_name,
                action.address(),
                attrs={"data-bulk-action-button": ""},
                classname="bulk-action-btn",
            )
            for action in self.bulk_actions
        ]
        return context
