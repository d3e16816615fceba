"""What the back office knows about accounts: the names of what is logged."""

from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.log_actions import LogActionRegistry


@hooks.register("register_log_actions")
def name_log_actions(actions: LogActionRegistry) -> None:
    """Give each line of the log its words."""
    actions.register_action("accounts.open", _("Open account"), _("Account opened"))
    actions.register_action("accounts.invite", _("Invite"), _("Invitation mailed"))
    actions.register_action("accounts.change_details", _("Change details"), _("Name or language changed"))
    actions.register_action(
        "accounts.change_address", _("Change e-mail address"), _("E-mail address changed")
    )
