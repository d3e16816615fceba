"""The saved means of payment: the treasurer's list, and ending one."""

from typing import Any

import django_filters
from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import QuerySet
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.widgets import Button

from billing.forms.means import StopForm
from billing.models import PaymentMeans
from billing.models.means import BRANDS
from billing.operations.means import MeansEnded, end_means
from billing.viewsets.desk import DeskView
from billing.viewsets.ledger import LedgerIndexView, LedgerViewSet
from cms.details import DetailsView, say_value


class EndMeansView(DeskView):
    """Charge a means of payment no more."""

    permission = "billing.change_paymentmeans"
    label = gettext_lazy("End this means of payment")
    icon = "cross"
    form_class = StopForm
    model = PaymentMeans
    list_url_name = "billing_means:index"
    is_final = True

    @classmethod
    def may(cls, user: AbstractBaseUser, thing: PaymentMeans) -> bool:
        """Once."""
        return thing.is_active and super().may(user, thing)

    def get_success_url(self) -> str:
        """Lead back to it."""
        return reverse("billing_means:inspect", args=[self.object.pk])

    def what_happens(self) -> list[str]:
        """Say what follows."""
        return [
            _("It is charged no more: what is planned with it is stopped, and Stripe forgets it."),
            _("What a bank works on already goes on."),
            _("Who acts for the customer is told by mail, with how to pay what is open."),
        ]

    def act(self, form: Any, by: Any) -> str:
        """End it."""
        try:
            end_means(
                means=self.object,
                because=PaymentMeans.Because.STAFF,
                note=form.cleaned_data["reason"],
                at=timezone.now(),
                by=by,
            )
        except MeansEnded:
            return _("Somebody was faster: it was ended before.")
        return _("It is ended, and the customer is told.")


class MeansFilters(WagtailFilterSet):
    """Means of payment by kind, and whether they are in use."""

    status = django_filters.ChoiceFilter(label=gettext_lazy("Status"), choices=PaymentMeans.Status.choices)
    kind = django_filters.ChoiceFilter(label=gettext_lazy("Kind"), choices=PaymentMeans.Kind.choices)
    ended_because = django_filters.MultipleChoiceFilter(
        label=gettext_lazy("Ended because"), choices=PaymentMeans.Because.choices
    )

    class Meta:
        model = PaymentMeans
        fields = ("status", "kind", "ended_because")


class MeansIndexView(LedgerIndexView):
    """All means of payment with their customer, in one query."""

    def get_base_queryset(self) -> QuerySet[PaymentMeans]:
        """Fetch the customers along."""
        rows: QuerySet[PaymentMeans] = super().get_base_queryset().select_related("customer", "agreed_by")
        return rows


class MeansInspectView(DetailsView):
    """One means of payment, and ending it."""

    def get_brand_display_value(self) -> str:
        """Name the brand as people know it."""
        return say_value(BRANDS.get(self.object.brand, self.object.brand))

    @property
    def header_more_buttons(self) -> list[Button]:
        """Offer to end what is in use."""
        if not EndMeansView.may(self.request.user, self.object):
            return []
        url = reverse("billing_means:end", args=[self.object.pk])
        return [Button(EndMeansView.label, url=url, icon_name=EndMeansView.icon)]


class PaymentMeansViewSet(LedgerViewSet):
    """What customers saved. Card numbers and accounts are at Stripe alone."""

    model = PaymentMeans
    icon = "key"
    name = "billing_means"
    url_prefix = "billing/means"
    menu_label = gettext_lazy("Saved means of payment")
    index_view_class = MeansIndexView
    inspect_view_class = MeansInspectView
    inspect_view_fields = [
        "customer", "kind", "brand", "last4", "expires_month", "expires_year", "country",
        "mandate_reference", "stripe_id", "agreed_by", "agreed_at", "words", "saved_at", "status", "ended_at",
        "ended_because", "ended_note",
    ]  # fmt: skip
    filterset_class = MeansFilters
    ordering = ("-saved_at", "-pk")
    search_fields = ["customer__name", "customer__email", "last4", "mandate_reference", "stripe_id"]
    list_display = [
        "customer",
        Column("said", label=gettext_lazy("Means of payment")),
        Column("expiry", label=gettext_lazy("Valid until")),
        DateColumn("saved_at", label=gettext_lazy("Saved"), sort_key="saved_at"),
        Column("get_status_display", label=gettext_lazy("Status"), sort_key="status"),
        Column("get_ended_because_display", label=gettext_lazy("Ended because")),
    ]
    list_export = [
        "customer.name", "kind", "brand", "last4", "expires_month", "expires_year", "country",
        "mandate_reference", "agreed_at", "saved_at", "status", "ended_at", "ended_because", "ended_note",
    ]  # fmt: skip
    typed = ("customer.name", "ended_note")

    def get_urlpatterns(self) -> list[Any]:
        """Add ending one."""
        return [*super().get_urlpatterns(), path("end/<int:pk>/", EndMeansView.as_view(), name="end")]
