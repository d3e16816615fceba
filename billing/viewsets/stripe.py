"""The messages of Stripe; those that could not be applied wait here for somebody."""

from typing import Any

import django_filters
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import DateColumn
from wagtail.admin.widgets import Button

from billing.models import StripeEvent
from billing.viewsets.actions import ReplayView
from billing.viewsets.ledger import LedgerViewSet
from cms.details import DetailsView


class EventFilters(WagtailFilterSet):
    """Messages by what became of them."""

    waits = django_filters.BooleanFilter(
        label=_("Waits for somebody"), field_name="applied_at", lookup_expr="isnull"
    )

    class Meta:
        model = StripeEvent
        fields = ("waits",)


class EventInspectView(DetailsView):
    """One message, with a button to apply it again while it waits."""

    @property
    def header_more_buttons(self) -> list[Button]:
        """Offer to apply it again."""
        if self.object.applied_at or not self.request.user.has_perm("billing.change_stripeevent"):
            return []
        url = reverse("billing_events:replay", args=[self.object.pk])
        return [Button(_("Apply again"), url=url, icon_name="rotate")]


class EventViewSet(LedgerViewSet):
    """What Stripe told. What could not be applied waits here."""

    model = StripeEvent
    icon = "code"
    name = "billing_events"
    url_prefix = "billing/stripe"
    menu_label = _("Messages of Stripe")
    inspect_view_class = EventInspectView
    inspect_view_fields = ["event_id", "type", "received_at", "applied_at", "outcome", "error", "payload"]
    filterset_class = EventFilters
    ordering = ("-received_at", "-pk")
    search_fields = ["event_id", "type", "error"]
    list_display = [
        "type",
        "event_id",
        DateColumn("received_at", label=_("Received"), sort_key="received_at"),
        DateColumn("applied_at", label=_("Applied"), sort_key="applied_at"),
        "error",
    ]

    def get_urlpatterns(self) -> list[Any]:
        """Add the action."""
        return [
            *super().get_urlpatterns(),
            path("replay/<int:pk>/", ReplayView.as_view(), name="replay"),
        ]
