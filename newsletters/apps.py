"""The newsletters app: who gets the newsletter, with proof of consent."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NewslettersConfig(AppConfig):
    """Registers the newsletter's work."""

    name = "newsletters"
    verbose_name = _("Newsletters")

    def ready(self) -> None:
        """Fill the kernel's registries."""
        from cms.registries import DueWork, RolePermissions, due_work, role_permissions
        from cms.roles import ADMINISTRATOR, EDITOR
        from newsletters import receivers  # noqa: F401  (connects)
        from newsletters.operations.subscriptions import forget_unconfirmed

        due_work.register(DueWork("newsletter requests that nobody confirmed", forget_unconfirmed))
        role_permissions.register(
            RolePermissions(
                "newsletters",
                {
                    EDITOR: ("newsletters.view_subscription",),
                    ADMINISTRATOR: ("newsletters.view_subscription",),
                },
            )
        )
