"""Who belongs to an organisation, who was asked to, and who may say so."""

from collections.abc import Collection
from decimal import Decimal

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Count, QuerySet

from membership.models.invitation import EmailDomain, Invitation
from membership.models.membership import Membership
from membership.models.organisation import Affiliation, Organisation
from membership.models.prices import Tier
from membership.rules import domain_of, extra_seats

MAIN_CONTACT = Affiliation.Role.MAIN_CONTACT


def own_organisation(person: AbstractBaseUser, pk: int) -> Organisation | None:
    """Return an organisation of which the person is a main contact, or None."""
    return Organisation.objects.filter(
        pk=pk,
        affiliations__user_id=person.pk,
        affiliations__ended_at__isnull=True,
        affiliations__role=MAIN_CONTACT,
    ).first()


def invoiced_organisation(person: AbstractBaseUser, pk: int) -> Organisation | None:
    """Return an organisation of which the person is a main or billing contact, with its customer, or None."""
    return (
        Organisation.objects.filter(
            pk=pk,
            affiliations__user_id=person.pk,
            affiliations__ended_at__isnull=True,
            affiliations__role__in=(MAIN_CONTACT, Affiliation.Role.BILLING),
        )
        .select_related("customer")
        .first()
    )


def people_of(organisation: Organisation) -> QuerySet[Affiliation]:
    """Return who belongs to an organisation now, by name."""
    now = Affiliation.objects.filter(organisation=organisation, ended_at__isnull=True)
    return now.select_related("user").order_by("user__last_name", "user__first_name", "pk")


def is_last_main_contact(affiliation: Affiliation) -> bool:
    """Say whether nobody else is a main contact of the organisation."""
    others = people_of(affiliation.organisation).filter(role=MAIN_CONTACT, user__is_active=True)
    return affiliation.role == MAIN_CONTACT and not others.exclude(pk=affiliation.pk).exists()


def member_of(organisation: Organisation) -> Membership | None:
    """Return the running membership of an organisation that may be changed: not one that is read-only."""
    running = Membership.objects.filter(organisation=organisation, status__in=Membership.CHANGEABLE)
    return running.select_related("tier", "organisation").first()


def has_left(organisation: Organisation, email: str) -> bool:
    """Say whether somebody with this address belonged to an organisation, and does not any more."""
    ended = Affiliation.objects.filter(organisation=organisation, user__email=email, ended_at__isnull=False)
    return ended.exists() and not people_of(organisation).filter(user__email=email).exists()


def organisation_by_address(email: str) -> Organisation | None:
    """Return the organisation that lets in whoever has an address in this domain, if it is a member."""
    allowed = EmailDomain.objects.filter(domain=domain_of(email)).select_related("organisation").first()
    return allowed.organisation if allowed and member_of(allowed.organisation) else None


def seats_taken(organisation: Organisation) -> int:
    """Return how many places the people of an organisation take; an open invitation of a person keeps one."""
    return seats_taken_by([organisation.pk])[organisation.pk]


def seats_taken_by(organisations: Collection[int]) -> dict[int, int]:
    """Return what `seats_taken` says by the id of each organisation, in two queries."""
    taken = dict.fromkeys(organisations, 0)
    belonging = Affiliation.objects.filter(organisation__in=taken, ended_at__isnull=True)
    waiting = Invitation.objects.filter(organisation__in=taken, accepted_at__isnull=True, is_by_domain=False)
    for rows in (belonging, waiting):
        counted = rows.order_by().values("organisation").annotate(count=Count("pk"))
        for organisation, count in counted.values_list("organisation", "count"):
            taken[organisation] += count
    return taken


def extra_seats_of(organisation: Organisation, tier: Tier) -> tuple[int, Decimal]:
    """Return how many places are taken above those of a tier, and what they cost together (EUR a year).

    Where a tier has no price for them nothing is counted.
    """
    if tier.seats is None or tier.seat_fee is None:
        return 0, Decimal(0)
    extra = extra_seats(included=tier.seats, taken=seats_taken(organisation))
    return extra, extra * tier.seat_fee
