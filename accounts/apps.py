"""The accounts app: who logs in."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from wagtail.users import apps as wagtail_users


class AccountsConfig(AppConfig):
    """Registers what accounts add to the kernel."""

    name = "accounts"
    verbose_name = _("Accounts")
    default = True

    def ready(self) -> None:
        """Load the checks, and fill the kernel's registries."""
        from allauth.account.models import EmailAddress
        from allauth.mfa.models import Authenticator

        from accounts import checks  # noqa: F401
        from accounts.models import User
        from accounts.slots import link_to_account
        from cms.registries import Slot, Unshown, slots, unshown_tables

        for model in (User, User.groups.through, User.user_permissions.through, EmailAddress, Authenticator):
            unshown_tables.register(Unshown(model._meta.db_table, "shown to who is logged in only"))
        slots.register(Slot("own account", "account", link_to_account))


class BackOfficeUsersConfig(wagtail_users.WagtailUsersAppConfig):
    """Wagtail's users, with the form of a person who logs in by e-mail address and has a language."""

    default = False
    user_viewset = "accounts.viewsets.PersonViewSet"
