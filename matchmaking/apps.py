"""The matchmaking app: calls and case studies, where demand meets supply."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MatchmakingConfig(AppConfig):
    """Registers what matchmaking has to find."""

    name = "matchmaking"
    verbose_name = _("Matchmaking")

    def ready(self) -> None:
        """Fill the kernel's registries."""
        from cms.registries import RolePermissions, SearchKind, role_permissions, search_kinds
        from cms.roles import MATCHMAKER

        search_kinds.register(SearchKind("call", _("Calls"), _("Call"), ("matchmaking.CallPage",)))
        search_kinds.register(
            SearchKind("case", _("Case studies"), _("Case study"), ("matchmaking.CasePage",))
        )
        own_pages = {"calls": "matchmaking.CallIndexPage", "cases": "matchmaking.CaseIndexPage"}
        for what, page_type in own_pages.items():
            entry = RolePermissions(f"matchmaking {what}", {}, page_types={MATCHMAKER: page_type})
            role_permissions.register(entry)
