"""Automatic payments of renewals: which try comes when, on which day it all ends, and stopping one."""

from typing import Any

import django_filters
from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import OuterRef, QuerySet, Subquery
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.ui.tables import Column
from wagtail.admin.widgets import Button
from wagtail.models import ModelLogEntry

from billing.forms.means import StopForm
from billing.models import AutomaticPayment, PaymentMeans
from billing.operations.plans import NotStoppable, stop_payment
from billing.queries import open_amount
from billing.viewsets.desk import DeskView
from billing.viewsets.ledger import AmountColumn, DayColumn, LedgerIndexView, LedgerViewSet
from cms.amounts import say_euro
from cms.details import DetailsView
from membership.models import Charge
from membership.viewsets.lapses import LapsesColumn


class StopView(DeskView):
    """Charge an invoice not automatically after all."""

    permission = "billing.change_automaticpayment"
    label = gettext_lazy("Stop this automatic payment")
    icon = "cross"
    form_class = StopForm
    model = AutomaticPayment
    list_url_name = "membership_automatic:index"
    is_final = True

    @classmethod
    def may(cls, user: AbstractBaseUser, thing: AutomaticPayment) -> bool:
        """Not what a bank works on."""
        return thing.may_be_stopped and super().may(user, thing)

    def get_success_url(self) -> str:
        """Lead back to it."""
        return reverse("membership_automatic:inspect", args=[self.object.pk])

    def what_happens(self) -> list[str]:
        """Say what follows."""
        invoice = self.object.invoice
        words = {"number": invoice.number, "left": say_euro(open_amount(invoice)), "email": invoice.email}
        return [
            _("Invoice %(number)s is not charged, also not later: %(left)s is to be paid otherwise.") % words,
            _("The payer is told by mail at %(email)s, with how to pay it.") % words,
            _("The means of payment stays saved for the next renewal."),
        ]

    def act(self, form: Any, by: Any) -> str:
        """Stop it."""
        try:
            stop_payment(
                plan=self.object,
                because=AutomaticPayment.Because.STAFF,
                note=form.cleaned_data["reason"],
                at=timezone.now(),
                by=by,
            )
        except NotStoppable:
            return _("Somebody was faster: it is under way, paid or stopped.")
        return _("It is stopped, and the payer is told.")


class AutomaticFilters(WagtailFilterSet):
    """Automatic payments by where they stand and by the day of the next try."""

    status = django_filters.MultipleChoiceFilter(
        label=gettext_lazy("Status"), choices=AutomaticPayment.Status.choices
    )
    kind = django_filters.ChoiceFilter(
        field_name="means__kind", label=gettext_lazy("Kind"), choices=PaymentMeans.Kind.choices
    )
    next_on = django_filters.DateFromToRangeFilter(
        label=gettext_lazy("Next try"), widget=DateRangePickerWidget
    )

    class Meta:
        model = AutomaticPayment
        fields = ("status", "kind", "next_on")


class AutomaticIndexView(LedgerIndexView):
    """All automatic payments with invoice and means, and the day on which the membership would end."""

    def get_base_queryset(self) -> QuerySet[AutomaticPayment]:
        """Fetch along what the rows show, in one query."""
        rows: QuerySet[AutomaticPayment] = super().get_base_queryset()
        charges = Charge.objects.filter(invoice=OuterRef("invoice"))
        return rows.select_related("invoice", "means").annotate(
            lapses_on=Subquery(charges.values("membership__lapses_on")[:1]),
            lapse_held_on=Subquery(charges.values("membership__lapse_held_on")[:1]),
        )


class AutomaticInspectView(DetailsView):
    """One automatic payment: where it stands, its tries, what happened, and stopping it."""

    page_title = gettext_lazy("Automatic payment")

    def get_page_subtitle(self) -> str:
        """Name the invoice."""
        return str(self.object.invoice)

    @property
    def header_more_buttons(self) -> list[Button]:
        """Offer to stop what is planned."""
        if not StopView.may(self.request.user, self.object):
            return []
        url = reverse("membership_automatic:stop", args=[self.object.pk])
        return [Button(StopView.label, url=url, icon_name=StopView.icon)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the tries, the membership and the timeline of the invoice."""
        plan = self.object
        charge = Charge.objects.filter(invoice=plan.invoice_id).select_related("membership").first()
        entries = ModelLogEntry.objects.for_instance(plan.invoice).select_related("user")
        return super().get_context_data(
            plan=plan,
            left=say_euro(open_amount(plan.invoice)),
            announced=say_euro(plan.announced_amount) if plan.announced_amount else "",
            membership=charge.membership if charge else None,
            tries=[(each, say_euro(each.amount)) for each in plan.charge_tries.select_related("means")],
            actions=self.header_more_buttons,
            timeline=entries.order_by("-timestamp", "-pk"),
            **kwargs,
        )


class AutomaticViewSet(LedgerViewSet):
    """Which renewals are charged automatically, and how that fares."""

    model = AutomaticPayment
    icon = "rotate"
    name = "membership_automatic"
    url_prefix = "memberships/automatic"
    menu_label = gettext_lazy("Automatic payments")
    index_view_class = AutomaticIndexView
    inspect_view_class = AutomaticInspectView
    inspect_template_name = "membership/back_office/automatic.html"
    filterset_class = AutomaticFilters
    ordering = ("-planned_at", "-pk")
    search_fields = ["invoice__number", "invoice__name", "means__last4", "stopped_note"]
    list_display = [
        "invoice",
        Column("means", label=gettext_lazy("Means of payment")),
        AmountColumn("announced_amount", label=gettext_lazy("Announced"), sort_key="announced_amount"),
        Column("get_status_display", label=gettext_lazy("Status"), sort_key="status"),
        DayColumn("next_on", label=gettext_lazy("Next try"), sort_key="next_on"),
        Column("failed", label=gettext_lazy("Refused"), sort_key="failed"),
        LapsesColumn("lapses_on", label=gettext_lazy("Membership lapses"), sort_key="lapses_on"),
    ]
    list_export = [
        "invoice.number", "invoice.name", "means.kind", "means.last4", "status", "charge_on", "next_on",
        "announced_at", "announced_amount", "tries", "failed", "lapses_on",
        "lapse_held_on", "stopped_because", "stopped_note",
    ]  # fmt: skip
    typed = ("invoice.name", "stopped_note")

    def get_urlpatterns(self) -> list[Any]:
        """Add stopping one."""
        return [*super().get_urlpatterns(), path("stop/<int:pk>/", StopView.as_view(), name="stop")]
