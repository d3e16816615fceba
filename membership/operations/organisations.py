"""Knows an organisation again when somebody types its name, and joins two spellings of one."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from accounts.models import User
from billing.models import Customer, Invoice
from cms.log import record
from cms.operations.links import revoke_links
from membership.emails import OWN_LINKS
from membership.models import Affiliation, Membership, Organisation
from membership.operations.access import update_access
from membership.operations.holding import NumberTaken
from membership.queries import known_organisation, organisations_named
from membership.signals import organisations_merging

ROLES = (Affiliation.Role.COLLEAGUE, Affiliation.Role.BILLING, Affiliation.Role.MAIN_CONTACT)
"""From the lowest to the highest: who may do more for an organisation."""


class MergeRefused(Exception):
    """The two organisations cannot become one: the message says why."""


class SameOrganisation(MergeRefused):
    """An organisation cannot be merged with itself."""


class BothHaveMemberships(MergeRefused):
    """Both have a membership, past or running; two accounts of what was owed and paid stay apart.

    An application that was closed is none: it goes along.
    """


class BothHaveInvoices(MergeRefused):
    """Both were invoiced, each as a customer of its own, and an issued invoice keeps its customer."""


class DifferentNumbers(MergeRefused):
    """Both have an enterprise number, and not the same: they are two organisations."""


def recognise_organisation(*, name: str, kind: str) -> Organisation:
    """Return the organisation with this name in any spelling, else make it, unconfirmed, with its kind."""
    return organisations_named(name).first() or add_unconfirmed_organisation(name=name, kind=kind)


def add_unconfirmed_organisation(*, name: str, kind: str) -> Organisation:
    """Make an organisation that came in through a form: it shows nowhere until staff confirm it."""
    return Organisation.objects.create(name=name, kind=kind, is_confirmed=False, is_listed=False)


@transaction.atomic(savepoint=False)
def lock_number(organisation: Organisation) -> Organisation:
    """Let whoever confirms or pays for the same number at this moment wait; return it as it is now."""
    same = Q(pk=organisation.pk)
    if organisation.enterprise_number:
        same |= Q(country=organisation.country, enterprise_number=organisation.enterprise_number)
    locked = Organisation.objects.filter(same).order_by("pk").select_for_update()
    return {each.pk: each for each in locked}[organisation.pk]


@transaction.atomic
def confirm_organisation(*, organisation: Organisation, at: datetime, by: User) -> Organisation:
    """Say that an organisation exists. Raises NumberTaken when a confirmed one has its enterprise number."""
    organisation = lock_number(organisation)
    if organisation.is_confirmed:
        return organisation
    if holder := known_organisation(organisation.enterprise_number, country=organisation.country):
        raise NumberTaken(holder)
    organisation.is_confirmed = True
    organisation.save(update_fields=["is_confirmed"])
    record(organisation, "membership.confirm", by=by, at=at)
    return organisation


@transaction.atomic
def list_organisation(*, organisation: Organisation, is_listed: bool, at: datetime, by: User) -> Organisation:
    """Show an organisation on the members page as long as it is a member, or keep it off."""
    organisation = Organisation.objects.select_for_update().get(pk=organisation.pk)
    if organisation.is_listed != is_listed:
        organisation.is_listed = is_listed
        organisation.save(update_fields=["is_listed"])
        record(organisation, f"membership.{'list' if is_listed else 'unlist'}", by=by, at=at)
    return organisation


@transaction.atomic
def merge_organisations(*, keep: Organisation, drop: Organisation, at: datetime, by: User) -> Organisation:
    """Move all that points at `drop` over to `keep` and delete `drop`, so that it counts once.

    Facts that `keep` lacks come from `drop`, as does the kind where only `drop` had a membership. Who belongs
    to both has the higher role of the two. Higher apps move their own rows when they hear
    `organisations_merging`. Invoices stay with their customer, who goes along with the organisation.
    Raises SameOrganisation, BothHaveMemberships, BothHaveInvoices or DifferentNumbers.
    """
    if keep.pk == drop.pk:
        raise SameOrganisation
    both = Membership.objects.filter(organisation__in=[keep, drop])
    list(both.select_for_update().order_by("pk"))  # before the organisations, as all others do
    locked = Organisation.objects.select_for_update().order_by("pk").in_bulk([keep.pk, drop.pk])
    keep, drop = locked[keep.pk], locked[drop.pk]
    numbers = {(each.country, each.enterprise_number) for each in (keep, drop) if each.enterprise_number}
    if len(numbers) > 1:
        raise DifferentNumbers
    owners = set(both.exclude(status=Membership.Status.CLOSED).values_list("organisation", flat=True))
    if len(owners) == 2:
        raise BothHaveMemberships
    customer = _customer_of_both(keep=keep, drop=drop)
    Membership.objects.filter(organisation=drop).update(organisation=keep)
    _move_affiliations(keep=keep, drop=drop, at=at)
    invited = keep.invitations.filter(accepted_at__isnull=True).values("email")
    drop.invitations.exclude(email__in=invited).update(organisation=keep)
    drop.email_domains.update(organisation=keep)
    organisations_merging.send(Organisation, keep_id=keep.pk, drop_id=drop.pk)
    name, number = drop.name, drop.pk
    missing = [
        field
        for field in ("enterprise_number", "employees", "street", "postcode", "city", "website", "logo_id")
        if not getattr(keep, field) and getattr(drop, field)
    ]
    if "enterprise_number" in missing and keep.country != drop.country:
        missing += ["country", "street", "postcode", "city"]  # whose number it is, and where that is
    for field in missing:
        setattr(keep, field, getattr(drop, field))
    if owners == {drop.pk}:
        keep.kind = drop.kind  # by which its membership is priced
    keep.is_confirmed = keep.is_confirmed or drop.is_confirmed
    keep.terms.add(*drop.terms.all())
    # Its number and its customer must be free before another row may have them.
    drop.delete()
    keep.customer = customer
    keep.save()
    update_access(organisation=keep)
    record(keep, "membership.merge", by=by, at=at, data={"dropped": number, "dropped_name": name})
    return keep


def _customer_of_both(*, keep: Organisation, drop: Organisation) -> Customer | None:
    """Return the customer with the invoices. Raises BothHaveInvoices when both have some."""
    customers = [customer for customer in (keep.customer, drop.customer) if customer]
    asked = {*Invoice.documents.filter(customer__in=customers).values_list("customer", flat=True)}
    invoiced = [customer for customer in customers if customer.pk in asked]
    if len(invoiced) == 2:
        raise BothHaveInvoices
    return next(iter([*invoiced, *customers]), None)


def _move_affiliations(*, keep: Organisation, drop: Organisation, at: datetime) -> None:
    """Move the people, and what they were. Who belongs to both keeps the place with the higher role.

    The other place ends and stays in the history; where both are alike, the one in `keep` goes on.
    """
    running = Affiliation.objects.filter(ended_at__isnull=True)
    here = {place.user_id: place for place in running.filter(organisation=keep)}
    for other in running.filter(organisation=drop, user__in=here):
        ends = min(other, here[other.user_id], key=lambda place: ROLES.index(Affiliation.Role(place.role)))
        ends.ended_at = at
        ends.save(update_fields=["ended_at"])
        revoke_links(target=ends, purpose=OWN_LINKS, at=at)
    Affiliation.objects.filter(organisation=drop).update(organisation=keep)
