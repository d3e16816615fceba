"""The accounts app: who logs in."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from wagtail.users import apps as wagtail_users


class AccountsConfig(AppConfig):
    """Registers what must hold before real use."""

    name = "accounts"
    verbose_name = _("Accounts")
    default = True

    def ready(self) -> None:
        """Load the checks."""
        from accounts import checks  # noqa: F401


class BackOfficeUsersConfig(wagtail_users.WagtailUsersAppConfig):
    """Wagtail's users, with the form of a person who logs in by e-mail address and has a language."""

    default = False
    user_viewset = "accounts.viewsets.PersonViewSet"
