"""Mails about a membership, each to the people who act for the organisation, in their own language."""

from datetime import datetime
from typing import Any

from billing.models import Issuer
from cms.emails import queue_email
from membership.models import Membership
from membership.queries import contacts_of


def mail_about(template: str, membership: Membership, *, at: datetime, key: str = "", **context: Any) -> None:
    """Queue `membership/<template>` to each main and billing contact, or to who applied; once for a `key`."""
    reply_to = Issuer.load().email
    for contact in contacts_of(membership):
        queue_email(
            template=f"membership/{template}",
            to=contact.email,
            language=contact.language,
            context={"membership": membership, "organisation": membership.organisation, **context},
            key=key,
            reply_to=reply_to,
            at=at,
        )
