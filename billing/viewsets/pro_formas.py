"""What was asked before there is an invoice: the treasurer's list, and what one does about one of them."""

from typing import Any

import django_filters
from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin import messages
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.paginator import WagtailPaginator
from wagtail.admin.ui.tables import Column

from billing.forms import SendForm, WithdrawForm
from billing.models import Invoice
from billing.operations.issuing import VatUnconfirmed
from billing.operations.pro_formas import (
    CANNOT_BE_ISSUED,
    ProFormaIsDone,
    invoice_pro_forma,
    withdraw_pro_forma,
)
from billing.queries import ZERO, pro_formas, with_money
from billing.viewsets.actions import RecordPaymentView, SendAgainView
from billing.viewsets.desk import DeskView, pro_forma_crumb
from billing.viewsets.invoices import FindsCommunications, InvoiceInspectView, InvoiceViewSet
from billing.viewsets.ledger import AmountColumn, DayColumn, LedgerIndexView, LedgerViewSet
from billing.viewsets.refunds import RefundView
from billing.viewsets.undoing import UndoPaymentView
from cms.amounts import say_euro
from cms.details import DetailsView

TITLE = gettext_lazy("Pro forma invoices")
STATES = [(each.value, each.label) for each in Invoice.OF_PRO_FORMA]


class ProFormaAction(DeskView):
    """What is done with a pro forma as long as it is neither withdrawn nor followed by its invoice."""

    permission = "billing.change_invoice"

    @classmethod
    def may(cls, user: AbstractBaseUser, thing: Invoice) -> bool:
        """Not what is done already."""
        return thing.is_pro_forma and thing.status in Invoice.UNDECIDED and super().may(user, thing)

    def form_valid(self, form: Any) -> HttpResponse:
        """Do it; say it when it cannot be done any more, or not yet."""
        try:
            return super().form_valid(form)
        except VatUnconfirmed as unconfirmed:
            text = _("Nothing was done: the VAT number %(number)s is not confirmed yet. See the customer.")
            text %= {"number": unconfirmed}
        except CANNOT_BE_ISSUED:
            text = _(
                "Nothing was done: no invoice can be made. Fill in the details of the association first."
            )
        except ProFormaIsDone:
            text = _("Nothing was done: somebody was faster.")
        messages.error(self.request, text)
        return redirect(self.get_success_url())


class InvoiceNowView(ProFormaAction):
    """Issue the invoice before the money is there, or once what stood in its way is mended."""

    label = gettext_lazy("Make the invoice now")
    icon = "doc-full"
    form_class = SendForm

    def what_happens(self) -> list[str]:
        """Say what is made, and what it means."""
        said = [
            _("An invoice for the same lines is made, of today, and sent to %(email)s.")
            % {"email": self.object.email},
            _("From then on it counts as any invoice: it falls due, reminders are sent, and it is credited."),
        ]
        if self.object.status == Invoice.Status.RECEIVED:
            said[1] = _("What came in already is booked as paid on it.")
        return said

    def act(self, form: Any, by: Any) -> str:
        """Issue it."""
        invoice = invoice_pro_forma(pro_forma=self.object, at=timezone.now(), by=by)
        return _("Invoice %(number)s is made and sent.") % {"number": invoice.number}


class WithdrawView(ProFormaAction):
    """Ask for the money no more."""

    label = gettext_lazy("Withdraw")
    icon = "cross"
    form_class = WithdrawForm
    is_final = True

    def what_happens(self) -> list[str]:
        """Say what ends with it."""
        said = [
            _("Nobody has to pay it any more. There is no credit note, for it stands in no book."),
            _("If it is for an application, that is closed and the applicant gets an e-mail."),
        ]
        if self.object.status == Invoice.Status.RECEIVED:
            said.append(_("What came in is to be paid back then."))
        return [*said, _("This cannot be undone.")]

    def act(self, form: Any, by: Any) -> str:
        """Withdraw it."""
        reason = form.cleaned_data["reason"]
        withdraw_pro_forma(pro_forma=self.object, reason=reason, at=timezone.now(), by=by)
        return _("The pro forma invoice is withdrawn.")


ACTIONS: dict[str, type[DeskView]] = {
    "pay": RecordPaymentView,
    "make-invoice": InvoiceNowView,
    "withdraw": WithdrawView,
    "send": SendAgainView,
    "refund": RefundView,
    "undo": UndoPaymentView,
}
"""By the name in the address."""


