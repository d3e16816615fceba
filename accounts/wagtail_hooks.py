"""What accounts add to the back office: a button in the list of people, and the names of what is logged."""

from collections.abc import Iterator

from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.widgets import Button
from wagtail.log_actions import LogActionRegistry

from accounts.models import User
from accounts.viewsets import DeletePeople, RemoveSecondFactorView, SetActivePeople

for _action in (DeletePeople, SetActivePeople):
    hooks.register("register_bulk_action", _action, order=1)  # after Wagtail's own, which they replace


@hooks.register("register_log_actions")
def name_log_actions(actions: LogActionRegistry) -> None:
    """Give each line of the log its words."""
    actions.register_action("accounts.open", _("Open account"), _("Account opened"))
    actions.register_action("accounts.invite", _("Invite"), _("Invitation mailed"))
    actions.register_action("accounts.change_details", _("Change details"), _("Name or language changed"))
    actions.register_action(
        "accounts.change_address", _("Change e-mail address"), _("E-mail address changed")
    )
    actions.register_action("accounts.erase", _("Erase"), _("Person forgotten"))
    actions.register_action(
        "accounts.remove_second_factor", _("Switch off two-step log-in"), _("Two-step log-in switched off")
    )


@hooks.register("register_admin_urls")
def add_addresses() -> list[URLPattern]:
    """Give the back office the page on which a second factor is removed."""
    view = RemoveSecondFactorView.as_view()
    return [path("users/<int:pk>/second-factor/", view, name="accounts_remove_second_factor")]


@hooks.register("register_user_listing_buttons")
def offer_to_remove_second_factor(user: User, request_user: User) -> Iterator[Button]:
    """Offer it for other people, to who may change them."""
    if user != request_user and request_user.has_perm("accounts.change_user"):
        address = reverse("accounts_remove_second_factor", args=[user.pk])
        yield Button(_("Switch off two-step log-in"), url=address, icon_name="lock-open", priority=40)
