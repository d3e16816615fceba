"""Mails about a membership, each to the people who act for the organisation, in their own language.

Each carries a private link of whom it goes to: to the own place in the organisation, or to the application.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from billing.models import Issuer
from cms.emails import is_queued, queue_email
from cms.operations.links import create_link
from membership.models import Affiliation, Application, Membership
from membership.queries import Contact, contacts_of, may_resign

LOOK, PAY, STOP = "membership-look", "membership-pay", "membership-stop"
"""What a link to a place is for: to look; to pay too; to pay, and to stop the renewal."""
OWN_LINKS = (LOOK, PAY, STOP)
APPLICATION = "membership-application"
"""What a link to an application is for."""
LINK_LASTS = timedelta(days=60)
"""How long a link in a mail works; one to stop a renewal until the end of the term."""
A_DAY = timedelta(days=1)
ABOUT_PEOPLE = frozenset(
    {
        "belongs_already", "colleague_joined", "invitation", "no_organisation", "no_place", "place_ended",
        "place_wanted", "role_changed",
    }
)  # fmt: skip
"""Answered where all mail is, not where the invoices are."""
ABOUT_PAYING = frozenset({"past_due", "grace"})
ABOUT_RENEWING = frozenset({"renewal_notice"})


@dataclass(frozen=True)
class OwnLink:
    """The private link in a mail: its address, what it is for, and the last day on which it works."""

    url: str
    purpose: str
    last_day: datetime


def mail_desk(
    template: str, membership: Membership | None = None, *, at: datetime, key: str = "", **context: Any
) -> None:
    """Queue `membership/<template>` to the association's own address, in its language; once for a `key`.

    Without an address it goes nowhere.
    """
    about = {"membership": membership, "organisation": membership.organisation} if membership else {}
    if address := Issuer.load().email:
        queue_email(
            template=f"membership/{template}",
            to=address,
            language=settings.LANGUAGE_CODE,
            context={**about, **context},
            key=key,
            at=at,
        )


def mail_about(template: str, membership: Membership, *, at: datetime, **context: Any) -> None:
    """Queue `membership/<template>` to those whom a membership concerns (`contacts_of`)."""
    words = {"membership": membership, "organisation": membership.organisation, **context}
    mail_contacts(template, contacts_of(membership), at=at, **words)


@transaction.atomic(savepoint=False)
def mail_contacts(
    template: str, contacts: Sequence[Contact], *, at: datetime, key: str = "", **context: Any
) -> None:
    """Queue `membership/<template>` to each contact in their language; once for a `key`.

    Each gets a link of their own, as `own_link`: the words of a mail go to nobody else.
    """
    reply_to = "" if template in ABOUT_PEOPLE else Issuer.load().email
    message = f"membership/{template}"
    for contact in contacts:
        if key and is_queued(template=message, to=contact.email, key=key):
            continue  # and no link that nobody gets
        queue_email(
            template=message,
            to=contact.email,
            language=contact.language,
            context={**context, "own_link": _own_link(template, contact, context.get("membership"), at)},
            key=key,
            reply_to=reply_to,
            at=at,
        )


def _own_link(template: str, contact: Contact, membership: Membership | None, at: datetime) -> OwnLink | None:
    about = contact.about
    if about is None:
        return None
    purpose, ends_on = _purpose_of(template, about, membership), timezone.localdate(at + LINK_LASTS) + A_DAY
    if template in ABOUT_RENEWING and membership and membership.next_term_on:
        ends_on = max(membership.next_term_on, timezone.localdate(at) + A_DAY)
    ends_at = timezone.make_aware(datetime.combine(ends_on, time()))  # so that its last day is a whole one
    token = create_link(target=about, purpose=purpose, at=at, expires_at=ends_at)
    with override(contact.language):
        path = reverse(
            "membership:application" if purpose == APPLICATION else "membership:linked", args=[token]
        )
    return OwnLink(f"{settings.SITE_URL}{path}", purpose, ends_at - timedelta(microseconds=1))


def _purpose_of(template: str, about: Affiliation | Application, membership: Membership | None) -> str:
    """Return what the link in a mail is for: no more than the mail is about, and its reader may do."""
    if isinstance(about, Application):
        return APPLICATION
    is_led = template in ABOUT_RENEWING and about.role == Affiliation.Role.MAIN_CONTACT
    if is_led and membership and may_resign(membership):
        return STOP
    is_asked = template in ABOUT_RENEWING | ABOUT_PAYING and about.role != Affiliation.Role.COLLEAGUE
    return PAY if is_asked else LOOK
