"""The treasurer's list of invoices and the page of one."""

from typing import Any

import django_filters
from django.db.models import QuerySet, Sum
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.functional import cached_property
from django.utils.http import urlencode
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from stdnum.be import ogm_vcs
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.ui.tables import Column
from wagtail.admin.widgets import Button
from wagtail.admin.widgets.button import HeaderButton
from wagtail.models import ModelLogEntry

from billing.models import DunningHold, Invoice
from billing.queries import (
    ZERO,
    dispatches_of,
    is_of_pro_forma,
    open_amount,
    pending_debits,
    refundable_amount,
    reversals_of,
    stuck_dispatches,
    unsigned_invoices,
    with_delivery,
    with_open_amount,
    with_refundable,
)
from billing.viewsets.actions import ACTIONS
from billing.viewsets.bulk_listing import BulkListing
from billing.viewsets.dispatches import DELIVERY_ACTIONS, DeliveryColumn, DeliveryFilter
from billing.viewsets.files import UblView
from billing.viewsets.invoice_buttons import button_groups
from billing.viewsets.ledger import AmountColumn, DayColumn, LedgerIndexView, LedgerViewSet
from cms.amounts import say_euro, say_percent
from cms.details import DetailsView

KINDS = [each for each in Invoice.Kind.choices if each[0] != Invoice.Kind.PRO_FORMA]
STATES = [(each.value, each.label) for each in (*Invoice.OPEN, Invoice.Status.PAID, Invoice.Status.CREDITED)]
"""What stands in the books, and how it fares."""


class InvoiceFilters(WagtailFilterSet):
    """Invoices by how they fare, what they are and when they were issued; the search finds whose they are."""

    status = django_filters.MultipleChoiceFilter(label=_("Status"), choices=STATES, method="filter_status")
    kind = django_filters.MultipleChoiceFilter(label=_("Kind"), choices=KINDS)
    issued_on = django_filters.DateFromToRangeFilter(label=_("Date"), widget=DateRangePickerWidget)
    due_on = django_filters.DateFromToRangeFilter(label=_("Due date"), widget=DateRangePickerWidget)
    held = django_filters.BooleanFilter(
        label=_("Reminders held"), field_name="dunning_hold", lookup_expr="isnull", exclude=True
    )
    pending = django_filters.BooleanFilter(label=_("A bank is about to pay"), method="filter_pending")
    refundable = django_filters.BooleanFilter(label=_("To be paid back"), method="filter_refundable")
    unsigned = django_filters.BooleanFilter(label=_("VAT treatment not signed off"), method="filter_unsigned")

    delivery = DeliveryFilter()

    class Meta:
        model = Invoice
        fields = (
            "status", "delivery", "kind", "issued_on", "due_on", "held", "pending", "refundable", "unsigned",
        )  # fmt: skip

    def filter_status(self, rows: QuerySet[Invoice], name: str, value: list[str]) -> QuerySet[Invoice]:
        """Keep what fares so; a credit note does not fare."""
        return rows.filter(status__in=value).exclude(kind=Invoice.Kind.CREDIT_NOTE) if value else rows

    def filter_pending(self, rows: QuerySet[Invoice], name: str, value: bool) -> QuerySet[Invoice]:
        """Keep what a bank is about to pay, or the rest."""
        return rows.filter(pk__in=pending_debits()) if value else rows.exclude(pk__in=pending_debits())

    def filter_refundable(self, rows: QuerySet[Invoice], name: str, value: bool) -> QuerySet[Invoice]:
        """Keep the invoices of which something is to be paid back, or the rest."""
        reckoned = with_refundable(rows)
        return reckoned.filter(refundable__gt=0) if value else reckoned.filter(refundable=0)

    def filter_unsigned(self, rows: QuerySet[Invoice], name: str, value: bool) -> QuerySet[Invoice]:
        """Keep the documents with such a line, or the rest."""
        unsigned = unsigned_invoices().values("pk")
        return rows.filter(pk__in=unsigned) if value else rows.exclude(pk__in=unsigned)


class StatusColumn(Column):
    """How an invoice fares; a credit note does not fare."""

    def get_value(self, instance: Invoice) -> str:
        """Return the status in words."""
        return "" if instance.kind == Invoice.Kind.CREDIT_NOTE else instance.get_status_display()


