"""The treasurer's list of customers."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic import CreateView, EditView, IndexView
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.admin.widgets import Button

from billing.models import Customer
from billing.operations.vat_checks import want_vat_check
from billing.rules import NUMBERS, outdates_peppol_address
from billing.viewsets.vat_checks import (
    VatDecisionView,
    VatNoticeMixin,
    VatQuestionView,
    waiting_customers,
)


class CustomerFilters(WagtailFilterSet):
    """Customers whose VAT number somebody must decide about."""

    is_waiting = django_filters.BooleanFilter(label=_("VAT number needs somebody"), method="filter_waiting")

    class Meta:
        model = Customer
        fields = ("is_waiting",)

    def filter_waiting(self, rows: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:
        """Keep those, or the rest."""
        waiting = waiting_customers().values("pk")
        return rows.filter(pk__in=waiting) if value else rows.exclude(pk__in=waiting)


class CustomerIndexView(VatNoticeMixin, IndexView):
    """All customers."""


class CustomerCreateView(CreateView):
    """A new customer; who came from a new invoice goes on to it."""

    @property
    def is_for_invoice(self) -> bool:
        """Whether the person came from there."""
        return self.request.GET.get("then") == "invoice"

    def get_add_url(self) -> str:
        """Keep where the person came from."""
        return f"{super().get_add_url()}{'?then=invoice' if self.is_for_invoice else ''}"

    def save_instance(self) -> Customer:
        """Let the VAT number be asked about."""
        customer: Customer = super().save_instance()
        want_vat_check(customer=customer, at=timezone.now())
        return customer

    def get_success_url(self) -> str:
        """Lead to the invoice, or back to the list."""
        if self.is_for_invoice:
            return reverse("billing_free_invoices:draw-up", args=[self.object.pk])
        return str(super().get_success_url())


class CustomerEditView(EditView):
    """A customer, and what may be done about its VAT number."""

    def save_instance(self) -> Customer:
        """Forget the Peppol address of another number or country; let VIES be asked about it."""
        names = ("country", *NUMBERS)
        before = {name: self.form.initial[name] for name in names}
        after = {name: getattr(self.form.instance, name) for name in names}
        is_kept = "peppol_id" in self.form.changed_data
        if not is_kept and outdates_peppol_address(self.form.instance.peppol_id, before, after):
            self.form.instance.peppol_id = ""
        customer: Customer = super().save_instance()
        if {"vat_number", "country"} & set(self.form.changed_data):
            want_vat_check(customer=customer, at=timezone.now())
        return customer

    @property
    def header_more_buttons(self) -> list[Button]:
        """Offer the decision about the VAT number where there is one to take, and what is known of it."""
        buttons: list[Button] = super().header_more_buttons
        if VatDecisionView.may(self.request.user, self.object):
            decide = reverse("billing_customers:vat", args=[self.object.pk])
            known = f"{reverse('billing_vat_checks:index')}?q={self.object.vat_number}"
            buttons += [
                Button(VatDecisionView.label, url=decide, icon_name=VatDecisionView.icon),
                Button(_("Checks of VAT numbers"), url=known, icon_name="globe"),
            ]
        if VatQuestionView.may(self.request.user, self.object):
            ask = reverse("billing_customers:vies", args=[self.object.pk])
            buttons.append(Button(VatQuestionView.label, url=ask, icon_name=VatQuestionView.icon))
        return buttons


class CustomerViewSet(ModelViewSet):
    """Who is invoiced. A change counts from the next invoice on."""

    model = Customer
    icon = "group"
    name = "billing_customers"
    url_prefix = "billing/customers"
    menu_label = _("Customers")
    index_view_class = CustomerIndexView
    index_results_template_name = "billing/admin/vat_results.html"
    filterset_class = CustomerFilters
    add_view_class = CustomerCreateView
    edit_view_class = CustomerEditView
    copy_view_enabled = False
    search_backend_name = None
    list_per_page = 50
    search_fields = ["name", "email", "enterprise_number", "vat_number", "city"]
    list_display = [
        "name",
        "city",
        Column(
            "enterprise_number",
            label=_("Enterprise number"),
            accessor="shown_enterprise_number",
            sort_key="enterprise_number",
        ),
        "email",
        "language",
    ]
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

    def get_urlpatterns(self) -> list[Any]:
        """Add what may be done about a VAT number."""
        return [
            *super().get_urlpatterns(),
            path("vat/<int:pk>/", VatDecisionView.as_view(), name="vat"),
            path("vies/<int:pk>/", VatQuestionView.as_view(), name="vies"),
        ]
