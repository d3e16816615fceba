"""Paying back, and the list of what went back or was undone."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

import django_filters
from django.db.models import Q, QuerySet, Sum
from django.forms import Form
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet

from billing.forms.refunds import TOO_EARLY, RefundForm
from billing.gateways.stripe import connect
from billing.models import Invoice, Payment, Reversal
from billing.operations.refunds import NotByStripe, RefundedTooEarly, RefundTooHigh, refund_payment
from billing.queries import ZERO, left_of_payment, refundable_amount
from billing.rules import stripe_intent
from billing.viewsets.ledger import AmountColumn, DayColumn, LedgerIndexView, LedgerViewSet
from billing.viewsets.reversing import ReversingView
from cms.amounts import say_euro


class RefundView(ReversingView):
    """Pay back what was paid too much, or what was credited after it was paid."""

    label = gettext_lazy("Pay back")
    form_class = RefundForm
    kinds = (Reversal.Kind.REFUND,)
    sent_before = gettext_lazy("This form was sent before: the first refund counts.")

    @classmethod
    def is_left(cls, document: Invoice) -> bool:
        """As long as something is to be paid back."""
        return refundable_amount(document) > 0

    def key(self) -> str:
        """Return that of the form."""
        return f"desk:{self.request.POST.get('key')}"

    def returnable(self) -> list[tuple[Payment, Decimal]]:
        """Return the payments of which something may go back, with how much, in EUR."""
        most = refundable_amount(self.object)
        payments = [(each, min(most, left_of_payment(each))) for each in self.object.payments.all()]
        return [(payment, amount) for payment, amount in payments if amount > 0]

    def get_form_kwargs(self) -> dict[str, Any]:
        """Tell the form what may go back, and by which ways."""
        returnable = self.returnable()
        is_on = connect() is not None
        online = [each.pk for each, _most in returnable if is_on and stripe_intent(each.external_reference)]
        return {**super().get_form_kwargs(), "returnable": returnable, "online": online}

    def get_initial(self) -> dict[str, Any]:
        """Propose all of it, the way it came, today."""
        returnable = self.returnable()
        if not returnable:
            return {"key": uuid4()}
        payment, most = returnable[0]  # the last one that came in
        return {
            "payment": payment.pk,
            "amount": most,
            "method": payment.method,
            "returned_on": timezone.localdate(),
            "key": uuid4(),
        }

    def what_happens(self) -> list[str]:
        """Say how much is to be paid back, and that the payer is told."""
        most = refundable_amount(self.object)
        if most <= 0:
            return [_("Nothing is to be paid back. To pay back more, credit the invoice first.")]
        return [
            _("%(amount)s is to be paid back: it was paid too much, or credited after it was paid.")
            % {"amount": say_euro(most)},
            _("The payer is told by mail at %(email)s.") % {"email": self.object.email},
            _("To pay back more, credit the invoice first. This cannot be undone."),
        ]

    def act(self, form: Any, by: Any) -> str:
        """Pay it back."""
        data = form.cleaned_data
        reversal = refund_payment(
            payment=form.payments[data["payment"]],
            amount=data["amount"],
            method=data["method"],
            returned_on=data["returned_on"],
            reason=data["reason"],
            key=f"desk:{data['key']}",
            at=timezone.now(),
            by=by,
        )
        words = {"amount": say_euro(reversal.amount), "email": self.object.email}
        if reversal.method == Payment.Method.STRIPE:
            return _("Stripe is asked to pay %(amount)s back. How it fares stands on this page.") % words
        return _("%(amount)s is recorded as paid back; %(email)s is told.") % words

    def form_valid(self, form: Form) -> HttpResponse:
        """Pay it back, or say why not."""
        try:
            return super().form_valid(form)
        except RefundTooHigh as refused:
            form.add_error("amount", _("At most %(most)s goes back.") % {"most": say_euro(refused.most)})
        except NotByStripe:
            form.add_error("method", _("This payment did not come through Stripe."))
        except RefundedTooEarly:
            form.add_error("returned_on", TOO_EARLY)
        return self.form_invalid(form)


class ReversalFilters(WagtailFilterSet):
    """What went back by who took it, how far it is, how and when."""

    kind = django_filters.MultipleChoiceFilter(label=gettext_lazy("Kind"), choices=Reversal.Kind.choices)
    status = django_filters.MultipleChoiceFilter(
        label=gettext_lazy("Status"), choices=Reversal.Status.choices
    )
    method = django_filters.MultipleChoiceFilter(label=gettext_lazy("Method"), choices=Payment.Method.choices)
    returned_on = django_filters.DateFromToRangeFilter(
        label=gettext_lazy("Day"), widget=DateRangePickerWidget
    )

    class Meta:
        model = Reversal
        fields = ("kind", "status", "method", "returned_on")


class ReversalIndexView(LedgerIndexView):
    """All that went back with its invoice, in one query."""

    page_title = gettext_lazy("Refunds and undone payments")

    def get_base_queryset(self) -> QuerySet[Reversal]:
        """Fetch the invoices along."""
        reversals: QuerySet[Reversal] = super().get_base_queryset()
        return reversals.select_related("payment__invoice", "recorded_by")

    @cached_property
    def columns(self) -> list[Any]:
        """Head the first column by what stands in it."""
        columns: list[Any] = super().columns
        columns[0].label = _("Invoice")
        return columns

    def get_inspect_url(self, instance: Reversal) -> str:
        """Lead to the invoice."""
        return reverse("billing_invoices:inspect", args=[instance.payment.invoice_id])

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the total over all pages of what went back, or is about to; apart what did not happen."""
        context: dict[str, Any] = super().get_context_data(*args, **kwargs)
        if context.get("paginator"):
            sums = (
                context["paginator"]
                .object_list.order_by()
                .aggregate(
                    counts=Sum("amount", filter=Q(status__in=Reversal.COUNTS)),
                    failed=Sum("amount", filter=Q(status=Reversal.Status.FAILED)),
                )
            )
            context["sums"] = [(_("Total"), say_euro(sums["counts"] or ZERO))]
            if sums["failed"]:
                context["sums"].append((_("Did not happen (not counted)"), say_euro(sums["failed"])))
        return context


class ReversalViewSet(LedgerViewSet):
    """What went back to payers or was undone. What could not be paid back stands here as well."""

    model = Reversal
    icon = "rotate"
    name = "billing_reversals"
    url_prefix = "billing/reversals"
    menu_label = gettext_lazy("Refunds and undone payments")
    index_view_class = ReversalIndexView
    index_results_template_name = "billing/admin/invoice_results.html"
    filterset_class = ReversalFilters
    ordering = ("-returned_on", "-pk")
    search_fields = ["payment__invoice__number", "payment__invoice__name", "external_id", "reason"]
    list_display = [
        "payment__invoice",
        "kind",
        DayColumn("returned_on", label=gettext_lazy("Day"), sort_key="returned_on"),
        AmountColumn("amount", label=gettext_lazy("Amount"), sort_key="amount"),
        "method",
        "status",
        "error",
        "recorded_by",
    ]
    list_export = [
        "payment.invoice.number", "kind", "returned_on", "amount", "of_surplus", "method", "status", "reason",
        "external_id", "error",
    ]  # fmt: skip
    typed = ("reason",)