class DueColumn(DayColumn):
    """The day on which an invoice is due; a credit note is not paid."""

    def get_value(self, instance: Invoice) -> str:
        """Return the day, or nothing."""
        return "" if instance.kind == Invoice.Kind.CREDIT_NOTE else super().get_value(instance)


class TotalColumn(AmountColumn):
    """What a document adds to what is owed: of a credit note below zero, as its payer reads it."""

    def get_value(self, instance: Invoice) -> str:
        """Return the total with its sign."""
        return say_euro(-instance.gross if instance.kind == Invoice.Kind.CREDIT_NOTE else instance.gross)


class LeftColumn(AmountColumn):
    """What is still to be paid; of a credit note nothing is."""

    def get_value(self, instance: Any) -> str:
        """Return the amount, or nothing."""
        return "" if instance.kind == Invoice.Kind.CREDIT_NOTE else super().get_value(instance)


class FindsCommunications:
    """A list of documents that is searched for a structured communication too, however it is typed."""

    def search_queryset(self, queryset: QuerySet[Invoice]) -> QuerySet[Invoice]:
        """Find it, or whatever else was typed."""
        parent: Any = super()
        text = getattr(self, "search_query", "")
        if ogm_vcs.is_valid(text or ""):
            return queryset.filter(structured_communication=ogm_vcs.compact(text))
        found: QuerySet[Invoice] = parent.search_queryset(queryset)
        return found


class InvoiceIndexView(FindsCommunications, BulkListing, LedgerIndexView):
    """All invoices with what is still to be paid, and the totals of what the filters leave."""

    @cached_property
    def columns(self) -> list[Any]:
        """Keep the number on one line."""
        columns: list[Any] = super().columns
        columns[0].width, columns[0].classname = "10em", "w-whitespace-nowrap"
        return columns

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        """Offer a new invoice to who may issue one."""
        if not self.request.user.has_perm("billing.add_invoice"):
            return []
        url = reverse("billing_free_invoices:index")
        return [HeaderButton(_("New invoice"), url=url, icon_name="plus")]

    def get_base_queryset(self) -> QuerySet[Invoice]:
        """Fetch open amounts and delivery along."""
        return with_delivery(with_open_amount(super().get_base_queryset()))

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Lead who searches for the number or communication of a pro forma to the list of those."""
        if is_of_pro_forma(text := request.GET.get("q", "")):
            name = "index_results" if self.results_only else "index"
            return redirect(f"{reverse(f'billing_pro_formas:{name}')}?{urlencode({'q': text})}")
        answer: HttpResponseBase = super().get(request, *args, **kwargs)
        return answer

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the totals over all pages; credit notes count as less."""
        context: dict[str, Any] = super().get_context_data(*args, **kwargs)
        context["stuck_count"] = stuck_dispatches().count()
        rows = context["paginator"].object_list.order_by() if context.get("paginator") else None
        if rows is not None:
            notes = {"kind": Invoice.Kind.CREDIT_NOTE}
            sums = {"sum_net": Sum("net"), "sum_gross": Sum("gross")}
            invoiced = rows.exclude(**notes).aggregate(**sums)
            credited = rows.filter(**notes).aggregate(**sums)
            # What is open is reckoned row by row: of the open ones only.
            open_rows = rows.exclude(**notes).filter(status__in=Invoice.OPEN)
            left = open_rows.aggregate(sum_left=Sum("left"))["sum_left"]
            context["sums"] = [
                (
                    _("Total excluding VAT"),
                    say_euro((invoiced["sum_net"] or ZERO) - (credited["sum_net"] or ZERO)),
                ),
                (_("Total"), say_euro((invoiced["sum_gross"] or ZERO) - (credited["sum_gross"] or ZERO))),
                (_("To be paid"), say_euro(left or ZERO)),
            ]
            if "refundable" in rows.query.annotations:
                back = rows.aggregate(sum_back=Sum("refundable"))["sum_back"]
                context["sums"].append((_("To be paid back"), say_euro(back or ZERO)))
        return context


