"""Who may do what with money in the back office."""

from typing import Any

from wagtail.permission_policies import ModelPermissionPolicy

from cms.roles import ADMINISTRATOR, BOARD, FINANCE

READS = (
    "billing.view_invoice",
    "billing.view_payment",
    "billing.view_customer",
    "billing.view_bankentry",
    "billing.view_bankfile",
    "billing.view_dispatch",
    "billing.view_reversal",
    "billing.view_vatcheck",
    "billing.view_paymentmeans",
    "billing.view_automaticpayment",
)
DESK = (
    "billing.*_invoice",
    "billing.*_payment",
    "billing.*_reversal",
    "billing.view_customer",
    "billing.add_customer",
    "billing.change_customer",
    "billing.*_stripeevent",
    "billing.*_bankentry",
    "billing.*_bankfile",
    "billing.view_dispatch",
    "billing.view_vatcheck",
    "billing.change_issuer",
    "billing.change_dunning",
    "billing.change_chargerules",
    "billing.*_paymentmeans",
    "billing.*_automaticpayment",
    "billing.*_vattreatment",
)
"""`change_invoice` lets send, credit and remind, `add_payment` record one, `add_reversal`
pay back and undo, `add_bankfile`
upload, `change_bankentry` assign and set aside: nothing edits what is issued."""

GRANTS = {FINANCE: DESK, ADMINISTRATOR: DESK, BOARD: READS}


class CustomerPolicy(ModelPermissionPolicy):
    """Customers are added and changed, never deleted: invoices point at them."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        """Refuse to delete."""
        return action != "delete" and bool(super().user_has_permission(user, action))


class EditOnlyPolicy(ModelPermissionPolicy):
    """Rows of reference data are changed, never added or deleted: the code knows them by name."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        """Refuse to add and to delete."""
        return action not in ("add", "delete") and bool(super().user_has_permission(user, action))

    def user_has_any_permission(self, user: Any, actions: Any) -> bool:
        """The same for several actions."""
        return any(self.user_has_permission(user, action) for action in actions)
