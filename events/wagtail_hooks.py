"""What the events app adds to the back office."""

from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.log_actions import LogActionRegistry

from events.viewsets import EventsGroup


@hooks.register("register_admin_viewset")
def add_organisers_desk() -> EventsGroup:
    """Show activities and sign-ups in the menu."""
    return EventsGroup()


@hooks.register("register_log_actions")
def name_log_actions(actions: LogActionRegistry) -> None:
    """Give what is done to activities and places its words in the log."""
    for action, label, message in (
        ("events.sign_up", _("Sign up"), _("Gave a place")),
        ("events.record_signups", _("Record sign-ups"), _("Recorded sign-ups")),
        ("events.change_signup", _("Change sign-up"), _("Changed a sign-up")),
        ("events.cancel_signup", _("Cancel sign-up"), _("Freed a place")),
        ("events.cancel", _("Cancel activity"), _("Called the activity off")),
    ):
        actions.register_action(action, label, message)
