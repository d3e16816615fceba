"""What the kernel adds to Wagtail: the gate before pages and documents, and the platform's reports."""

from collections.abc import Callable
from typing import Any

import django_filters
from django.http import Http404, HttpRequest, HttpResponse
from django.templatetags.static import static
from django.urls import URLPattern, path, reverse
from django.utils.cache import add_never_cache_headers
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.active_filters import register_filter_adapter_class
from wagtail.admin.menu import MenuItem
from wagtail.log_actions import LogActionRegistry
from wagtail.models import Page
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.snippets.models import register_snippet

from cms.details import YesNoFilterAdapter
from cms.gate import gate_for
from cms.models import SiteDocument
from cms.viewsets import (
    MailReport,
    NavigationViewSetGroup,
    PeriodicReport,
    PlatformReport,
    TaskReport,
    TaskView,
)

Serve = Callable[[Page, HttpRequest, list[Any], dict[str, Any]], HttpResponse]


@hooks.register("before_serve_page", order=-100)
def ask_the_gate_for_a_page(
    page: Page, request: HttpRequest, args: list[Any], kwargs: dict[str, Any]
) -> None:
    """Answer as if the page did not exist to whom may not open it.

    The gate is stricter than Wagtail's own check, which would send visitors to a log-in form and so
    tell them that there is something; it is not asked any more.
    """
    if not gate_for(request).may_open_page(page):
        raise Http404
    page.get_view_restrictions = list


@hooks.register("on_serve_page", order=-100)
def keep_private_pages_out_of_caches(serve: Serve) -> Serve:
    """Mark the answers of pages behind a restriction, so that no cache keeps them."""

    def wrapped(page: Page, request: HttpRequest, args: list[Any], kwargs: dict[str, Any]) -> HttpResponse:
        response = serve(page, request, args, kwargs)
        if gate_for(request).keys_of_page(page):
            add_never_cache_headers(response)
        return response

    return wrapped


@hooks.register("before_serve_document", order=-100)
def ask_the_gate_for_a_document(document: SiteDocument, request: HttpRequest) -> None:
    """Answer as if the document did not exist to whom may not open it (see the page's hook)."""
    gate = gate_for(request)
    if not gate.may_open_document(document):
        raise Http404
    request.document_is_private = bool(gate.keys_of_document(document))  # type: ignore[attr-defined]  # noted for the answer
    document.collection.get_view_restrictions = list


register_snippet(NavigationViewSetGroup)
register_filter_adapter_class(django_filters.BooleanFilter, YesNoFilterAdapter)


@hooks.register("insert_global_admin_css")
def add_styles_of_our_own() -> SafeString:
    """Load what the back office needs beside Wagtail's own styles."""
    return format_html('<link rel="stylesheet" href="{}">', static("css/back_office.css"))


@hooks.register("insert_global_admin_js")
def add_scripts_of_our_own() -> SafeString:
    """Load what the back office needs beside Wagtail's own scripts."""
    return format_html('<script type="module" src="{}"></script>', static("js/back_office.js"))


class ReportMenuItem(MenuItem):
    """A report in the menu, for whom may read it."""

    def __init__(self, report: type[PlatformReport], order: int) -> None:
        super().__init__(
            report.page_title,
            reverse(report.index_url_name),
            name=report.index_url_name,
            icon_name=report.header_icon,
            order=order,
        )
        self.report = report

    def is_shown(self, request: HttpRequest) -> bool:
        """Ask what the report itself asks."""
        policy = getattr(self.report, "permission_policy", None)
        policy = (
            policy if isinstance(policy, ModelPermissionPolicy) else ModelPermissionPolicy(self.report.model)
        )
        allowed: bool = policy.user_has_permission(request.user, self.report.permission_required)
        return allowed


REPORTS = {"tasks": TaskReport, "mail": MailReport, "periodic": PeriodicReport}


@hooks.register("register_admin_urls")
def register_report_urls() -> list[URLPattern]:
    """Give each report its address, and each task a page."""
    addresses = [path("platform/tasks/<uuid:pk>/", TaskView.as_view(), name="cms_task")]
    for name, report in REPORTS.items():
        results = report.as_view(results_only=True)
        addresses += [
            path(f"platform/{name}/", report.as_view(), name=f"cms_{name}"),
            path(f"platform/{name}/results/", results, name=f"cms_{name}_results"),
        ]
    return addresses


def _register_report(report: type[PlatformReport], order: int) -> None:
    hooks.register("register_reports_menu_item", lambda: ReportMenuItem(report, order))


for number, report in enumerate(REPORTS.values()):
    _register_report(report, 2000 + number)


@hooks.register("construct_reports_menu")
def show_translations_to_who_may_translate(request: HttpRequest, items: list[MenuItem]) -> None:
    """Leave out the report of translations for who may not open it."""
    if not request.user.has_perm("wagtail_localize.submit_translation"):
        items[:] = [item for item in items if item.url != reverse("wagtail_localize:translations_report")]


@hooks.register("register_log_actions")
def name_log_actions(actions: LogActionRegistry) -> None:
    """Name what the kernel's operations write in the log."""
    actions.register_action("cms.retry_task", _("Retry task"), _("Task tried again"))
