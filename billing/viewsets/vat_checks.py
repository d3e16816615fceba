"""The VAT numbers of customers elsewhere in the EU: what VIES said of each, and what staff decide."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn

from billing.forms import SendForm, VatDecisionForm
from billing.gateways.vies import connect
from billing.models import Customer, Issuer, VatCheck
from billing.operations.vat_checks import NothingToDecide, ask_vies_again, decide_vat_number
from billing.queries import customers_waiting, needs_vat_check, vat_standing
from billing.vat import CONFIRMED, REFUSED, UNAVAILABLE
from billing.viewsets.desk import DeskView
from billing.viewsets.ledger import LedgerIndexView, LedgerViewSet


def waiting_customers() -> QuerySet[Customer]:
    """Return the customers whose VAT number staff must decide about now."""
    return customers_waiting(is_asked=connect() is not None, at=timezone.now())


class VatNoticeMixin:
    """A list that says above it how many VAT numbers need somebody."""

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add how many."""
        parent: Any = super()
        context: dict[str, Any] = parent.get_context_data(*args, **kwargs)
        context["waiting_count"] = waiting_customers().count()
        return context


class VatNumberView(DeskView):
    """Something about the VAT number of a customer."""

    permission = "billing.change_customer"
    list_url_name = "billing_customers:index"
    model = Customer

    @classmethod
    def may(cls, user: Any, thing: Customer) -> bool:
        """Only where reverse charge hangs on it."""
        return super().may(user, thing) and needs_vat_check(thing, regime=Issuer.load().vat_regime)

    def get_success_url(self) -> str:
        """Lead back to the customer."""
        return reverse("billing_customers:edit", args=[self.object.pk])


class VatQuestionView(VatNumberView):
    """Have VIES asked once more."""

    label = gettext_lazy("Ask VIES again")
    icon = "rotate"
    form_class = SendForm

    @classmethod
    def may(cls, user: Any, thing: Customer) -> bool:
        """Only where VIES is asked at all."""
        return super().may(user, thing) and connect() is not None

    def what_happens(self) -> list[str]:
        """Say what an answer does."""
        number = self.object.vat_number
        found = vat_standing(number, at=timezone.now())
        said = [
            _("The platform asks VIES about %(number)s within a minute and keeps the answer as proof.")
            % {"number": number}
        ]
        if found.check and found.check.is_decision:
            said.append(_("What VIES answers then counts instead of the decision that was taken by hand."))
        elif found.check:
            said.append(_("The new answer then counts instead of the last one."))
        return [*said, _("Where VIES does not answer, all stays as it is.")]

    def act(self, form: Any, by: Any) -> str:
        """Have it asked."""
        try:
            ask_vies_again(customer=self.object, at=timezone.now(), by=by)
        except NothingToDecide:
            return _("Nothing was done: the VAT number or the country has changed meanwhile.")
        return _("VIES is being asked. The answer will be among the checks of VAT numbers in a minute.")


class VatDecisionView(VatNumberView):
    """Confirm or reject the VAT number of a customer by hand."""

    label = gettext_lazy("Decide about the VAT number")
    icon = "check"
    form_class = VatDecisionForm

    def what_happens(self) -> list[str]:
        """Say how the number stands, what VIES told of it, and what a decision does."""
        number, at = self.object.vat_number, timezone.now()
        found = vat_standing(number, at=at)
        states = {
            CONFIRMED: _("%(number)s is confirmed until %(day)s: reverse charge goes on."),
            REFUSED: _("%(number)s is refused until %(day)s: invoices bear Belgian VAT."),
        }
        day = date_format(timezone.localdate(found.until)) if found.until else ""
        open_text = _("%(number)s is not confirmed: an invoice with reverse charge waits.")
        said = [states.get(found.state, open_text) % {"number": number, "day": day}]
        if last := VatCheck.objects.filter(vat_number=number, reason="").first():
            said.append(_say_answer(last))
            if last.name:
                said.append(_("Is that %(customer)s, whom you invoice?") % {"customer": self.object.name})
        elif connect() is None:
            said.append(_("VIES is not asked: the platform is not set up for it. You decide."))
        else:
            said.append(_("VIES has not been asked yet: the platform does so within a day."))
        return [
            *said,
            _("Your decision counts for a year, and is kept with your name and reason as proof."),
        ]

    def act(self, form: Any, by: Any) -> str:
        """Decide."""
        data = form.cleaned_data
        try:
            check = decide_vat_number(
                customer=self.object,
                is_confirmed=data["decision"] == VatDecisionForm.CONFIRM,
                reason=data["reason"],
                at=timezone.now(),
                by=by,
            )
        except NothingToDecide:
            return _("Nothing was done: the VAT number or the country has changed meanwhile.")
        if check.outcome == VatCheck.Outcome.VALID:
            return _("%(number)s is confirmed: reverse charge goes on.") % {"number": check.vat_number}
        return _("%(number)s is rejected: invoices bear Belgian VAT.") % {"number": check.vat_number}


