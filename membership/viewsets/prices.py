"""Tiers, size bands and prices in the back office: fees are set on a grid, old ones stay."""

from typing import Any

import django_filters
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.urls import path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.admin.widgets.button import HeaderButton
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.permissions import register_permission_policy

from billing.viewsets.ledger import AmountColumn, DayColumn, LedgerIndexView, LedgerViewSet
from cms.forms import PlainTexts
from cms.permissions import LedgerPolicy
from membership.models import Organisation, Price, SizeBand, Tier
from membership.viewsets.price_grid import PriceGridView


class OnlyWords(ModelPermissionPolicy):
    """Tiers and size bands come with the platform: their words change, their number does not."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        """Neither add nor delete."""
        return action in ("view", "change") and bool(super().user_has_permission(user, action))

    def user_has_any_permission(self, user: Any, actions: Any) -> bool:
        """The same for several actions."""
        return any(self.user_has_permission(user, action) for action in actions)


register_permission_policy(Price, LedgerPolicy(Price))
for _model in (Tier, SizeBand):
    register_permission_policy(_model, OnlyWords(_model))


class PriceFilters(WagtailFilterSet):
    """Prices by tier, size and kind."""

    tier = django_filters.ModelChoiceFilter(label=gettext_lazy("Tier"), queryset=Tier.objects.all())
    size_band = django_filters.ModelChoiceFilter(label=gettext_lazy("Size"), queryset=SizeBand.objects.all())
    kind = django_filters.ChoiceFilter(label=gettext_lazy("Kind"), choices=Organisation.Kind.choices)

    class Meta:
        model = Price
        fields = ("tier", "size_band", "kind")


class PriceIndexView(LedgerIndexView):
    """All prices, past and to come, in one query; a button leads to the grid."""

    def get_base_queryset(self) -> QuerySet[Price]:
        """Fetch along what the rows show."""
        prices: QuerySet[Price] = super().get_base_queryset().select_related("tier", "size_band")
        return prices

    def search_queryset(self, queryset: QuerySet[Price]) -> QuerySet[Price]:
        """Find by words of tier, size and kind, in either language; each word has to be in one of them."""
        for word in (self.search_query or "").split():
            kinds = [kind for kind, label in Organisation.Kind.choices if word.lower() in str(label).lower()]
            found = Q(kind__in=kinds)
            for field in self.search_fields:
                found |= Q(**{f"{field}__icontains": word})
            queryset = queryset.filter(found)
        return queryset

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add over all pages how many prices there are, and how many of them hold now or are to come."""
        context: dict[str, Any] = super().get_context_data(*args, **kwargs)
        if context.get("paginator"):
            rows, today = context["paginator"].object_list.order_by(), timezone.localdate()
            same = {name: OuterRef(name) for name in ("tier", "size_band", "kind")}
            newer = Price.objects.filter(valid_from__gt=OuterRef("valid_from"), valid_from__lte=today, **same)
            counts = rows.aggregate(
                count_now=Count("pk", filter=Q(valid_from__lte=today) & Q(~Exists(newer))),
                count_later=Count("pk", filter=Q(valid_from__gt=today)),
            )
            context["sums"] = [
                (gettext_lazy("Prices, old ones included"), context["paginator"].count),
                (gettext_lazy("That hold now"), counts["count_now"]),
                (gettext_lazy("To come"), counts["count_later"]),
            ]
        return context

    @cached_property
    def header_buttons(self) -> list[Any]:
        """Offer the grid to who may use it."""
        buttons: list[Any] = list(super().header_buttons)
        if self.request.user.has_perm("membership.add_price"):
            url = reverse("membership_prices:grid")
            buttons.append(HeaderButton(_("Set new prices"), url=url, icon_name="plus"))
        return buttons


class PriceViewSet(LedgerViewSet):
    """What memberships cost, cost and will cost."""

    model = Price
    icon = "tag"
    name = "membership_prices"
    url_prefix = "memberships/prices"
    menu_label = gettext_lazy("Prices")
    index_view_class = PriceIndexView
    index_results_template_name = "billing/admin/ledger_results.html"
    search_fields = ["tier__name_nl", "tier__name_en", "size_band__name_nl", "size_band__name_en"]
    filterset_class = PriceFilters
    ordering = ("-valid_from", "kind", "size_band", "tier")
    list_display = [
        "tier",
        "size_band",
        Column("kind", label=gettext_lazy("Kind"), accessor="get_kind_display", sort_key="kind"),
        DayColumn("valid_from", label=gettext_lazy("Valid from"), sort_key="valid_from"),
        AmountColumn("yearly_fee", label=gettext_lazy("Yearly fee"), sort_key="yearly_fee"),
    ]
    list_export = ["tier.slug", "size_band", "kind", "valid_from", "yearly_fee"]

    def get_urlpatterns(self) -> list[Any]:
        """Add the grid."""
        return [*super().get_urlpatterns(), path("new/", PriceGridView.as_view(), name="grid")]


class TierViewSet(PlainTexts, ModelViewSet):
    """The words of the tiers, whether staff approve who applies, and how many use the member zone."""

    model = Tier
    icon = "list-ol"
    name = "membership_tiers"
    url_prefix = "memberships/tiers"
    menu_label = gettext_lazy("Tiers")
    copy_view_enabled = False
    list_display = [
        "__str__",
        "rank",
        "seats",
        AmountColumn("seat_fee", label=gettext_lazy("Extra place")),
    ]
    form_fields = [
        *("name_nl", "name_en", "summary_nl", "summary_en"),
        *("needs_approval", "seats", "seat_fee"),
    ]


class SizeBandViewSet(PlainTexts, ModelViewSet):
    """The words of the size bands."""

    model = SizeBand
    icon = "group"
    name = "membership_size_bands"
    url_prefix = "memberships/sizes"
    menu_label = gettext_lazy("Size bands")
    copy_view_enabled = False
    list_display = ["__str__", "employees_from", "employees_to"]
    form_fields = ["name_nl", "name_en"]
