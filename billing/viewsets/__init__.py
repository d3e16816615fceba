"""The treasurer's part of the back office."""

from django.utils.translation import gettext_lazy as _
from wagtail.admin.viewsets.base import ViewSetGroup

from billing.viewsets.accounting import AccountingViewSet
from billing.viewsets.bank import BankEntryViewSet
from billing.viewsets.bank_files import BankFileViewSet
from billing.viewsets.customers import CustomerViewSet
from billing.viewsets.dashboard import DashboardPanel, DashboardViewSet
from billing.viewsets.dispatches import DispatchViewSet
from billing.viewsets.free_invoices import FreeInvoiceViewSet
from billing.viewsets.invoices import InvoiceViewSet
from billing.viewsets.means import PaymentMeansViewSet
from billing.viewsets.payments import PaymentViewSet
from billing.viewsets.pro_formas import ProFormaViewSet
from billing.viewsets.refunds import ReversalViewSet
from billing.viewsets.stripe import EventViewSet
from billing.viewsets.vat import VatTreatmentViewSet
from billing.viewsets.vat_checks import VatCheckViewSet

__all__ = ["BillingViewSetGroup", "DashboardPanel"]


class BillingViewSetGroup(ViewSetGroup):
    """The treasurer's menu."""

    menu_label = _("Billing")
    menu_icon = "clipboard-list"
    menu_order = 350
    items = (
        DashboardViewSet,
        InvoiceViewSet,
        FreeInvoiceViewSet,
        ProFormaViewSet,
        DispatchViewSet,
        PaymentViewSet,
        ReversalViewSet,
        PaymentMeansViewSet,
        BankEntryViewSet,
        BankFileViewSet,
        CustomerViewSet,
        VatCheckViewSet,
        AccountingViewSet,
        VatTreatmentViewSet,
        EventViewSet,
    )
