"""The home app: the public front door: home, content, news, people, contact."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HomeConfig(AppConfig):
    """Registers what the public site has to find."""

    name = "home"
    verbose_name = _("Public site")

    def ready(self) -> None:
        """Fill the kernel's registries."""
        from cms.registries import SearchKind, search_kinds

        search_kinds.register(SearchKind("news", _("News"), ("home.ArticlePage",)))
