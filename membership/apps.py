"""The membership app: who belongs and on what terms."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MembershipConfig(AppConfig):
    """Registers the reference data of memberships."""

    name = "membership"
    verbose_name = _("Membership")

    def ready(self) -> None:
        """Fill the kernel's registries."""
        from cms.registries import DueWork, ReferenceData, due_work, reference_data
        from membership import receivers  # noqa: F401  (connects)
        from membership.operations.access import reconcile_access
        from membership.operations.reference import load_prices

        reference_data.register(ReferenceData("tiers and prices", load_prices))
        due_work.register(DueWork("access of members", reconcile_access))
