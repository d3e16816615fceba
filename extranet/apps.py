"""The extranet app: the members' front door."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ExtranetConfig(AppConfig):
    """Registers the library and the way to the member zone."""

    name = "extranet"
    verbose_name = _("Member zone")

    def ready(self) -> None:
        """Fill the kernel's registries."""
        from cms.registries import Landmark, ReferenceData, Slot, landmarks, reference_data, slots
        from extranet import receivers  # noqa: F401  (connects)
        from extranet.models import MemberHomePage
        from extranet.operations.library import load_library
        from extranet.slots import link_to_member_zone

        reference_data.register(ReferenceData("library", load_library))
        landmarks.register(Landmark("member zone", MemberHomePage.open_to))
        slots.register(Slot("member zone", "account", link_to_member_zone))
