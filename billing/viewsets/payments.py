"""The treasurer's list of payments."""

from typing import Any

import django_filters
from django.db.models import QuerySet, Sum
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet

from billing.models import Payment
from billing.queries import ZERO
from billing.viewsets.ledger import AmountColumn, DayColumn, LedgerIndexView, LedgerViewSet
from cms.amounts import say_euro


class PaymentFilters(WagtailFilterSet):
    """Payments by method and day."""

    method = django_filters.MultipleChoiceFilter(label=_("Method"), choices=Payment.Method.choices)
    received_on = django_filters.DateFromToRangeFilter(label=_("Received on"), widget=DateRangePickerWidget)

    class Meta:
        model = Payment
        fields = ("method", "received_on")


class PaymentIndexView(LedgerIndexView):
    """All payments with their invoice, and the totals of what the filters leave."""

    def get_base_queryset(self) -> QuerySet[Payment]:
        """Fetch the invoices along."""
        payments: QuerySet[Payment] = super().get_base_queryset().select_related("invoice", "recorded_by")
        return payments

    def get_inspect_url(self, instance: Payment) -> str:
        """Lead to the payment's invoice."""
        return reverse("billing_invoices:inspect", args=[instance.invoice_id])

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the totals over all pages."""
        context: dict[str, Any] = super().get_context_data(*args, **kwargs)
        if context.get("paginator"):
            rows = context["paginator"].object_list.order_by()
            sums = rows.aggregate(sum_amount=Sum("amount"), sum_surplus=Sum("surplus"))
            context["sums"] = [
                (_("Received"), say_euro(sums["sum_amount"] or ZERO)),
                (_("Of which too much"), say_euro(sums["sum_surplus"] or ZERO)),
            ]
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
        "method",
        "recorded_by",
    ]
    list_export = [
        "invoice.number", "received_on", "amount", "surplus", "method", "external_reference", "note",
    ]  # fmt: skip
    typed = ("note", "external_reference")