class InvoiceInspectView(DetailsView):
    """One invoice: what it says, what was paid, what happened, and what may be done."""

    actions = ACTIONS | DELIVERY_ACTIONS

    def get_object(self, queryset: Any = None) -> Invoice:
        """Find a pro forma too: many lists lead here."""
        return get_object_or_404(Invoice.documents, pk=self.pk)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Lead a pro forma to its own page."""
        if self.object.is_pro_forma:
            return redirect("billing_pro_formas:inspect", self.object.pk)
        answer: HttpResponseBase = super().get(request, *args, **kwargs)
        return answer

    def get_page_title(self) -> str:
        """Say whether it is an invoice or a credit note: the amounts of both stand above zero."""
        return capfirst(self.object.get_kind_display())

    def get_page_subtitle(self) -> str:
        """Name the invoice."""
        return str(self.object)

    @property
    def header_more_buttons(self) -> list[Button]:
        """Offer what this person may do with this invoice."""
        return [button for _label, buttons in self.button_groups for button in buttons]

    @cached_property
    def button_groups(self) -> list[tuple[Any, list[Button]]]:
        """Return these by what they are about."""
        return button_groups(self.object, self.request.user, self.actions)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add lines, payments, notes and the timeline."""
        invoice = self.object
        entries = (
            ModelLogEntry.objects.for_instance(invoice).select_related("user").order_by("-timestamp", "-pk")
        )
        return super().get_context_data(
            invoice=invoice,
            made=Invoice.objects.filter(pro_forma=invoice).first(),
            lines=[
                (line, say_euro(line.unit_price), say_percent(line.vat_rate), say_euro(line.net))
                for line in invoice.lines.all()
            ],
            totals=invoice.totals,
            payments=[
                (payment, say_euro(payment.amount), say_euro(payment.surplus) if payment.surplus else "")
                for payment in invoice.payments.select_related("recorded_by")
            ],
            reversals=[(reversal, say_euro(reversal.amount)) for reversal in reversals_of(invoice)],
            refundable=say_euro(back) if (back := refundable_amount(invoice)) else "",
            notes=[(note, say_euro(note.gross)) for note in invoice.credit_notes.order_by("pk")],
            left=say_euro(max(open_amount(invoice), ZERO)),
            prepaid=say_euro(invoice.prepaid) if invoice.prepaid else "",
            # A transfer is what any document asks for; it says something only of what was paid before.
            way=invoice.get_way_display() if invoice.prepaid or invoice.way != Invoice.Way.TRANSFER else "",
            reminders=invoice.reminders.select_related("sent_by"),
            hold=DunningHold.objects.filter(invoice=invoice).first(),
            amounts={
                "net": say_euro(invoice.net),
                "vat": say_euro(invoice.vat),
                "gross": say_euro(invoice.gross),
            },
            dispatches=dispatches_of(invoice),
            timeline=entries.select_related("user"),
            button_groups=self.button_groups,
            **kwargs,
        )


class InvoiceViewSet(LedgerViewSet):
    """Invoices and credit notes."""

    model = Invoice
    icon = "doc-full"
    name = "billing_invoices"
    url_prefix = "billing/invoices"
    menu_label = _("Invoices")
    index_view_class = InvoiceIndexView
    inspect_view_class = InvoiceInspectView
    inspect_template_name = "billing/admin/invoice.html"
    index_results_template_name = "billing/admin/invoice_results.html"
    filterset_class = InvoiceFilters
    ordering = ("-issued_on", "-pk")
    search_fields = [
        "number", "name", "customer__name", "structured_communication", "enterprise_number", "reference",
        "email",
    ]  # fmt: skip
    list_display = [
        "number",
        "name",
        "kind",
        DayColumn("issued_on", label=_("Date"), sort_key="issued_on"),
        DueColumn("due_on", label=_("Due date"), sort_key="due_on"),
        TotalColumn("gross", label=_("Total"), sort_key="gross"),
        LeftColumn("left", label=_("To be paid"), sort_key="left"),
        StatusColumn("status", label=_("Status"), sort_key="status"),
        DeliveryColumn("delivery", label=_("Delivery"), sort_key="delivery"),
    ]
    list_export = [
        "number", "kind", "status", "issued_on", "due_on", "name", "vat_number", "enterprise_number",
        "country", "reference", "structured_communication", "net", "vat", "gross", "settled", "left",
        "paid_on", "delivery",
    ]  # fmt: skip
    typed = ("name", "vat_number", "reference")

    def get_urlpatterns(self) -> list[Any]:
        """Add the UBL file and the actions."""
        return [
            *super().get_urlpatterns(),
            path("ubl/<int:pk>/", UblView.as_view(), name="ubl"),
            *(
                path(f"{name}/<int:pk>/", view.as_view(), name=name)
                for name, view in (ACTIONS | DELIVERY_ACTIONS).items()
            ),
        ]
