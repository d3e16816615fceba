"""Memberships in the back office, to be read: an application, a payment or the clock changes them."""

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.ui.tables import Column
from wagtail.admin.viewsets.base import ViewSetGroup
from wagtail.permissions import register_permission_policy

from billing.permissions import LedgerPolicy
from billing.viewsets.ledger import AmountColumn, DayColumn, LedgerIndexView, LedgerViewSet
from membership.models import Membership, Tier
from membership.viewsets.prices import PriceViewSet, SizeBandViewSet, TierViewSet

register_permission_policy(Membership, LedgerPolicy(Membership))


class MembershipFilters(WagtailFilterSet):
    """Memberships by where they stand, by tier, and by the day on which the term ends."""

    status = django_filters.MultipleChoiceFilter(label=_("Status"), choices=Membership.Status.choices)
    tier = django_filters.ModelMultipleChoiceFilter(label=_("Tier"), queryset=Tier.objects.all())
    ends_on = django_filters.DateFromToRangeFilter(label=_("Ends"), widget=DateRangePickerWidget)

    class Meta:
        model = Membership
        fields = ("status", "tier", "ends_on")


class FeeColumn(AmountColumn):
    """What was applied for costs; who became a member before there were applications has none."""

    def get_value(self, instance: Membership) -> str:
        """Return the fee, or nothing."""
        return super().get_value(instance) if hasattr(instance, "application") else ""


class MembershipIndexView(LedgerIndexView):
    """All memberships with organisation, tier and invoice, in one query."""

    def get_base_queryset(self) -> QuerySet[Membership]:
        """Fetch along what the rows show."""
        memberships: QuerySet[Membership] = super().get_base_queryset()
        return memberships.select_related("organisation", "tier", "application__invoice")


class MembershipViewSet(LedgerViewSet):
    """Who is, was or wants to be a member, and until when."""

    model = Membership
    icon = "group"
    name = "membership_memberships"
    url_prefix = "memberships"
    menu_label = _("Memberships")
    index_view_class = MembershipIndexView
    filterset_class = MembershipFilters
    ordering = ("-applied_at", "-pk")
    search_fields = ["organisation__name", "application__last_name", "application__email"]
    list_display = [
        "organisation",
        "tier",
        Column("get_status_display", label=_("Status"), sort_key="status"),
        DayColumn("applied_at", label=_("Applied"), sort_key="applied_at"),
        DayColumn("starts_on", label=_("Starts"), sort_key="starts_on"),
        DayColumn("ends_on", label=_("Ends"), sort_key="ends_on"),
        FeeColumn("application.yearly_fee", label=_("Yearly fee")),
        Column("application.invoice.number", label=_("Invoice")),
    ]
    list_export = [
        "organisation.name", "organisation.enterprise_number", "tier.slug", "status", "applied_at",
        "starts_on", "ends_on",
    ]  # fmt: skip


class MembershipsViewSetGroup(ViewSetGroup):
    """Memberships and what they cost."""

    menu_label = _("Memberships and prices")
    menu_icon = "group"
    menu_order = 340
    items = (MembershipViewSet, PriceViewSet, TierViewSet, SizeBandViewSet)