def _say_answer(check: VatCheck) -> str:
    """Say what VIES answered, and when."""
    words = {
        "when": date_format(timezone.localtime(check.checked_at), "DATETIME_FORMAT"),
        "outcome": check.get_outcome_display(),
        "name": check.name,
        "address": check.address,
        "number": check.consultation_number,
        "answer": check.answer,
    }
    if check.outcome == UNAVAILABLE:
        return _("VIES gave no answer on %(when)s: %(answer)s") % words
    said = _("VIES answered on %(when)s: %(outcome)s.") % words
    if check.name:
        said += " " + _("Name and address: %(name)s, %(address)s.") % words
    if check.consultation_number:
        said += " " + _("Consultation number: %(number)s.") % words
    return said


class VatCheckFilters(WagtailFilterSet):
    """Checks by what they came to, and who made them."""

    outcome = django_filters.MultipleChoiceFilter(
        label=gettext_lazy("Outcome"), choices=VatCheck.Outcome.choices
    )
    is_decision = django_filters.BooleanFilter(
        label=gettext_lazy("Decided by staff"), field_name="reason", method="filter_decisions"
    )

    class Meta:
        model = VatCheck
        fields = ("outcome", "is_decision")

    def filter_decisions(self, rows: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:
        """Keep the decisions of staff, or the answers of VIES."""
        return rows.exclude(reason="") if value else rows.filter(reason="")


class VatCheckIndexView(VatNoticeMixin, LedgerIndexView):
    """All checks with their customer, in one query."""

    @cached_property
    def columns(self) -> list[Any]:
        """Keep the number on one line."""
        columns: list[Any] = super().columns
        columns[0].width, columns[0].classname = "11em", "w-whitespace-nowrap"
        return columns

    def get_base_queryset(self) -> QuerySet[VatCheck]:
        """Fetch the customers along."""
        rows: QuerySet[VatCheck] = super().get_base_queryset().select_related("customer", "by")
        return rows


class DecidedByColumn(Column):
    """Who said so."""

    def get_value(self, instance: VatCheck) -> str:
        """Return the person, or VIES."""
        if not instance.reason:
            return "VIES"
        return str(instance.by or _("somebody who left"))


class VatCheckViewSet(LedgerViewSet):
    """What is known of VAT numbers."""

    model = VatCheck
    icon = "globe"
    name = "billing_vat_checks"
    url_prefix = "billing/vat-checks"
    menu_label = gettext_lazy("Checks of VAT numbers")
    index_view_class = VatCheckIndexView
    index_results_template_name = "billing/admin/vat_results.html"
    filterset_class = VatCheckFilters
    ordering = ("-checked_at", "-pk")
    search_fields = ["vat_number", "customer__name", "name", "consultation_number", "reason"]
    inspect_view_fields = [
        "checked_at", "customer", "vat_number", "outcome", "requester", "consultation_number", "name",
        "address", "answer", "reason", "by",
    ]  # fmt: skip
    list_display = [
        "vat_number",
        "customer",
        "outcome",
        DateColumn("checked_at", label=gettext_lazy("Checked"), sort_key="checked_at"),
        DecidedByColumn("by", label=gettext_lazy("According to")),
        "consultation_number",
        "name",
        "reason",
    ]
    list_export = [
        "vat_number", "customer.name", "outcome", "checked_at", "requester", "consultation_number", "name",
        "address", "reason",
    ]  # fmt: skip
    typed = ("customer.name", "name", "address", "reason")
