"""The kernel: what every other app stands on."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CmsConfig(AppConfig):
    """Registers what the kernel itself has."""

    name = "cms"
    verbose_name = _("Kernel")

    def ready(self) -> None:
        """Fill the registries with the kernel's own entries."""
        from cms import receivers  # noqa: F401  (connects)
        from cms.operations.site import load_site
        from cms.operations.taxonomy import load_terms
        from cms.registries import ReferenceData, reference_data

        reference_data.register(ReferenceData("languages and site", load_site))
        reference_data.register(ReferenceData("taxonomy", load_terms))
