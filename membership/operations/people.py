"""Who belongs to an organisation: another role, a hand-over, the end of a place."""

from collections import defaultdict
from collections.abc import Collection
from contextlib import suppress
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from cms.log import record
from cms.operations.links import revoke_links
from membership.emails import OWN_LINKS, mail_contacts
from membership.models import Affiliation, Invitation, Membership, Organisation
from membership.operations.access import update_access
from membership.operations.charges import lock_membership
from membership.operations.renewing import fit_places
from membership.operations.rights import ReadOnly
from membership.queries import Contact, NotRunning, contact_at, is_last_main_contact, people_of


class LastMainContact(ValueError):
    """An organisation always has a main contact: first somebody else becomes one."""


class NotOfOrganisation(ValueError):
    """The person does not belong to the organisation, or not any more."""


def lock_people(organisation: Organisation) -> tuple[Organisation, Membership | None]:
    """Lock the running membership of an organisation and then itself, and return both as they are now.

    Whoever changes its people, ends its membership or merges it locks in this order. Raises NotRunning when
    the organisation is gone.
    """
    running = Membership.objects.filter(organisation=organisation, status__in=Membership.RUNNING).first()
    membership = lock_membership(running) if running else None
    locked = Organisation.objects.select_for_update().filter(pk=organisation.pk).first()
    if locked is None:
        raise NotRunning
    return locked, membership if membership and membership.is_running else None


def lock_member(organisation: Organisation) -> tuple[Organisation, Membership]:
    """Lock an organisation that is a member, for what nobody does in grace: let others in.

    Raises NotRunning, and ReadOnly in grace.
    """
    locked, membership = lock_people(organisation)
    if membership is None:
        raise NotRunning
    if membership.is_read_only:
        raise ReadOnly
    return locked, membership


@transaction.atomic
def change_role(*, affiliation: Affiliation, role: str, at: datetime, by: User | None) -> Affiliation:
    """Give somebody another role in an organisation, and tell them. Raises LastMainContact."""
    lock_people(affiliation.organisation)
    affiliation = _running(affiliation)
    if affiliation.role == role:
        return affiliation
    if is_last_main_contact(affiliation):
        raise LastMainContact
    before, affiliation.role = affiliation.role, role
    affiliation.save(update_fields=["role"])
    revoke_links(target=affiliation, purpose=OWN_LINKS, at=at)
    if by is None or by.pk != affiliation.user_id:
        _drop_invitations(affiliation)
    data = {"person": affiliation.user_id, "from": before, "to": role}
    record(affiliation.organisation, "membership.change_role", by=by, at=at, data=data)
    if by is None or by.pk != affiliation.user_id:
        _mail_person("role_changed", affiliation, contact_at(affiliation), at)
    return affiliation


@transaction.atomic
def remove_colleague(
    *, affiliation: Affiliation, successor: Affiliation | None = None, at: datetime, by: User | None
) -> None:
    """End somebody's place in an organisation; what it was stays in the history.

    The last main contact goes only when a `successor` of the same organisation takes over, else
    LastMainContact is raised. Raises NotOfOrganisation when the place ended meanwhile.
    """
    organisation, membership = lock_people(affiliation.organisation)
    affiliation = _running(affiliation)
    if is_last_main_contact(affiliation):
        if successor is None or successor.pk == affiliation.pk:
            raise LastMainContact
        if successor.organisation_id != organisation.pk or not successor.user.is_active:
            raise NotOfOrganisation
        change_role(affiliation=successor, role=Affiliation.Role.MAIN_CONTACT, at=at, by=by)
    affiliation.ended_at = at
    affiliation.save(update_fields=["ended_at"])
    revoke_links(target=affiliation, purpose=OWN_LINKS, at=at)
    Invitation.objects.filter(organisation=organisation, email=affiliation.user.email).delete()
    if by is None or by.pk != affiliation.user_id:
        _drop_invitations(affiliation)
    update_access(organisation=organisation)
    if membership:
        fit_places(membership, at=at, by=by)
    data = {"person": affiliation.user_id, "role": affiliation.role}
    record(organisation, "membership.remove", by=by, at=at, data=data)
    if by is None or by.pk != affiliation.user_id:
        contact = Contact(affiliation.user.email, affiliation.user.language)
        _mail_person("place_ended", affiliation, contact, at)


@transaction.atomic
def why_needed(people: Collection[int]) -> dict[int, str]:
    """Say by the id of each who would leave a member without a main contact what has to happen first.

    That is asked as if the accounts of all of them were closed. It locks the members in question.
    """
    main = Affiliation.objects.filter(role=Affiliation.Role.MAIN_CONTACT, ended_at__isnull=True)
    acting = main.filter(user__in=people, organisation__memberships__status__in=Membership.RUNNING)
    needed = defaultdict(list)
    for organisation in Organisation.objects.filter(affiliations__in=acting).distinct().order_by("pk"):
        with suppress(NotRunning):  # merged or ended meanwhile
            _locked, membership = lock_people(organisation)
            here = main.filter(organisation=organisation, user__is_active=True)
            if membership and not here.exclude(user__in=people).exists():
                for person in here.values_list("user", flat=True):
                    needed[person].append(organisation.name)
    names = User.objects.in_bulk(list(needed))
    said = _(
        "%(person)s is the last main contact of %(organisations)s: first make somebody else main contact, "
        "under “People of organisations”."
    )
    return {
        person: said % {"person": names[person], "organisations": ", ".join(organisations)}
        for person, organisations in needed.items()
    }


@transaction.atomic
def close_links_of(*, user_id: int, at: datetime) -> None:
    """Close the private links of a person's mails: they lie in a mailbox that may be somebody else's now."""
    for place in Affiliation.objects.filter(user=user_id, ended_at__isnull=True):
        revoke_links(target=place, purpose=OWN_LINKS, at=at)


def _drop_invitations(affiliation: Affiliation) -> None:
    """Let nobody come in on the word of who may not invite any more."""
    if affiliation.role != Affiliation.Role.MAIN_CONTACT or affiliation.ended_at:
        open_ones = Invitation.objects.filter(
            organisation=affiliation.organisation, accepted_at__isnull=True, invited_by=affiliation.user_id
        )
        open_ones.delete()


def _running(affiliation: Affiliation) -> Affiliation:
    running = people_of(affiliation.organisation).filter(pk=affiliation.pk).first()
    if running is None:
        raise NotOfOrganisation
    return running


def _mail_person(template: str, affiliation: Affiliation, contact: Contact, at: datetime) -> None:
    organisation = affiliation.organisation
    mail_contacts(template, [contact], at=at, affiliation=affiliation, organisation=organisation)
