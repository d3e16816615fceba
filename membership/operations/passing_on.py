"""An application for an organisation that we know: who acts for it hears of it, and goes first."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from wagtail.models import ModelLogEntry

from accounts.models import User
from cms.emails import is_queued
from cms.log import record
from membership.emails import mail_contacts, mail_desk
from membership.models import Membership, Organisation
from membership.operations.applicants import Applicant
from membership.operations.ending import close_application
from membership.queries import Contact, acting_for, acts_for, held_invoice, member_of

TOLD = "request_passed_on"
"""The mail to who applied: the same whatever the organisation is to us."""


@transaction.atomic
def pass_request_on(
    *, organisation: Organisation, applicant: Applicant, at: datetime, is_desk_asked: bool = False
) -> None:
    """Mail those who act for an organisation that somebody else asked to join with its number.

    Where nobody acts for it the association is mailed, unless it is asked to approve it (`is_desk_asked`).
    The applicant reads on the screen and in a mail only that it was passed on, in the same words whether the
    organisation is a member, was one or is about to be: membership is not betrayed.
    """
    key = _key(organisation, applicant, at)
    contacts = acting_for(organisation)
    words: dict[str, Any] = {
        "organisation": organisation,
        "name": f"{applicant.first_name} {applicant.last_name}",
        "email": applicant.email,
    }
    may_invite = member_of(organisation) is not None
    mail_contacts("second_request", contacts, at=at, key=key, may_invite=may_invite, **words)
    if not contacts and not is_desk_asked:
        mail_desk("request_for_nobody", at=at, key=key, **words)
    told = [Contact(applicant.email, applicant.language)]
    mail_contacts(TOLD, told, at=at, key=key, name=applicant.name)
    record(organisation, "membership.second_request", at=at)


def was_passed_on(membership: Membership, *, applicant: Applicant, sender: User, at: datetime) -> bool:
    """Say whether an application waits for staff because nobody vouched for who sent it today.

    The mail about it is one a day, so it tells nothing of one that `sender` sent later, while logged in.
    """
    if membership.status != Membership.Status.APPLIED:
        return False
    key, template = _key(membership.organisation, applicant, at), f"membership/{TOLD}"
    lines = ModelLogEntry.objects.for_instance(membership).filter(action="membership.apply", user=sender)
    return is_queued(template=template, to=applicant.email, key=key) and not lines.exists()


def _key(organisation: Organisation, applicant: Applicant, at: datetime) -> str:
    """Return what a request is mailed of once a day."""
    return f"{organisation.pk}:{applicant.email.lower()}:{timezone.localdate(at)}"


@transaction.atomic
def give_way(*, organisation: Organisation, at: datetime, by: User) -> None:
    """Close the application for an organisation that still waits for staff: `by`, who acts for it, applies.

    It was a stranger's, or is older than what is wanted now. One that staff approved, or that is paid and
    held, stays. Only another contact of the organisation is mailed: a stranger was told no more than that
    the request was passed on.
    """
    for waiting in organisation.memberships.filter(status=Membership.Status.APPLIED):
        if held_invoice(waiting):
            continue
        address = waiting.application.email
        sender = User.objects.filter(email__iexact=address).exclude(pk=by.pk).first()
        with override(settings.LANGUAGE_CODE):
            why = _("Somebody who acts for the organisation has applied anew.")
        is_mailed = sender is not None and acts_for(sender, organisation)
        close_application(membership=waiting, at=at, by=by, why=why, is_mailed=is_mailed)
