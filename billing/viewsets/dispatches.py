"""How documents went out: the treasurer's list of dispatches, and what one does about them."""

from typing import Any

import django_filters
from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn

from billing.documents import is_for_peppol, peppol_address
from billing.forms import SendForm
from billing.gateways.peppol import access_point
from billing.models import Dispatch, Invoice
from billing.operations.delivery import AlreadyOnPeppol, NotForPeppol, send_peppol_again
from billing.operations.peppol import NothingToUpload, mark_uploaded
from billing.queries import MAILED, peppol_dispatch, stuck_dispatches
from billing.viewsets.desk import DeskView
from billing.viewsets.ledger import LedgerIndexView, LedgerViewSet

State = Dispatch.State
DELIVERIES = [*State.choices, (MAILED, gettext_lazy("by mail alone"))]
"""How a document was delivered, as the list of invoices says it and filters by it."""


class PeppolAgainView(DeskView):
    """Send a document by Peppol, once more or for the first time."""

    permission = "billing.change_invoice"
    label = gettext_lazy("Send again by Peppol")
    icon = "upload"
    form_class = SendForm

    @classmethod
    def may(cls, user: AbstractBaseUser, thing: Invoice) -> bool:
        """What the access point took is not sent again."""
        if not super().may(user, thing) or not is_for_peppol(thing):
            return False
        known = peppol_dispatch(thing)
        return known is None or known.state not in Dispatch.GONE

    def what_happens(self) -> list[str]:
        """Say to where, by whom, and what to look out for."""
        known, point = peppol_dispatch(self.object), access_point()
        if not point.is_connected:
            return [_("The UBL file is put in the outbox on the server."), _("Nothing is mailed.")]
        said = [
            _("The receiver, %(address)s, is looked up again and gets the document by Peppol when it can.")
            % {"address": peppol_address(self.object)},
            _("Nothing is mailed."),
        ]
        if known and known.state == State.FAILED and known.sent_at:
            said.append(
                _("It was sent before. Look at the access point first, or the customer may get it twice.")
            )
        elif known and known.state == State.OUTBOX:
            said.append(_("Its file is in the outbox: make sure that nobody uploaded it."))
        return said

    def act(self, form: Any, by: Any) -> str:
        """Queue it."""
        try:
            send_peppol_again(invoice=self.object, at=timezone.now(), by=by)
        except (AlreadyOnPeppol, NotForPeppol):
            return _("Somebody was faster: the document went by Peppol already.")
        return _("The document is on its way. This page says how it fares.")


class UploadedView(DeskView):
    """Note that somebody uploaded the file from the outbox."""

    permission = "billing.change_invoice"
    label = gettext_lazy("I uploaded the UBL file")
    icon = "check"
    form_class = SendForm

    @classmethod
    def may(cls, user: AbstractBaseUser, thing: Invoice) -> bool:
        """There is a file that waits."""
        if not super().may(user, thing):
            return False
        known = peppol_dispatch(thing)
        return known is not None and known.state == State.OUTBOX

    def what_happens(self) -> list[str]:
        """Say what that means."""
        return [
            _("You sent the UBL file of this document by Peppol yourself, for instance in your bookkeeping."),
            _("From now on PDF and mail say that they are a copy. This cannot be undone."),
        ]

    def act(self, form: Any, by: Any) -> str:
        """Note it."""
        try:
            mark_uploaded(invoice=self.object, at=timezone.now(), by=by)
        except NothingToUpload:
            return _("Somebody was faster: this was noted already.")
        return _("Noted: the document went by Peppol.")


DELIVERY_ACTIONS: dict[str, type[DeskView]] = {"peppol": PeppolAgainView, "uploaded": UploadedView}
"""By the name in the address of an invoice."""


class DeliveryFilter(django_filters.ChoiceFilter):
    """Invoices by how they were delivered."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label=gettext_lazy("Delivery"), field_name="delivery", choices=DELIVERIES, **kwargs)


class DeliveryColumn(Column):
    """How an invoice was delivered, in words."""

    words = dict(DELIVERIES)

    def get_value(self, instance: Any) -> Any:
        """Return the state, or nothing where it did not go out."""
        return self.words.get(instance.delivery, "")


class DispatchFilters(WagtailFilterSet):
    """Dispatches by way and state, and those that need somebody."""

    is_stuck = django_filters.BooleanFilter(label=gettext_lazy("Needs somebody"), method="filter_stuck")
    state = django_filters.MultipleChoiceFilter(label=gettext_lazy("State"), choices=State.choices)
    channel = django_filters.ChoiceFilter(label=gettext_lazy("By"), choices=Dispatch.Channel.choices)

    class Meta:
        model = Dispatch
        fields = ("is_stuck", "state", "channel")

    def filter_stuck(self, rows: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:
        """Keep what did not get through, or the rest."""
        stuck = stuck_dispatches().values("pk")
        return rows.filter(pk__in=stuck) if value else rows.exclude(pk__in=stuck)


class DispatchIndexView(LedgerIndexView):
    """All dispatches with their invoice."""

    def get_base_queryset(self) -> QuerySet[Dispatch]:
        """Fetch the invoices along."""
        rows: QuerySet[Dispatch] = super().get_base_queryset().select_related("invoice")
        return rows

    def get_inspect_url(self, instance: Dispatch) -> str:
        """Lead to the invoice: its page says all, and what may be done."""
        return reverse("billing_invoices:inspect", args=[instance.invoice_id])


class DispatchViewSet(LedgerViewSet):
    """How documents went out."""

    model = Dispatch
    icon = "upload"
    name = "billing_dispatches"
    url_prefix = "billing/dispatches"
    menu_label = gettext_lazy("Dispatches")
    index_view_class = DispatchIndexView
    filterset_class = DispatchFilters
    ordering = ("-created_at", "-pk")
    search_fields = ["invoice__number", "invoice__name", "address", "external_id", "error"]
    list_display = [
        "invoice",
        "channel",
        "address",
        "state",
        DateColumn("queued_at", label=gettext_lazy("Queued"), sort_key="queued_at"),
        DateColumn("sent_at", label=gettext_lazy("Sent"), sort_key="sent_at"),
        "error",
    ]
    list_export = [
        "invoice.number", "channel", "address", "state", "access_point", "external_id", "is_copy",
        "created_at", "queued_at", "sent_at", "settled_at", "error",
    ]  # fmt: skip
    typed = ("address", "external_id", "error")
