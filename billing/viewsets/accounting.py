"""Files for the bookkeeping: the lines of a period, and what was open on a day."""

from datetime import date, timedelta
from typing import Any

from django.contrib.auth.mixins import PermissionRequiredMixin
from django.forms import Form
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import path
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext, gettext_lazy
from django.views.generic.base import ContextMixin, TemplateResponseMixin, View
from wagtail.admin.menu import MenuItem
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.admin.viewsets.base import ViewSet

from billing.exports import Spreadsheet, line_sheet, open_sheet
from billing.forms import LinesForm, OpenItemsForm
from billing.queries import issued_between, open_items

PERMISSION = "billing.view_invoice"


def last_month(today: date) -> tuple[date, date]:
    """Return the first and the last day of the month before."""
    last = today.replace(day=1) - timedelta(days=1)
    return last.replace(day=1), last


class AccountingView(
    PermissionRequiredMixin, WagtailAdminTemplateMixin, TemplateResponseMixin, ContextMixin, View
):
    """Two forms, each of which answers with a file; a mistake or an empty period is said beside its field."""

    permission_required = PERMISSION
    raise_exception = True
    template_name = "billing/admin/accounting.html"
    page_title = gettext_lazy("Accounting")
    header_icon = "table"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Name the page."""
        return [*self.breadcrumbs_items, {"url": "", "label": self.page_title}]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Send the file that a form asks for, or show both forms."""
        asked = request.GET.get("what")
        since, until = last_month(timezone.localdate())
        first = {"since": since, "until": until, "file_type": "xlsx"}
        second = {"on": timezone.localdate(), "file_type": "xlsx"}
        # A form that was not sent is not bound, so that it shows its own proposal and no mistakes.
        lines = LinesForm(request.GET if asked == "lines" else None, initial=first, prefix="lines")
        items = OpenItemsForm(request.GET if asked == "open" else None, initial=second, prefix="open")
        if lines.is_bound and lines.is_valid():
            days = lines.cleaned_data["since"], lines.cleaned_data["until"]
            if issued_between(*days).exists():
                return self._file(*line_sheet(*days), lines)
            lines.add_error("until", gettext("Nothing was issued in this period."))
        if items.is_bound and items.is_valid():
            on = items.cleaned_data["on"]
            if open_items(on).exists():
                return self._file(*open_sheet(on), items)
            items.add_error("on", gettext("Nothing was open on this day."))
        return self.render_to_response(self.get_context_data(lines=lines, items=items, **kwargs))

    def _file(self, sheet: Spreadsheet, rows: Any, form: Form) -> HttpResponseBase:
        return sheet.response(rows, form.cleaned_data["file_type"])


class AccountingMenuItem(MenuItem):
    """Shown to who may read invoices."""

    def is_shown(self, request: HttpRequest) -> bool:
        """Ask for the right."""
        return bool(request.user.has_perm(PERMISSION))


class AccountingViewSet(ViewSet):
    """The page of files for the bookkeeping."""

    name = "billing_accounting"
    url_prefix = "billing/accounting"
    icon = "table"
    menu_label = gettext_lazy("Accounting")
    menu_item_class = AccountingMenuItem

    @cached_property
    def index_view(self) -> Any:
        """Show the forms."""
        return self.construct_view(AccountingView)

    def get_urlpatterns(self) -> list[Any]:
        """Serve the page."""
        return [path("", self.index_view, name="index")]
