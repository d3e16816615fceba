"""The newsletters app: who gets the newsletter, with proof of consent."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop


class NewslettersConfig(AppConfig):
    """Registers the newsletter's work."""

    name = "newsletters"
    verbose_name = _("Newsletters")

    def ready(self) -> None:
        """Fill the kernel's registries."""
        from cms.registries import (
            DueWork,
            PersonalData,
            RolePermissions,
            due_work,
            personal_data,
            role_permissions,
        )
        from cms.roles import ADMINISTRATOR, EDITOR
        from newsletters import receivers  # noqa: F401  (connects)
        from newsletters.operations.subscriptions import forget_subscriber, forget_unconfirmed
        from newsletters.queries import personal_data_of

        due_work.register(
            DueWork(gettext_noop("newsletter requests that nobody confirmed"), forget_unconfirmed)
        )
        personal_data.register(PersonalData("newsletters", personal_data_of, forget_subscriber))
        role_permissions.register(
            RolePermissions(
                "newsletters",
                {
                    EDITOR: ("newsletters.view_subscription",),
                    ADMINISTRATOR: ("newsletters.view_subscription",),
                },
            )
        )
