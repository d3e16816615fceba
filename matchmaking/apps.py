"""The matchmaking app: calls and case studies, where demand meets supply."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MatchmakingConfig(AppConfig):
    """Registers what matchmaking has to find."""

    name = "matchmaking"
    verbose_name = _("Matchmaking")

    def ready(self) -> None:
        """Fill the kernel's registries."""
        from cms.registries import SearchKind, search_kinds

        search_kinds.register(SearchKind("call", _("Calls"), ("matchmaking.CallPage",)))
        search_kinds.register(SearchKind("case", _("Cases"), ("matchmaking.CasePage",)))
