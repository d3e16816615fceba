"""The extranet app: the members' front door."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ExtranetConfig(AppConfig):
    """Registers the library and the way to the member zone."""

    name = "extranet"
    verbose_name = _("Member zone")

    def ready(self) -> None:
        """Fill the kernel's registries."""
        from cms.registries import ReferenceData, Slot, reference_data, slots
        from extranet import receivers  # noqa: F401  (connects)
        from extranet.operations.library import load_library
        from extranet.slots import link_to_member_zone

        reference_data.register(ReferenceData("library", load_library))
        slots.register(Slot("member zone", "account", link_to_member_zone))
