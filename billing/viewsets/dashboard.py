"""The treasurer's desk: each figure of it leads to the list that adds up to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.auth.mixins import PermissionRequiredMixin
from django.http import HttpRequest
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.http import urlencode
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import TemplateView
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.components import Component
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.admin.viewsets.base import ViewSet

from billing.models import BankEntry, Invoice, Payment, Reversal
from billing.queries import (
    ZERO,
    Figure,
    gross_of,
    held_money,
    overdue_days,
    receivables,
    received,
    returned,
    stuck_dispatches,
    waiting_bank_lines,
    waiting_for_somebody,
)
from billing.registries import ExpectedIncome, expected_income, waiting_for_staff
from billing.rules import AGES, month_of

PERMISSION = "billing.view_invoice"
OPEN = {
    "status": [str(each) for each in Invoice.OPEN],
    "kind": [Invoice.Kind.INVOICE.value, Invoice.Kind.PAYMENT_REQUEST.value],
}
"""The filters of the list of invoices that leave what somebody still has to pay."""
WAITING_LINES = {"status": str(BankEntry.Status.WAITING)}


@dataclass(frozen=True)
class Row:
    """A figure in words: what it is, how many, how much (EUR; None where that says nothing), and its list."""

    label: str
    count: int
    amount: Decimal | None = None
    url: str = ""


def list_of(name: str, filters: Mapping[str, Any]) -> str:
    """Return the address of a list with filters."""
    return f"{reverse(name)}?{urlencode(filters, doseq=True)}"


def list_between(name: str, day: str, span: tuple[date, date], filters: Mapping[str, Any]) -> str:
    """Return the address of a list with filters, of what has a day between two."""
    return list_of(name, {**filters, f"{day}_from": span[0], f"{day}_to": span[1]})


def invoices_due(since: date | None, until: date | None) -> str:
    """Return the address of the open invoices that are due from one day up to and including another."""
    days = {"due_on_from": since, "due_on_to": until}
    return list_of("billing_invoices:index", OPEN | {name: day for name, day in days.items() if day})


def row_of(label: str, figure: Figure, url: str) -> Row:
    """Return a figure as a row."""
    return Row(label, figure.count, figure.amount, url)


def say_age(since: int, to: int | None) -> str:
    """Return how long something is overdue, in words."""
    if to is None:
        return _("Overdue for more than %(days)s days") % {"days": since - 1}
    return _("Overdue for %(since)s to %(to)s days") % {"since": since, "to": to}


def expected_row(income: ExpectedIncome, today: date, user: Any) -> tuple[Row, Decimal]:
    """Return what an app will invoice until the end of the month, VAT included, and the same without VAT."""
    until = month_of(today)[1]
    charges = income.expected(today, until)
    gross = sum(gross_of(charges, at=timezone.now()), ZERO)
    net = sum((each.net for each in charges), ZERO)
    url = list_of(income.page, {"until": until}) if user.has_perm(income.permission) else ""
    return Row(str(income.label), len(charges), gross, url), net


class DashboardView(PermissionRequiredMixin, WagtailAdminTemplateMixin, TemplateView):
    """What is open and overdue, what came in, what is expected this month, and what waits for somebody."""

    permission_required = PERMISSION
    raise_exception = True
    template_name = "billing/admin/dashboard.html"
    page_title = gettext_lazy("Treasurer’s desk")
    header_icon = "desktop"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Name the page."""
        return [*self.breadcrumbs_items, {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the tables, as they stand today."""
        today = timezone.localdate()
        user, open_now = self.request.user, receivables(today)
        last_day = month_of(today)[1]
        due_soon = row_of(
            _("Open invoices, due from today on"), open_now.due_this_month, invoices_due(today, last_day)
        )
        expected = [expected_row(income, today, user) for income in expected_income]
        return super().get_context_data(
            today=today,
            last_day=last_day,
            open_rows=[
                row_of(_("Not due yet"), open_now.not_due, invoices_due(today, None)),
                *(
                    row_of(say_age(*age), figure, invoices_due(*days))
                    for age, figure, days in zip(AGES, open_now.overdue, overdue_days(today), strict=True)
                ),
            ],
            overdue=row_of(_("Overdue"), open_now.all_overdue, invoices_due(None, overdue_days(today)[0][1])),
            all_open=row_of(_("Open"), open_now.all_open, invoices_due(None, None)),
            pending=row_of(
                _("Of which a bank is about to pay"),
                open_now.pending,
                list_of("billing_invoices:index", OPEN | {"pending": "true"}),
            ),
            expected_rows=[(due_soon, None), *expected],
            expected_sum=sum((row.amount or ZERO for row, _net in expected), due_soon.amount or ZERO),
            received_rows=self._received(today),
            waiting_rows=self._waiting(open_now.held),
            **kwargs,
        )

    def _received(self, today: date) -> list[tuple[str, list[tuple[Decimal, str]]]]:
        """What came in this month and this year, with lists: by method, together, and what went back."""
        first, last = month_of(today)
        spans = [(first, last), (date(today.year, 1, 1), date(today.year, 12, 31))]
        sums = received(today)
        labels: dict[str, Any] = {each.value: each.label for each in Payment.Method}
        rows = [(capfirst(labels[method]), amounts, {"method": method}) for method, amounts in sums.items()]
        totals = [sum((amounts[index] for amounts in sums.values()), ZERO) for index in range(2)]
        found = [
            (
                label,
                [
                    (amount, list_between("billing_payments:index", "received_on", span, filters))
                    for amount, span in zip(amounts, spans, strict=True)
                ],
            )
            for label, amounts, filters in [*rows, (_("Total"), totals, {})]
        ]
        counting = {
            "status": [str(each) for each in Reversal.COUNTS],
            "kind": [str(each) for each in Reversal.WENT_BACK],
        }
        went_back = [
            (-amount, list_between("billing_reversals:index", "returned_on", span, counting))
            for amount, span in zip(returned(today), spans, strict=True)
        ]
        return [*found, (_("Paid back, or taken back by the bank"), went_back)]

    def _waiting(self, held: Figure) -> list[Row]:
        """What waits for somebody, each with its list; what a person may not open is left out."""
        found = waiting_for_somebody()
        rows = [
            row_of(
                _("Bank lines to be assigned"),
                found.bank_lines,
                list_of("billing_bank_entries:index", WAITING_LINES),
            ),
            Row(
                _("Documents that did not get through by Peppol"),
                found.dispatches,
                url=list_of("billing_dispatches:index", {"is_stuck": "true"}),
            ),
            row_of(
                _("To be paid back to payers"),
                found.refundable,
                list_of("billing_invoices:index", {"refundable": "true"}),
            ),
            row_of(
                _("Paid by a pro forma invoice, on no invoice yet"),
                found.pro_formas,
                list_of("billing_pro_formas:index", {"waits": "true"}),
            ),
            row_of(
                _("Open invoices with reminders held"),
                held,
                list_of("billing_invoices:index", OPEN | {"held": "true"}),
            ),
            Row(
                _("Documents with a VAT treatment that is not signed off"),
                found.unsigned,
                url=list_of("billing_invoices:index", {"unsigned": "true"}),
            ),
        ]
        if self.request.user.has_perm("billing.view_stripeevent"):
            url = list_of("billing_events:index", {"waits": "true"})
            rows.append(Row(_("Messages of Stripe that could not be applied"), found.stripe_events, url=url))
        return rows + [
            Row(str(each.label), each.count(), url=list_of(each.page, each.filters))
            for each in waiting_for_staff
            if self.request.user.has_perm(each.permission)
        ]


class DashboardPanel(Component):
    """How things stand in four figures, on the start of the back office."""

    name = "treasurer"
    order = 90
    permission = PERMISSION
    template_name = "billing/admin/dashboard_panel.html"

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        """Add the figures, each with its list."""
        today = timezone.localdate()
        open_now, lines, stuck = receivables(today), waiting_bank_lines(), stuck_dispatches().count()
        waiting = []
        if lines.count:
            text = ngettext("%(count)s bank line waits.", "%(count)s bank lines wait.", lines.count)
            url = list_of("billing_bank_entries:index", WAITING_LINES)
            waiting.append((text % {"count": lines.count}, url))
        if stuck:
            text = ngettext(
                "%(count)s document did not get through.", "%(count)s documents did not get through.", stuck
            )
            url = list_of("billing_dispatches:index", {"is_stuck": "true"})
            waiting.append((text % {"count": stuck}, url))
        if held := held_money().count:
            text = ngettext(
                "Money came in for %(count)s pro forma invoice and stands on no invoice yet.",
                "Money came in for %(count)s pro forma invoices and stands on no invoice yet.",
                held,
            )
            waiting.append((text % {"count": held}, list_of("billing_pro_formas:index", {"waits": "true"})))
        last_day = month_of(today)[1]
        due_soon = _("Due until %(day)s") % {"day": date_format(last_day)}
        return {
            "rows": [
                row_of(_("Overdue"), open_now.all_overdue, invoices_due(None, overdue_days(today)[0][1])),
                row_of(_("Not due yet"), open_now.not_due, invoices_due(today, None)),
                row_of(due_soon, open_now.due_this_month, invoices_due(today, last_day)),
            ],
            "waiting": waiting,
            "url": reverse("billing_dashboard:index"),
        }


class DashboardMenuItem(MenuItem):
    """Shown to who may read invoices."""

    def is_shown(self, request: HttpRequest) -> bool:
        """Ask for the right."""
        return bool(request.user.has_perm(PERMISSION))


class DashboardViewSet(ViewSet):
    """The treasurer's desk."""

    name = "billing_dashboard"
    url_prefix = "billing/desk"
    icon = "desktop"
    menu_label = gettext_lazy("Treasurer’s desk")
    menu_item_class = DashboardMenuItem

    @cached_property
    def index_view(self) -> Any:
        """Show the figures."""
        return self.construct_view(DashboardView)

    def get_urlpatterns(self) -> list[Any]:
        """Serve the page."""
        return [path("", self.index_view, name="index")]
