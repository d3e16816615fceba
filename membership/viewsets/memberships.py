"""Memberships in the back office: where each stands, and what the treasurer does with one."""

from typing import Any

import django_filters
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.urls import path, reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.ui.tables import Column
from wagtail.admin.viewsets.base import ViewSetGroup
from wagtail.admin.widgets import Button
from wagtail.permissions import register_permission_policy

from billing.models import AutomaticPayment
from billing.queries import ZERO, active_means
from billing.viewsets.bulk_listing import BulkListing
from billing.viewsets.ledger import AmountColumn, DayColumn, LedgerIndexView, LedgerViewSet
from cms.amounts import say_euro
from cms.details import DetailsView
from cms.permissions import LedgerPolicy
from membership.models import Application, Charge, Membership, Tier
from membership.queries import (
    applications_paid_in_part,
    contacts_of,
    engagement_above,
    held_invoice,
    next_terms,
    other_kind,
    sharing_a_number,
)
from membership.viewsets.actions import ACTIONS
from membership.viewsets.automatic import AutomaticViewSet
from membership.viewsets.lapses import LapsesColumn
from membership.viewsets.people import PeopleViewSet
from membership.viewsets.prices import PriceViewSet, SizeBandViewSet, TierViewSet
from membership.viewsets.renewals import RenewalsViewSet
from membership.viewsets.timeline import timeline_of

APPLYING = (Membership.Status.APPLIED, Membership.Status.AWAITING_PAYMENT)

register_permission_policy(Membership, LedgerPolicy(Membership))


class MembershipFilters(WagtailFilterSet):
    """Memberships by where they stand, by tier, and by the day on which the term ends."""

    status = django_filters.MultipleChoiceFilter(label=_("Status"), choices=Membership.Status.choices)
    tier = django_filters.ModelMultipleChoiceFilter(label=_("Tier"), queryset=Tier.objects.all())
    shares_number = django_filters.BooleanFilter(
        label=_("Enterprise number of another organisation too"), method="filter_shared"
    )
    lapse_held = django_filters.BooleanFilter(
        label=_("Should have lapsed"), field_name="lapse_held_on", lookup_expr="isnull", exclude=True
    )
    paid_in_part = django_filters.BooleanFilter(
        label=_("Application paid in part"), method="filter_paid_in_part"
    )
    ends_on = django_filters.DateFromToRangeFilter(label=_("Ends"), widget=DateRangePickerWidget)

    class Meta:
        model = Membership
        fields = ("status", "tier", "shares_number", "lapse_held", "paid_in_part", "ends_on")

    def filter_shared(self, rows: QuerySet[Membership], name: str, value: bool) -> QuerySet[Membership]:
        """Find the applications and memberships of which one number has more than one."""
        shared = sharing_a_number().order_by().values("pk")
        return rows.filter(pk__in=shared) if value else rows.exclude(pk__in=shared)

    def filter_paid_in_part(self, rows: QuerySet[Membership], name: str, value: bool) -> QuerySet[Membership]:
        """Find the applications of which a part was paid."""
        waiting = applications_paid_in_part().order_by().values("pk")
        return rows.filter(pk__in=waiting) if value else rows.exclude(pk__in=waiting)


