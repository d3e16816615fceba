"""Tiers, size bands and prices in the back office: a grid sets the fees of a year, old ones stay."""

from datetime import date
from decimal import Decimal
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import FormView
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.admin.widgets import AdminDateInput
from wagtail.admin.widgets.button import HeaderButton
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.permissions import register_permission_policy

from billing.permissions import LedgerPolicy
from billing.viewsets.ledger import AmountColumn, DayColumn, LedgerIndexView, LedgerViewSet
from cms.forms import PlainTexts
from membership.models import Organisation, Price, SizeBand, Tier
from membership.operations.prices import PriceKey, set_prices
from membership.queries import valid_prices

HIGHEST_FEE = Decimal("999999.99")


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


class PriceGridForm(forms.Form):
    """A fee for each tier, size band and kind, and the day from which they count."""

    valid_from = forms.DateField(
        label=gettext_lazy("Valid from"),
        widget=AdminDateInput,
        help_text=gettext_lazy("Tomorrow at the earliest. Until then the prices of today count."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.keys: dict[str, PriceKey] = {}
        self.tiers, self.bands = list(Tier.objects.all()), list(SizeBand.objects.all())
        for tier in self.tiers:
            for kind in tier.kinds:
                for band in self.bands:
                    name = f"{kind}-{tier.slug}-{band.pk}"
                    self.keys[name] = PriceKey(tier.pk, band.pk, kind)
                    self.fields[name] = forms.DecimalField(
                        label=f"{tier}, {band}",
                        min_value=0,
                        max_value=HIGHEST_FEE,
                        decimal_places=2,
                        localize=True,
                        widget=forms.TextInput(attrs={"inputmode": "decimal", "size": 8}),
                    )

    def clean_valid_from(self) -> date:
        """Refuse today and the past."""
        day: date = self.cleaned_data["valid_from"]
        if day <= timezone.localdate():
            raise ValidationError(_("Prices can count from tomorrow on at the earliest."))
        return day

    @property
    def grids(self) -> list[dict[str, Any]]:
        """A table for each kind of organisation: its tiers as columns, the size bands as rows."""
        tables = []
        for kind in Organisation.Kind:
            tiers = [tier for tier in self.tiers if kind in tier.kinds]
            rows = [(band, [self[f"{kind}-{tier.slug}-{band.pk}"] for tier in tiers]) for band in self.bands]
            tables.append({"label": kind.label, "tiers": tiers, "rows": rows})
        return [table for table in tables if table["tiers"]]

    def fees(self) -> dict[PriceKey, Decimal]:
        """What was typed, by what it is for."""
        return {key: self.cleaned_data[name] for name, key in self.keys.items()}


class PriceGridView(WagtailAdminTemplateMixin, FormView):
    """All fees on one screen, filled in with those of today."""

    template_name = "membership/back_office/prices.html"
    page_title = gettext_lazy("Set new prices")
    header_icon = "tag"
    _show_breadcrumbs = True
    form_class = PriceGridForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer only who may add prices."""
        if not request.user.has_perm("membership.add_price"):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """The way from the back office's start, over the list of prices."""
        prices = {
            "url": reverse("membership_prices:index"),
            "label": capfirst(Price._meta.verbose_name_plural),
        }
        return [*self.breadcrumbs_items, prices, {"url": "", "label": self.page_title}]

    def get_initial(self) -> dict[str, Any]:
        """Start from the newest prices, to count from the first of January."""
        next_year = timezone.localdate().year + 1
        prices = valid_prices(on=date(next_year, 1, 1))
        fees = {f"{each.kind}-{each.tier.slug}-{each.size_band_id}": each.yearly_fee for each in prices}
        return {"valid_from": date(next_year, 1, 1), **fees}

    def form_valid(self, form: PriceGridForm) -> HttpResponse:
        """Set the prices, and say how many change."""
        changed = set_prices(
            fees=form.fees(),
            valid_from=form.cleaned_data["valid_from"],
            by=self.request.user,  # type: ignore[arg-type]
            at=timezone.now(),
        )
        text = ngettext("%(count)s price changes.", "%(count)s prices change.", len(changed))
        messages.success(self.request, text % {"count": len(changed)})
        return redirect("membership_prices:index")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the way back."""
        return super().get_context_data(back_url=reverse("membership_prices:index"), **kwargs)


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
    """The words of the tiers, and how many people of a member use the member zone."""

    model = Tier
    icon = "list-ol"
    name = "membership_tiers"
    url_prefix = "memberships/tiers"
    menu_label = gettext_lazy("Tiers")
    copy_view_enabled = False
    list_display = [
        "name",
        "slug",
        "rank",
        "seats",
        AmountColumn("seat_fee", label=gettext_lazy("Extra place")),
    ]
    form_fields = ["name_nl", "name_en", "summary_nl", "summary_en", "seats", "seat_fee"]


class SizeBandViewSet(PlainTexts, ModelViewSet):
    """The words of the size bands."""

    model = SizeBand
    icon = "group"
    name = "membership_size_bands"
    url_prefix = "memberships/sizes"
    menu_label = gettext_lazy("Size bands")
    copy_view_enabled = False
    list_display = ["name", "employees_from", "employees_to"]
    form_fields = ["name_nl", "name_en"]
