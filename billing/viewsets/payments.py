"""The treasurer's list of payments."""

from collections.abc import Sequence
from typing import Any

import django_filters
from django.db.models import Q, QuerySet, Sum
from django.forms import CheckboxSelectMultiple
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.widgets.boolean_radio_select import BooleanRadioSelect

from accounts.models import User
from billing.models import Payment, Reversal
from billing.queries import ZERO, with_left
from billing.viewsets.bulk_listing import BulkListing
from billing.viewsets.ledger import AmountColumn, DayColumn, LedgerIndexView, LedgerViewSet
from cms.amounts import say_euro

NOBODY = "0"


def _recorders() -> list[tuple[str, Any]]:
    """Return who recorded payments, nobody first. A bank file's are of who uploaded it."""
    recorded = Payment.objects.exclude(recorded_by=None).order_by().values("recorded_by")
    people = [(str(each.pk), str(each)) for each in User.objects.filter(pk__in=recorded)]
    return [(NOBODY, _("nobody who is known: Stripe, for example")), *people]


class PaymentFilters(WagtailFilterSet):
    """Payments by method, day, who recorded them, and whether too much was paid."""

    method = django_filters.MultipleChoiceFilter(label=_("Method"), choices=Payment.Method.choices)
    received_on = django_filters.DateFromToRangeFilter(label=_("Received on"), widget=DateRangePickerWidget)
    is_too_much = django_filters.BooleanFilter(
        label=_("Too much was paid"), method="filter_too_much", widget=BooleanRadioSelect
    )
    recorded_by = django_filters.MultipleChoiceFilter(
        label=_("Recorded by"),
        choices=_recorders,
        method="filter_recorded_by",
        widget=CheckboxSelectMultiple,
    )

    class Meta:
        model = Payment
        fields = ("method", "received_on", "is_too_much", "recorded_by")

    def filter_too_much(self, rows: QuerySet[Payment], name: str, value: bool) -> QuerySet[Payment]:
        """Find those of which a part exceeded what was open."""
        return rows.filter(surplus__gt=0) if value else rows.exclude(surplus__gt=0)

    def filter_recorded_by(
        self, rows: QuerySet[Payment], name: str, value: Sequence[str]
    ) -> QuerySet[Payment]:
        """Find those that one of these people recorded, or nobody."""
        if not value:
            return rows
        nobody = Q(recorded_by=None) if NOBODY in value else Q(pk__in=())
        return rows.filter(nobody | Q(recorded_by__in=[pk for pk in value if pk != NOBODY]))


class BackColumn(AmountColumn):
    """What of a payment counts no more; nothing where all of it does."""

    def get_value(self, instance: Any) -> str:
        """Return the amount, or nothing."""
        return super().get_value(instance) if instance.gone_back else ""


class PaymentIndexView(BulkListing, LedgerIndexView):
    """All payments with their invoice, and the totals of what the filters leave."""

    export_headings = {"gone_back": _("Counts no more")}

    def get_base_queryset(self) -> QuerySet[Payment]:
        """Fetch the invoices along."""
        payments: QuerySet[Payment] = super().get_base_queryset().select_related("invoice", "recorded_by")
        return with_left(payments)

    @cached_property
    def columns(self) -> list[Any]:
        """Keep room for whose invoice it is."""
        columns: list[Any] = super().columns
        next(column for column in columns if column.name == "invoice").width = "20%"
        return columns

    def get_inspect_url(self, instance: Payment) -> str:
        """Lead to the payment's invoice."""
        return reverse("billing_invoices:inspect", args=[instance.invoice_id])

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the totals over all pages."""
        context: dict[str, Any] = super().get_context_data(*args, **kwargs)
        if context.get("paginator"):
            rows = context["paginator"].object_list.order_by()
            sums = rows.aggregate(
                sum_amount=Sum("amount"), sum_surplus=Sum("surplus"), sum_back=Sum("gone_back")
            )
            # What was booked in error did not come in: no part of the other totals.
            mistakes = Reversal.objects.filter(payment__in=rows.values("pk"), kind=Reversal.Kind.MISTAKE)
            wrong = mistakes.aggregate(sum_amount=Sum("amount"), sum_surplus=Sum("of_surplus"))
            mistaken, too_much = wrong["sum_amount"] or ZERO, wrong["sum_surplus"] or ZERO
            context["sums"] = [
                (_("Received"), say_euro((sums["sum_amount"] or ZERO) - mistaken)),
                (_("Of which too much"), say_euro((sums["sum_surplus"] or ZERO) - too_much)),
                (_("Counts no more"), say_euro((sums["sum_back"] or ZERO) - mistaken)),
            ]
            if mistaken:
                context["sums"].append((_("Booked in error (not counted)"), say_euro(mistaken)))
        return context


class PaymentViewSet(LedgerViewSet):
    """What came in."""

    model = Payment
    icon = "success"
    name = "billing_payments"
    url_prefix = "billing/payments"
    menu_label = _("Payments")
    index_view_class = PaymentIndexView
    index_results_template_name = "billing/admin/ledger_results.html"
    filterset_class = PaymentFilters
    ordering = ("-received_on", "-pk")
    search_fields = ["invoice__number", "invoice__name", "external_reference", "note"]
    list_display = [
        "invoice",
        DayColumn("received_on", label=_("Received on"), sort_key="received_on"),
        AmountColumn("amount", label=_("Amount"), sort_key="amount"),
        AmountColumn("surplus", label=_("Of which too much"), sort_key="surplus"),
        BackColumn("gone_back", label=_("Counts no more"), sort_key="gone_back"),
        "method",
        "recorded_by",
    ]
    list_export = [
        "invoice.number", "received_on", "amount", "surplus", "gone_back", "method",
        "external_reference", "note",
    ]  # fmt: skip
    typed = ("note", "external_reference")