class MembershipIndexView(BulkListing, LedgerIndexView):
    """All memberships with organisation, tier and fee in one query, and the totals of what filters leave."""

    def get_base_queryset(self) -> QuerySet[Membership]:
        """Fetch along what the rows show."""
        memberships: QuerySet[Membership] = super().get_base_queryset()
        begun = Q(from_on__isnull=True) | Q(from_on__lte=OuterRef("ends_on"))  # no next term yet
        charges = Charge.objects.filter(begun, membership=OuterRef("pk"), voided_at__isnull=True)
        last = charges.order_by("-term_starts_on", "-pk")
        related = memberships.select_related("organisation", "tier", "next_tier")
        fee = last.annotate(fee=F("yearly_fee") + F("seats_fee")).values("fee")
        return related.annotate(yearly_fee=Subquery(fee[:1]))

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the totals over all pages: how many there are by status, and what the running ones pay."""
        context: dict[str, Any] = super().get_context_data(*args, **kwargs)
        if context.get("paginator"):
            rows = context["paginator"].object_list.order_by()
            counts = dict(rows.values_list("status").annotate(count=Count("pk", distinct=True)))
            fees = rows.aggregate(
                sum_running=Sum("yearly_fee", filter=Q(status__in=Membership.RUNNING)),
                sum_applied=Sum("yearly_fee", filter=Q(status__in=APPLYING)),
            )
            context["sums"] = [
                *((capfirst(each.label), counts[each]) for each in Membership.Status if each in counts),
                (_("Yearly fees of members"), say_euro(fees["sum_running"] or ZERO)),
                (_("Yearly fees of applicants"), say_euro(fees["sum_applied"] or ZERO)),
            ]
        return context


class MembershipInspectView(DetailsView):
    """One membership: where it stands, what was charged, what happened, and what may be done."""

    page_title = _("Membership")

    def get_page_subtitle(self) -> str:
        """Name the member."""
        return str(self.object.organisation)

    @property
    def header_more_buttons(self) -> list[Button]:
        """Offer what this person may do with this membership now."""
        return [
            Button(
                action.label,
                url=reverse(f"membership_memberships:{name}", args=[self.object.pk]),
                icon_name=action.icon,
            )
            for name, action in ACTIONS.items()
            if action.may(self.request.user, self.object)
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add charges, contacts, notices and the timeline."""
        membership, engagement = self.object, None
        if membership.status == Membership.Status.APPLIED:
            today = timezone.localdate()
            engagement = engagement_above(membership.organisation, tier=membership.tier, on=today)
        return super().get_context_data(
            membership=membership,
            engagement=engagement,
            actions=self.header_more_buttons,
            charges=[
                (charge, say_euro(charge.total_fee), say_euro(charge.invoice.net) if charge.invoice else "")
                for charge in membership.charges.select_related("tier", "invoice")
            ],
            application=Application.objects.filter(membership=membership).first(),
            contacts=contacts_of(membership),
            held=(held := held_invoice(membership)),
            is_held=held is not None and held.left <= 0,
            other_kind=other_kind(membership) if membership.status == Membership.Status.APPLIED else None,
            is_without_price=membership.is_running and membership.pk not in next_terms([membership]),
            namesakes=sharing_a_number()
            .filter(
                organisation__enterprise_number=membership.organisation.enterprise_number,
                organisation__country=membership.organisation.country,
            )
            .exclude(pk=membership.pk)
            .select_related("organisation", "tier")
            if membership.is_open
            else (),
            means=active_means(customer) if (customer := membership.organisation.customer) else None,
            plans=AutomaticPayment.objects.filter(
                invoice__in=membership.charges.values("invoice"), status__in=AutomaticPayment.OPEN
            ).select_related("invoice", "means"),
            timeline=timeline_of(membership),
            **kwargs,
        )


class MembershipViewSet(LedgerViewSet):
    """Who is, was or wants to be a member, and until when."""

    model = Membership
    icon = "group"
    name = "membership_memberships"
    url_prefix = "memberships"
    menu_label = _("Memberships")
    index_view_class = MembershipIndexView
    inspect_view_class = MembershipInspectView
    inspect_template_name = "membership/back_office/membership.html"
    index_results_template_name = "billing/admin/ledger_results.html"
    filterset_class = MembershipFilters
    ordering = ("-applied_at", "-pk")
    search_fields = ["organisation__name", "application__last_name", "application__email"]
    list_display = [
        "organisation",
        "tier",
        Column("get_status_display", label=_("Status"), sort_key="status"),
        DayColumn("applied_at", label=_("Applied for"), sort_key="applied_at"),
        DayColumn("starts_on", label=_("Starts"), sort_key="starts_on"),
        DayColumn("ends_on", label=_("Ends"), sort_key="ends_on"),
        LapsesColumn("lapses_on", label=_("Lapses"), sort_key="lapses_on"),
        AmountColumn("yearly_fee", label=_("Yearly fee"), sort_key="yearly_fee"),
    ]
    list_export = [
        "organisation.name", "organisation.enterprise_number", "tier.slug", "status", "applied_at",
        "starts_on", "ends_on", "engaged_until", "lapses_on", "lapse_held_on", "resigned_because",
        "yearly_fee",
    ]  # fmt: skip
    typed = ("organisation.name",)

    def get_urlpatterns(self) -> list[Any]:
        """Add the actions."""
        return [
            *super().get_urlpatterns(),
            *(path(f"{name}/<int:pk>/", view.as_view(), name=name) for name, view in ACTIONS.items()),
        ]


class MembershipsViewSetGroup(ViewSetGroup):
    """Memberships and what they cost."""

    menu_label = _("Memberships and prices")
    menu_icon = "group"
    menu_order = 340
    items = (
        MembershipViewSet,
        RenewalsViewSet,
        AutomaticViewSet,
        PeopleViewSet,
        PriceViewSet,
        TierViewSet,
        SizeBandViewSet,
    )
