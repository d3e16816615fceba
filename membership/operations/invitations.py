"""How people come into an organisation: invited, or let in by the domain of their address."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.models import User
from accounts.operations.people import invite, open_account
from cms.log import record
from cms.operations.links import create_link, revoke_links
from cms.operations.periodic import each
from membership.emails import mail_contacts
from membership.models import Affiliation, Charge, Invitation, Membership, Organisation
from membership.models.invitation import INVITATION_LASTS
from membership.operations.access import update_access
from membership.operations.people import lock_member, lock_people
from membership.operations.renewing import fit_places
from membership.operations.seats import NoSeatLeft, take_seat
from membership.queries import (
    Contact,
    NotRunning,
    acting_for,
    contact_at,
    has_left,
    organisation_by_address,
    people_of,
    seat_quote,
)
from membership.rules import plain_address

INVITATION_PURPOSE = "membership-invitation"
DOUBLE_SUBMIT = timedelta(minutes=15)
"""Within this time the same invitation is a second click."""


class AlreadyThere(ValueError):
    """The person belongs to the organisation already."""


class AlreadyInvited(ValueError):
    """An invitation to this address waits for an answer."""


class InvitationGone(ValueError):
    """The invitation was answered, withdrawn or ended meanwhile."""


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

    Where all places are taken one more is bought for the total `quoted` (EUR, VAT excluded). The same again
    within a quarter of an hour is a second click. Raises NotRunning, ReadOnly, AlreadyThere, AlreadyInvited,
    NoSeatLeft, and what `issue_invoice` raises.
    """
    organisation, membership = lock_member(organisation)
    email = plain_address(email)
    waiting = _waiting(organisation, email, at)
    if waiting and waiting.role == role and waiting.invited_at > at - DOUBLE_SUBMIT:
        return waiting
    if waiting and not waiting.is_by_domain:
        raise AlreadyInvited
    if waiting:  # asked for by the person, who is not kept waiting for a place any more
        waiting.delete()
    take_seat(membership=membership, quoted=quoted, at=at, by=by)
    invitation = _add(organisation, email, language, role=role, at=at, by=by)
    fit_places(membership, at=at, by=by)
    _mail_invitation(invitation, at)
    return invitation


@transaction.atomic
def resend_invitation(*, invitation: Invitation, at: datetime, by: User | None) -> None:
    """Mail an invitation once more, with a new link that lasts 30 days; the old one ends.

    Raises NotRunning and InvitationGone.
    """
    lock_member(invitation.organisation)
    found = Invitation.objects.filter(pk=invitation.pk, accepted_at__isnull=True).first()
    if found is None:
        raise InvitationGone
    revoke_links(target=found, purpose=INVITATION_PURPOSE, at=at)
    found.invited_at, found.expires_at = at, at + INVITATION_LASTS
    found.save(update_fields=["invited_at", "expires_at"])
    record(found.organisation, "membership.resend_invitation", by=by, at=at, data={"role": found.role})
    _mail_invitation(found, at)


@transaction.atomic
def withdraw_invitation(*, invitation: Invitation, at: datetime, by: User | None) -> None:
    """Take an invitation back: its link opens nothing any more. Raises InvitationGone."""
    organisation, membership = lock_people(invitation.organisation)
    deleted, _rows = Invitation.objects.filter(pk=invitation.pk, accepted_at__isnull=True).delete()
    if not deleted:
        raise InvitationGone
    record(organisation, "membership.withdraw_invitation", by=by, at=at)
    if membership:
        fit_places(membership, at=at, by=by)


@transaction.atomic
def accept_invitation(
    *, invitation: Invitation, first_name: str, last_name: str, at: datetime
) -> Affiliation:
    """Let an invited person in, with an account opened if there was none; a second click changes nothing.

    The private link was mailed to the address, so it is proved. Who came by the domain of the address takes
    a free place now. Raises NotRunning, NoSeatLeft, and InvitationGone when it was used or the account is
    closed.
    """
    organisation, membership = lock_member(invitation.organisation)
    found = Invitation.objects.select_for_update().filter(pk=invitation.pk).first()
    known = User.objects.filter(email=invitation.email).first()
    if found is None or (known and not known.is_active):
        raise InvitationGone
    if found.accepted_at:
        there = people_of(organisation).filter(user=known).first() if known else None
        if there is None:
            raise InvitationGone
        return there
    if found.is_by_domain:
        take_seat(membership=membership, quoted=None, at=at, by=None)
    user = known or open_account(
        email=found.email,
        first_name=first_name,
        last_name=last_name,
        language=found.language,
        is_address_verified=True,
    )
    affiliation, is_new = Affiliation.objects.get_or_create(
        organisation=organisation, user=user, ended_at=None, defaults={"role": found.role}
    )
    found.accepted_at = at
    found.save(update_fields=["accepted_at"])
    fit_places(membership, at=at, by=None)
    update_access(organisation=organisation)
    record(organisation, "membership.join", by=user, at=at, data={"role": affiliation.role})
    if not known:
        invite(user=user)
    if is_new:
        contacts = [each for each in acting_for(organisation) if each.email != user.email]
        mail_contacts("colleague_joined", contacts, at=at, organisation=organisation, person=user)
    return affiliation


