"""What may be done with many rows of a list at once, as one table."""

from typing import Any

from accounts.models import User
from billing.models import BankEntry, DunningHold, Reminder
from cms.models import OutgoingMail
from cms.roles import ADMINISTRATOR, EVENTS, FINANCE, MATCHMAKER
from membership.models import Membership, Organisation
from tests.journeys.deed import DESK, Deed

KNOW_ORGANISATIONS = {EVENTS, FINANCE, MATCHMAKER, ADMINISTRATOR}


def many(model: str, action: str, thing: str, changed: Any, roles: set[str] = DESK, **words: str) -> Deed:
    """A deed with one row that is chosen."""
    app, name = model.split(".")
    return Deed(
        "wagtail_bulk_action", "", changed, roles, words, {"id": f"{{{thing}}}"}, args=(app, name, action)
    )


DOWNLOADS = {("billing", "invoice", "pdf"), ("billing", "invoice", "ubl"), ("billing", "payment", "pdf")}
"""Change nothing; who may is tested beside them (`tests/billing/test_bulk_files.py`)."""
BULK = [
    many("billing.invoice", "remind", "late", Reminder),
    many("billing.invoice", "send", "invoice", OutgoingMail),
    many("billing.invoice", "hold", "late", DunningHold, reason="belt volgende week"),
    many("billing.invoice", "release", "held", DunningHold),
    many("billing.bankentry", "set-aside", "line", BankEntry, reason="gift"),
    many("billing.bankentry", "take-back", "aside", BankEntry, reason="toch niet"),
    many("membership.membership", "extend", "unpaid", Membership, reason="Betaalt later.", confirmed="30"),
    many("accounts.user", "delete", "person", User, {ADMINISTRATOR}),
    many("accounts.user", "set_active_state", "person", User, {ADMINISTRATOR}, mark_as_active="False"),
    many("membership.organisation", "confirm", "keep", Organisation, KNOW_ORGANISATIONS),
    many("membership.organisation", "list", "hidden", Organisation, KNOW_ORGANISATIONS),
    many("membership.organisation", "unlist", "keep", Organisation, KNOW_ORGANISATIONS),
    many("membership.membership", "approve", "applied", Membership),
]
