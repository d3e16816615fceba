"""What billing adds to the back office."""

from wagtail import hooks
from wagtail.log_actions import LogActionRegistry

from billing import log_actions
from billing.viewsets import BillingViewSetGroup


@hooks.register("register_log_actions")
def register_log_actions(actions: LogActionRegistry) -> None:
    """Name the actions of the timeline."""
    log_actions.register(actions)


@hooks.register("register_admin_viewset")
def register_desk() -> BillingViewSetGroup:
    """Register the treasurer's lists."""
    return BillingViewSetGroup()
