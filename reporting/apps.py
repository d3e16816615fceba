"""The reporting app: KPIs, targets and plans as data."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReportingConfig(AppConfig):
    """Registers the figures of the action plan."""

    name = "reporting"
    verbose_name = _("Reporting")

    def ready(self) -> None:
        """Fill the kernel's registries."""
        from cms.registries import ReferenceData, RolePermissions, reference_data, role_permissions
        from cms.roles import ADMINISTRATOR, BOARD, FINANCE
        from reporting.operations.reference import load_plan

        reference_data.register(ReferenceData("action plan", load_plan))
        reading = ("reporting.view_*",)
        grants = {ADMINISTRATOR: ("reporting.*",), BOARD: reading, FINANCE: reading}
        role_permissions.register(RolePermissions("reporting", grants))
