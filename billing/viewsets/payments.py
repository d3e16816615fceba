"""The treasurer's lists of payments and customers."""

from typing import Any

import django_filters
from django.db.models import QuerySet, Sum
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.admin.views.generic import CreateView
from wagtail.admin.viewsets.model import ModelViewSet

from billing.models import Customer, Payment
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
    index_results_template_name = "billing/admin/invoice_results.html"
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


class CustomerCreateView(CreateView):
    """A new customer; who came from a new invoice goes on to it."""

    @property
    def is_for_invoice(self) -> bool:
        """Whether the person came from there."""
        return self.request.GET.get("then") == "invoice"

    def get_add_url(self) -> str:
        """Keep where the person came from."""
        return f"{super().get_add_url()}{'?then=invoice' if self.is_for_invoice else ''}"

    def get_success_url(self) -> str:
        """Lead to the invoice, or back to the list."""
        if self.is_for_invoice:
            return reverse("billing_free_invoices:draw-up", args=[self.object.pk])
        return str(super().get_success_url())


class CustomerViewSet(ModelViewSet):
    """Who is invoiced. A change counts from the next invoice on."""

    model = Customer
    icon = "group"
    name = "billing_customers"
    url_prefix = "billing/customers"
    menu_label = _("Customers")
    add_view_class = CustomerCreateView
    copy_view_enabled = False
    search_backend_name = None
    list_per_page = 50
    search_fields = ["name", "email", "enterprise_number", "vat_number", "city"]
    list_display = ["name", "city", "enterprise_number", "email", "language"]
    panels = [
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("name"), FieldPanel("legal_form")]),
                FieldPanel("street"),
                FieldRowPanel([FieldPanel("postcode"), FieldPanel("city"), FieldPanel("country")]),
            ],
            heading=_("Name and address"),
        ),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("enterprise_number"), FieldPanel("vat_number")]),
                FieldRowPanel([FieldPanel("peppol_id"), FieldPanel("po_number")]),
                FieldRowPanel([FieldPanel("email"), FieldPanel("language")]),
            ],
            heading=_("Invoices"),
        ),
    ]
