"""The accounts app: who logs in."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop
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

        from accounts import checks  # noqa: F401  (registers)
        from accounts.models import User
        from accounts.operations.erasure import erase_account
        from accounts.operations.sessions import prune_sessions
        from accounts.queries import account_data
        from accounts.slots import link_to_account
        from cms import registries
        from cms.roles import ADMINISTRATOR

        for model in (User, User.groups.through, User.user_permissions.through, EmailAddress, Authenticator):
            registries.unshown_tables.register(
                registries.Unshown(model._meta.db_table, "shown to who is logged in only")
            )
        registries.slots.register(registries.Slot("own account", "account", link_to_account))
        registries.personal_data.register(registries.PersonalData("account", account_data, erase_account))
        registries.due_work.register(registries.DueWork(gettext_noop("ended sessions"), prune_sessions))
        registries.role_permissions.register(
            registries.RolePermissions("accounts", {ADMINISTRATOR: ("accounts.*_user",)})
        )


class BackOfficeUsersConfig(wagtail_users.WagtailUsersAppConfig):
    """Wagtail's users, with the form of a person who logs in by e-mail address and has a language."""

    default = False
    user_viewset = "accounts.viewsets.PersonViewSet"
    group_viewset = "accounts.viewsets.PeopleGroupViewSet"
