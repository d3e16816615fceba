"""What billing adds to the back office."""

from typing import Any

from django.http import HttpRequest
from wagtail import hooks
from wagtail.log_actions import LogActionRegistry

from billing import log_actions, log_of_charges
from billing.viewsets import BillingViewSetGroup, DashboardPanel
from billing.viewsets.bulk_bank import SetAsideMany, TakeBackMany
from billing.viewsets.bulk_files import DownloadPaid, DownloadPdfs, DownloadUbl
from billing.viewsets.bulk_invoices import HoldMany, ReleaseMany, RemindMany, SendMany


@hooks.register("register_log_actions")
def register_log_actions(actions: LogActionRegistry) -> None:
    """Name the actions of the timeline."""
    log_actions.register(actions)
    log_of_charges.register(actions)


@hooks.register("register_admin_viewset")
def register_desk() -> BillingViewSetGroup:
    """Register the treasurer's lists."""
    return BillingViewSetGroup()


INVOICE_ACTIONS = (RemindMany, SendMany, HoldMany, ReleaseMany, DownloadPdfs, DownloadUbl)
for _action in (*INVOICE_ACTIONS, DownloadPaid, SetAsideMany, TakeBackMany):
    hooks.register("register_bulk_action", _action)


@hooks.register("construct_homepage_panels")
def add_dashboard_panel(request: HttpRequest, panels: list[Any]) -> None:
    """Show who may read invoices how things stand, on the start of the back office."""
    if request.user.has_perm(DashboardPanel.permission):
        panels.append(DashboardPanel())
