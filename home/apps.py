"""The home app: the public front door: home, content, news, people, contact."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HomeConfig(AppConfig):
    """Registers what the public site has to find."""

    name = "home"
    verbose_name = _("Public site")

    def ready(self) -> None:
        """Fill the kernel's registries."""
        from cms.registries import (
            Landmark,
            ReferenceData,
            SearchKind,
            Slot,
            landmarks,
            reference_data,
            search_kinds,
            slots,
        )
        from home.operations.front_door import load_home_pages
        from home.slots import find_contact_page, lead_on, link_to_contact

        reference_data.register(ReferenceData("home pages", load_home_pages))
        search_kinds.register(SearchKind("news", _("News"), _("News"), ("home.ArticlePage",)))
        landmarks.register(Landmark("contact", find_contact_page))
        slots.register(Slot("contact", "help", link_to_contact))
        slots.register(Slot("where else", "empty-list", lead_on))
