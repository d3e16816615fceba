"""The renewals that are to be invoiced up to a day, as things stand: what the treasurer's desk counts."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import path
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic.base import ContextMixin, TemplateResponseMixin, View
from wagtail.admin.menu import MenuItem
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.admin.viewsets.base import ViewSet
from wagtail.admin.widgets import AdminDateInput

from billing.queries import ZERO
from billing.rules import month_of
from membership.exports import expected_rows, expected_sheet
from membership.queries import expected_renewals

PERMISSION = "membership.view_membership"
FURTHEST = timedelta(days=366)


class UntilForm(forms.Form):
    """Up to which day one looks ahead; a year at most, for each member has one next term."""

    until = forms.DateField(
        label=gettext_lazy("Up to and including"),
        widget=AdminDateInput,
        help_text=gettext_lazy("A year from now at most."),
    )

    def clean_until(self) -> Any:
        """Refuse the past, and what lies further than a term."""
        day, today = self.cleaned_data["until"], timezone.localdate()
        if not today <= day <= today + FURTHEST:
            raise forms.ValidationError(_("Choose a day from today on, a year from now at most."))
        return day


class RenewalsView(
    PermissionRequiredMixin, WagtailAdminTemplateMixin, TemplateResponseMixin, ContextMixin, View
):
    """A table with its totals, or the file of it."""

    permission_required = PERMISSION
    raise_exception = True
    template_name = "membership/back_office/renewals.html"
    page_title = gettext_lazy("Upcoming renewals")
    header_icon = "calendar"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Name the page."""
        return [*self.breadcrumbs_items, {"url": "", "label": self.page_title}]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show what is to be invoiced until a day, at first until the end of the month."""
        today = timezone.localdate()
        first = {"until": month_of(today)[1]}
        form = UntilForm(request.GET if "until" in request.GET else None, initial=first)
        until = first["until"] if not form.is_bound else None
        if form.is_bound and form.is_valid():
            until = form.cleaned_data["until"]
            form = UntilForm(initial={"until": until})  # written as people write a day, also from a link
        rows = expected_rows(expected_renewals(today, until)) if until else []
        if until and request.GET.get("export") in ("csv", "xlsx"):
            return expected_sheet(until).response(rows, request.GET["export"])
        net, gross = sum((row.net for row in rows), ZERO), sum((row.gross for row in rows), ZERO)
        sums = {"net": net, "gross": gross}
        return self.render_to_response(
            self.get_context_data(form=form, until=until, rows=rows, sums=sums, **kwargs)
        )


class RenewalsMenuItem(MenuItem):
    """Shown to who may read memberships."""

    def is_shown(self, request: HttpRequest) -> bool:
        """Ask for the right."""
        return bool(request.user.has_perm(PERMISSION))


class RenewalsViewSet(ViewSet):
    """The page of renewals to come."""

    name = "membership_renewals"
    url_prefix = "memberships/renewals"
    icon = "calendar"
    menu_label = gettext_lazy("Upcoming renewals")
    menu_item_class = RenewalsMenuItem

    @cached_property
    def index_view(self) -> Any:
        """Show the table."""
        return self.construct_view(RenewalsView)

    def get_urlpatterns(self) -> list[Any]:
        """Serve the page."""
        return [path("", self.index_view, name="index")]
