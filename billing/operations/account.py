"""When the association's own bank account changes: all money goes there, so who keep the books hear of it."""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from accounts.models import User
from billing.models import Invoice, Issuer
from cms.emails import queue_email
from cms.log import record
from cms.roles import ADMINISTRATOR, FINANCE

KEEPERS = (FINANCE, ADMINISTRATOR)
"""The roles that may change it, of which everybody is told."""


@transaction.atomic
def note_new_account(*, issuer: Issuer, before: Issuer, at: datetime, by: User | None) -> bool:
    """Log from which account to which the association went, and mail it to who keep the books.

    The association's own address hears of it too: the one from before, should that be changed along. Nothing
    is noted while the first account is filled in and nothing was ever issued: False.
    """
    if not before.iban and not Invoice.documents.exists():
        return False
    words = {"before": before.iban, "after": issuer.iban}
    record(issuer, "billing.change_account", by=by, at=at, data=words)
    told = {address: settings.LANGUAGE_CODE for address in (before.email, issuer.email) if address}
    keepers = User.objects.filter(is_active=True, groups__name__in=KEEPERS)
    told |= dict(keepers.order_by("pk").values_list("email", "language"))
    for language in sorted(set(told.values())):
        queue_email(
            template="billing/account_changed",
            to=[address for address, spoken in told.items() if spoken == language],
            language=language,
            context={"issuer": issuer, "by": by, "changed_at": at, **words},
            at=at,
        )
    return True