class ProFormaFilters(WagtailFilterSet):
    """Pro formas by how they fare, when they were made, and those that need somebody."""

    status = django_filters.MultipleChoiceFilter(label=gettext_lazy("Status"), choices=STATES)
    issued_on = django_filters.DateFromToRangeFilter(label=gettext_lazy("Date"), widget=DateRangePickerWidget)
    waits = django_filters.BooleanFilter(
        label=gettext_lazy("Money came in that stands on no invoice"), method="filter_waits"
    )

    class Meta:
        model = Invoice
        fields = ("status", "waits", "issued_on")

    def filter_waits(self, rows: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:
        """Keep those that need somebody, or the rest."""
        return rows.filter(money__gt=0) if value else rows.filter(money=0)


class MoneyColumn(AmountColumn):
    """What came in; nothing where nothing did."""

    def get_value(self, instance: Any) -> str:
        """Return the amount, or nothing."""
        return super().get_value(instance) if instance.money else ""


class MadeColumn(Column):
    """The number of the invoice that followed."""

    def get_value(self, instance: Any) -> str:
        """Return it, or nothing."""
        return instance.made.number if instance.status == Invoice.Status.INVOICED else ""


class ProFormaPaginator(WagtailPaginator):
    """Pages of pro formas, counted by that name: they are rows of the invoices."""

    verbose_name = gettext_lazy("pro forma invoice")
    verbose_name_plural = gettext_lazy("pro forma invoices")


class ProFormaIndexView(FindsCommunications, LedgerIndexView):
    """All pro formas with what came in for them, and the totals of what the filters leave."""

    page_title = TITLE
    verbose_name_plural = TITLE
    paginator_class = ProFormaPaginator

    @cached_property
    def columns(self) -> list[Any]:
        """Keep the number on one line."""
        columns: list[Any] = super().columns
        columns[0].width, columns[0].classname = "10em", "w-whitespace-nowrap"
        return columns

    def get_base_queryset(self) -> QuerySet[Any]:
        """Fetch along what came in, and the invoice that followed."""
        return with_money(pro_formas())

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the totals over all pages."""
        context: dict[str, Any] = super().get_context_data(*args, **kwargs)
        if context.get("paginator"):
            rows = context["paginator"].object_list.order_by()
            is_open = rows.filter(status=Invoice.Status.ISSUED).aggregate(sum=Sum("gross"))["sum"]
            money = rows.aggregate(sum_money=Sum("money"))["sum_money"]
            context["sums"] = [
                (_("Asked, not paid yet"), say_euro(is_open or ZERO)),
                (_("Came in, on no invoice"), say_euro(money or ZERO)),
            ]
        return context


class ProFormaInspectView(InvoiceInspectView):
    """One pro forma: what it says, what came in, what happened, and what may be done."""

    actions = ACTIONS

    def get_page_title(self) -> str:
        """Say what it is."""
        return _("Pro forma invoice")

    def get_object(self, queryset: Any = None) -> Invoice:
        """Find a pro forma only."""
        found: Invoice = get_object_or_404(pro_formas(), pk=self.pk)
        return found

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show it."""
        return DetailsView.get(self, request, *args, **kwargs)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Lead back to the list of pro formas."""
        here = {"url": "", "label": self.get_page_title(), "sublabel": self.get_page_subtitle()}
        return [*self.breadcrumbs_items, pro_forma_crumb(), here]


class ProFormaViewSet(LedgerViewSet):
    """What was asked before there is an invoice."""

    model = Invoice
    icon = "doc-empty"
    name = "billing_pro_formas"
    url_prefix = "billing/pro-formas"
    menu_label = TITLE
    index_view_class = ProFormaIndexView
    inspect_view_class = ProFormaInspectView
    inspect_template_name = InvoiceViewSet.inspect_template_name
    index_results_template_name = "billing/admin/invoice_results.html"
    filterset_class = ProFormaFilters
    ordering = ("-issued_on", "-pk")
    search_fields = InvoiceViewSet.search_fields
    list_display = [
        "number",
        "name",
        DayColumn("issued_on", label=gettext_lazy("Date"), sort_key="issued_on"),
        DayColumn("due_on", label=gettext_lazy("Due date"), sort_key="due_on"),
        AmountColumn("gross", label=gettext_lazy("Total"), sort_key="gross"),
        MoneyColumn("money", label=gettext_lazy("Came in, on no invoice"), sort_key="money"),
        Column("get_status_display", label=gettext_lazy("Status"), sort_key="status"),
        MadeColumn("made", label=gettext_lazy("Invoice"), classname="w-whitespace-nowrap"),
    ]
    list_export = [
        "number", "status", "issued_on", "due_on", "name", "vat_number", "enterprise_number", "country",
        "reference", "structured_communication", "net", "vat", "gross", "money",
    ]  # fmt: skip
    typed = ("name", "vat_number", "reference")

    def get_urlpatterns(self) -> list[Any]:
        """Add the actions."""
        return [
            *super().get_urlpatterns(),
            *(path(f"{name}/<int:pk>/", view.as_view(), name=name) for name, view in ACTIONS.items()),
        ]
