"""Puts the subscribers in the back office and gives the log its words."""

from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.log_actions import LogActionRegistry

from newsletters.models import ConsentEvent
from newsletters.viewsets import SubscriptionViewSet


@hooks.register("register_admin_viewset")
def register_subscriptions() -> SubscriptionViewSet:
    """Register the list of subscribers."""
    return SubscriptionViewSet("newsletter_subscriptions")


@hooks.register("register_log_actions")
def name_log_actions(actions: LogActionRegistry) -> None:
    """Name each step of a consent."""
    for kind in ConsentEvent.Kind:
        actions.register_action(f"newsletters.{kind.value}", _("Newsletter"), kind.label)
