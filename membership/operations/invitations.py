"""How people come into an organisation: invited, or let in by the domain of their address."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.operations.people import invite, open_account
from cms.log import record
from cms.operations.links import create_link, revoke_links
from membership.emails import mail_contacts
from membership.models import Affiliation, Invitation, Organisation
from membership.models.invitation import INVITATION_LASTS
from membership.operations.access import update_access
from membership.operations.charges import lock_membership
from membership.operations.people import lock_people
from membership.operations.renewing import renew_anew
from membership.operations.seats import NoSeatLeft, take_seat
from membership.queries import (
    Contact,
    NotRunning,
    acting_for,
    member_of,
    organisation_by_address,
    people_of,
)

INVITATION_PURPOSE = "membership-invitation"
DOUBLE_SUBMIT = timedelta(minutes=15)
"""Within this time the same invitation is a second click."""


class AlreadyThere(ValueError):
    """The person belongs to the organisation already."""


class AlreadyInvited(ValueError):
    """An invitation to this address waits for an answer."""


@transaction.atomic
def invite_colleague(
    *,
    organisation: Organisation,
    email: str,
    language: str,
    role: str = Affiliation.Role.COLLEAGUE,
    quoted: Decimal | None = None,
    at: datetime,
    by: User | None,
) -> Invitation:
    """Ask somebody to join an organisation; the mail holds a private link that lasts 30 days.

    Where all places are taken one more is bought for the amount `quoted` (EUR, VAT excluded). `by` nobody
    means that the domain of the address was enough. Raises NotRunning, AlreadyThere, AlreadyInvited and
    NoSeatLeft.
    """
    membership = member_of(organisation)
    if membership is None:
        raise NotRunning
    membership = lock_membership(membership)
    organisation = lock_people(organisation)
    if member_of(organisation) is None:
        raise NotRunning
    email = email.strip().lower()
    if people_of(organisation).filter(user__email__iexact=email).exists():
        raise AlreadyThere
    Invitation.objects.filter(organisation=organisation, email__iexact=email, expires_at__lte=at).delete()
    waiting = Invitation.objects.filter(
        organisation=organisation, email__iexact=email, accepted_at__isnull=True
    ).first()
    if waiting and waiting.role == role and waiting.invited_at > at - DOUBLE_SUBMIT:
        return waiting
    if waiting:
        raise AlreadyInvited
    bought = take_seat(membership=membership, quoted=quoted, at=at, by=by)
    invitation: Invitation = Invitation.objects.create(
        organisation=organisation,
        email=email,
        role=role,
        language=language,
        invited_by=by,
        invited_at=at,
        expires_at=at + INVITATION_LASTS,
    )
    if bought:
        renew_anew(membership, at=at, by=by)
    record(organisation, "membership.invite", by=by, at=at, data={"role": role})
    _mail_invitation(invitation, at)
    return invitation


@transaction.atomic
def resend_invitation(*, invitation: Invitation, at: datetime, by: User | None) -> None:
    """Mail an invitation once more, with a new link that lasts 30 days; the old one ends."""
    lock_people(invitation.organisation)
    invitation = Invitation.objects.get(pk=invitation.pk, accepted_at__isnull=True)
    revoke_links(target=invitation, purpose=INVITATION_PURPOSE, at=at)
    invitation.invited_at, invitation.expires_at = at, at + INVITATION_LASTS
    invitation.save(update_fields=["invited_at", "expires_at"])
    record(invitation.organisation, "membership.invite", by=by, at=at, data={"role": invitation.role})
    _mail_invitation(invitation, at)


@transaction.atomic
def withdraw_invitation(*, invitation: Invitation, at: datetime, by: User | None) -> None:
    """Take an invitation back: its link opens nothing any more, its place is free."""
    lock_people(invitation.organisation)
    deleted, _rows = Invitation.objects.filter(pk=invitation.pk, accepted_at__isnull=True).delete()
    if deleted:
        record(invitation.organisation, "membership.withdraw_invitation", by=by, at=at)


@transaction.atomic
def accept_invitation(
    *, invitation: Invitation, first_name: str, last_name: str, at: datetime
) -> Affiliation:
    """Let an invited person in, with an account opened if there was none. A second call changes nothing.

    The private link was mailed to the address, so it is proved. Raises NotRunning when the organisation is
    no member any more.
    """
    organisation = lock_people(invitation.organisation)
    invitation = Invitation.objects.select_for_update().get(pk=invitation.pk)
    known = User.objects.filter(email__iexact=invitation.email).first()
    if invitation.accepted_at and known:
        there = people_of(organisation).filter(user=known).first()
        if there:
            return there
        raise NotRunning
    if member_of(organisation) is None:
        raise NotRunning
    user = known or open_account(
        email=invitation.email,
        first_name=first_name,
        last_name=last_name,
        language=invitation.language,
        is_address_verified=True,
    )
    affiliation, is_new = Affiliation.objects.get_or_create(
        organisation=organisation, user=user, ended_at=None, defaults={"role": invitation.role}
    )
    invitation.accepted_at = at
    invitation.save(update_fields=["accepted_at"])
    update_access(organisation=organisation)
    record(organisation, "membership.join", by=user, at=at, data={"role": affiliation.role})
    if not known:
        invite(user=user)
    if is_new:
        contacts = [each for each in acting_for(organisation) if each.email != user.email]
        mail_contacts("colleague_joined", contacts, at=at, organisation=organisation, person=user)
    return affiliation


@transaction.atomic
def ask_to_join(*, email: str, language: str, at: datetime) -> None:
    """Mail somebody who says to work for a member: an invitation where the domain of the address is enough.

    Who asks learns nothing on the screen, so that nobody reads there who belongs to whom.
    """
    organisation, email = organisation_by_address(email), email.strip().lower()
    known = User.objects.filter(email__iexact=email).first()
    asker = [Contact(email, known.language if known else language)]
    if organisation is None:
        mail_contacts("no_organisation", asker, at=at)
        return
    try:
        invite_colleague(organisation=organisation, email=email, language=asker[0].language, at=at, by=None)
    except AlreadyThere:
        mail_contacts("belongs_already", asker, at=at, organisation=organisation)
    except NoSeatLeft:
        mail_contacts("no_place", asker, at=at, organisation=organisation)
        key = f"{organisation.pk}:{email}:{timezone.localdate(at)}"
        mail_contacts(
            "place_wanted", acting_for(organisation), at=at, key=key, organisation=organisation, email=email
        )
    except AlreadyInvited:
        waiting = Invitation.objects.get(
            organisation=organisation, email__iexact=email, accepted_at__isnull=True
        )
        resend_invitation(invitation=waiting, at=at, by=None)


def forget_invitations(at: datetime) -> int:
    """Delete the invitations whose time is over, answered or not. Returns how many."""
    deleted, _rows = Invitation.objects.filter(expires_at__lte=at).delete()
    return deleted


def _mail_invitation(invitation: Invitation, at: datetime) -> None:
    token = create_link(
        target=invitation, purpose=INVITATION_PURPOSE, at=at, expires_at=invitation.expires_at
    )
    mail_contacts(
        "invitation",
        [Contact(invitation.email, invitation.language)],
        at=at,
        organisation=invitation.organisation,
        invitation=invitation,
        token=token,
    )
