"""What nobody may do in Wagtail's own forms, whatever their role."""

from typing import Any

from wagtail.permission_policies import ModelPermissionPolicy


class LedgerPolicy(ModelPermissionPolicy):
    """Wagtail's own forms to add, change and delete are closed for ledgers; operations write them."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        """Let who may view the ledger view it, and nothing else."""
        return action == "view" and bool(super().user_has_permission(user, "view"))

    def user_has_any_permission(self, user: Any, actions: Any) -> bool:
        """The same for several actions."""
        return any(self.user_has_permission(user, action) for action in actions)
