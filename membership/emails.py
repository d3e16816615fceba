"""Mails about a membership, each to the people who act for the organisation, in their own language."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings

from billing.models import Issuer
from cms.emails import queue_email
from membership.models import Membership
from membership.queries import Contact, contacts_of


def mail_desk(template: str, membership: Membership, *, at: datetime, **context: Any) -> None:
    """Queue `membership/<template>` to the association's own address, in its language; not without one."""
    if address := Issuer.load().email:
        queue_email(
            template=f"membership/{template}",
            to=address,
            language=settings.LANGUAGE_CODE,
            context={"membership": membership, "organisation": membership.organisation, **context},
            at=at,
        )


def mail_about(template: str, membership: Membership, *, at: datetime, **context: Any) -> None:
    """Queue `membership/<template>` to those whom a membership concerns (`contacts_of`)."""
    words = {"membership": membership, "organisation": membership.organisation, **context}
    mail_contacts(template, contacts_of(membership), at=at, **words)


def mail_contacts(
    template: str, contacts: Sequence[Contact], *, at: datetime, key: str = "", **context: Any
) -> None:
    """Queue `membership/<template>` to each contact in their language; once for a `key`."""
    reply_to = Issuer.load().email
    for contact in contacts:
        queue_email(
            template=f"membership/{template}",
            to=contact.email,
            language=contact.language,
            context=context,
            key=key,
            reply_to=reply_to,
            at=at,
        )
