"""What the membership app adds to the back office."""

from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.log_actions import LogActionRegistry

from membership.viewsets import MembershipsViewSetGroup, OrganisationViewSet
from membership.viewsets.bulk import ApproveMany, ExtendMany
from membership.viewsets.bulk_organisations import ConfirmMany, ListMany, UnlistMany

LOG_ACTIONS = (
    ("apply", _("Apply for membership"), _("Applied for a membership")),
    ("approve", _("Approve application"), _("Application approved")),
    ("hold", _("Hold paid application"), _("Paid, and held for staff: the organisation is known already")),
    ("remind_of", _("Remind of application"), _("The association was told that it still waits")),
    ("close", _("Close application"), _("Application closed")),
    ("second_request", _("Second request to join"), _("Passed a second request on")),
    ("start", _("Start membership"), _("Membership started")),
    ("announce", _("Announce renewal"), _("Renewal announced by e-mail")),
    ("invoice", _("Invoice renewal"), _("Next term invoiced")),
    ("renew", _("Renew membership"), _("Next term began")),
    ("upgrade", _("Upgrade membership"), _("Moved to a higher tier")),
    ("announce_tier", _("Announce tier"), _("Another tier announced for the next term")),
    ("past_due", _("Membership past due"), _("Past due: an invoice was not paid in time")),
    ("grace", _("Grace period"), _("The member zone became read-only")),
    (
        "hold_lapse",
        _("Hold a lapse"),
        _("Should have lapsed, but is paid in part: the association was asked"),
    ),
    ("extend", _("Extend the grace period"), _("Grace period extended")),
    ("recover", _("Recover membership"), _("All is paid: active again")),
    ("waive", _("Waive"), _("What was overdue is waived: active again")),
    ("lapsed", _("Lapse"), _("Membership lapsed")),
    ("resign", _("Cancel membership"), _("Membership cancelled, to end with its term")),
    ("stay", _("Withdraw cancellation"), _("Cancellation withdrawn")),
    ("resigned", _("End cancelled membership"), _("Membership ended as cancelled")),
    ("raise_next_term", _("Raise the next term"), _("More invoiced for the next term")),
    ("buy_seat", _("Buy a place"), _("One more place bought")),
    ("invite", _("Invite a person"), _("Invited a person")),
    ("resend_invitation", _("Send invitation again"), _("Sent an invitation again")),
    ("withdraw_invitation", _("Withdraw invitation"), _("Withdrew an invitation")),
    ("place_wanted", _("Place wanted"), _("Somebody wanted a place while all were taken")),
    ("join", _("Join"), _("A person joined")),
    ("change_role", _("Change role"), _("Changed the role of a person")),
    ("remove", _("Remove a person"), _("The place of a person ended")),
    ("allow_domain", _("Allow e-mail domain"), _("Let people join by their e-mail domain")),
    ("forbid_domain", _("Forbid e-mail domain"), _("Let nobody join by an e-mail domain any more")),
    ("leave", _("Leave"), _("A person who asked to be forgotten left")),
    ("change_profile", _("Change profile"), _("Profile changed")),
    ("change_size", _("Change size"), _("Number of employees changed")),
    ("change_kind", _("Change kind"), _("Kind of organisation corrected")),
    ("set_price", _("Set a price"), _("New price set")),
    ("confirm", _("Confirm organisation"), _("Confirmed that the organisation exists")),
    ("list", _("Show on the members page"), _("May be shown on the members page")),
    ("unlist", _("Keep off the members page"), _("Kept off the members page")),
    ("merge", _("Merge organisations"), _("Merged another organisation")),
)
"""What is done, after "membership.", with its name and what the history says of it."""


@hooks.register("register_admin_viewset")
def add_organisations() -> OrganisationViewSet:
    """Show the organisations in the menu."""
    return OrganisationViewSet()


@hooks.register("register_admin_viewset")
def add_memberships() -> MembershipsViewSetGroup:
    """Show the memberships and their prices in the menu."""
    return MembershipsViewSetGroup()


for _action in (ExtendMany, ApproveMany, ConfirmMany, ListMany, UnlistMany):
    hooks.register("register_bulk_action", _action)


@hooks.register("register_log_actions")
def name_log_actions(actions: LogActionRegistry) -> None:
    """Give what is done to organisations and memberships its words in the log."""
    for action, label, message in LOG_ACTIONS:
        actions.register_action(f"membership.{action}", label, message)