@transaction.atomic
def answer_request(*, email: str, language: str, at: datetime) -> None:
    """Mail somebody who says to work for a member: an invitation where the domain of the address is enough.

    Not for who belonged there before: those are asked back by their main contact.
    """
    organisation, email = organisation_by_address(email), plain_address(email)
    known = User.objects.filter(email=email).first()
    asker = Contact(email, known.language if known else language)
    if organisation is None or has_left(organisation, email):
        mail_contacts("no_organisation", [asker], at=at)
        return
    try:
        _answer_of(organisation, asker, at)
    except NotRunning:
        mail_contacts("no_organisation", [asker], at=at)
    except AlreadyThere:
        place = people_of(organisation).filter(user__email=email).first()
        contact = contact_at(place) if place and place.user.is_active else asker
        mail_contacts("belongs_already", [contact], at=at, organisation=organisation)
    except NoSeatLeft:
        tell_no_place(organisation=organisation, asker=asker, at=at)


def _answer_of(organisation: Organisation, asker: Contact, at: datetime) -> None:
    organisation, membership = lock_member(organisation)
    invitation = _waiting(organisation, asker.email, at)
    if invitation is None:
        quote = seat_quote(membership=membership, at=at)
        if quote is None or quote.total:
            raise NoSeatLeft(quote)
        invitation = _add(organisation, asker.email, asker.language, at=at, by=None, is_by_domain=True)
    _mail_invitation(invitation, at)  # one that waits is mailed again, and lasts no longer


def tell_no_place(*, organisation: Organisation, asker: Contact, at: datetime) -> None:
    """Tell who wants to join that all places are taken, and once a day who can change that."""
    mail_contacts("no_place", [asker], at=at, organisation=organisation)
    words = {"organisation": organisation, "email": asker.email}
    key = f"{organisation.pk}:{timezone.localdate(at)}"
    mail_contacts("place_wanted", acting_for(organisation), at=at, key=key, **words)
    record(organisation, "membership.place_wanted", at=at)


def forget_invitations(at: datetime) -> int:
    """Delete the invitations whose time is over, answered or not; an unpaid renewal costs less places then.

    So it does after whatever else freed a place while nobody looked at what it costs: an account that was
    erased, a contact who may not invite any more.
    Returns how many were deleted, and how many renewals were made anew.
    """
    deleted, _rows = Invitation.objects.filter(expires_at__lte=at).delete()
    charged = Charge.objects.filter(
        membership=OuterRef("pk"), term_starts_on__gt=OuterRef("ends_on"), voided_at=None, extra_seats__gt=0
    )
    members = Membership.objects.filter(Exists(charged), status__in=Membership.RUNNING).order_by("pk")
    return deleted + each(members.select_related("organisation"), lambda member: _free_places(member, at))


def _free_places(membership: Membership, at: datetime) -> bool:
    _organisation, running = lock_people(membership.organisation)
    return running is not None and fit_places(running, at=at, by=None, is_only_less=True)


def _waiting(organisation: Organisation, email: str, at: datetime) -> Invitation | None:
    """Return the open invitation to an address. Raises AlreadyThere."""
    if people_of(organisation).filter(user__email=email).exists():
        raise AlreadyThere
    to_address = Invitation.objects.filter(organisation=organisation, email=email)
    to_address.filter(expires_at__lte=at).delete()
    return to_address.filter(accepted_at__isnull=True).first()


def _add(
    organisation: Organisation,
    email: str,
    language: str,
    *,
    role: str = Affiliation.Role.COLLEAGUE,
    at: datetime,
    by: User | None,
    is_by_domain: bool = False,
) -> Invitation:
    invitation: Invitation = Invitation.objects.create(
        organisation=organisation,
        email=email,
        role=role,
        language=language,
        invited_by=by,
        is_by_domain=is_by_domain,
        invited_at=at,
        expires_at=at + INVITATION_LASTS,
    )
    record(organisation, "membership.invite", by=by, at=at, data={"role": role})
    return invitation


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
