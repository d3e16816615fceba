"""What the membership app adds to the back office."""

from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.log_actions import LogActionRegistry

from membership.viewsets import MembershipsViewSetGroup, OrganisationViewSet


@hooks.register("register_admin_viewset")
def add_organisations() -> OrganisationViewSet:
    """Show the organisations in the menu."""
    return OrganisationViewSet()


@hooks.register("register_admin_viewset")
def add_memberships() -> MembershipsViewSetGroup:
    """Show the memberships and their prices in the menu."""
    return MembershipsViewSetGroup()


@hooks.register("register_log_actions")
def name_log_actions(actions: LogActionRegistry) -> None:
    """Give what is done to organisations its words in the log."""
    actions.register_action("membership.apply", _("Apply for membership"), _("Applied for a membership"))
    actions.register_action(
        "membership.second_request", _("Second request to join"), _("Passed a second request on")
    )
    actions.register_action("membership.start", _("Start membership"), _("Membership started"))
    actions.register_action("membership.leave", _("Leave"), _("A person who asked to be forgotten left"))
    actions.register_action("membership.set_price", _("Set a price"), _("New price set"))
    actions.register_action("membership.merge", _("Merge organisations"), _("Merged another organisation"))
