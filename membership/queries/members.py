"""Who is a member, and who acts for whom."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Exists, OuterRef, Q, QuerySet

from billing.models import Customer, Invoice, Issuer
from billing.queries import needs_vat_check, vat_standing, with_open_amount
from billing.vat import CONFIRMED
from membership.models.application import Application
from membership.models.invitation import Invitation
from membership.models.membership import Charge, Membership
from membership.models.organisation import Affiliation, Organisation
from membership.queries.standing import from_outside
from membership.rules import name_key


class CustomerMissing(LookupError):
    """Nothing says where the invoices of this member go."""


@dataclass(frozen=True)
class Contact:
    """Somebody to mail about a membership; `about` is what a private link in the mail leads to.

    That is the own place in the organisation, or the application; nobody else gets a link.
    """

    email: str
    language: str
    about: Affiliation | Application | None = None


def known_organisation(enterprise_number: str, *, country: str) -> Organisation | None:
    """Return the confirmed organisation with this number of a country, if there is one."""
    if not enterprise_number:
        return None
    numbered = Organisation.objects.filter(country=country, enterprise_number=enterprise_number)
    return numbered.filter(is_confirmed=True).first()


def known_by_number(organisations: Sequence[Organisation]) -> dict[int, Organisation]:
    """Return `known_organisation` of each of some that has one, by its id, in one query."""
    confirmed = Organisation.objects.filter(is_confirmed=True).exclude(enterprise_number="")
    found = confirmed.filter(enterprise_number__in={each.enterprise_number for each in organisations})
    known = {(each.country, each.enterprise_number): each for each in found}
    pairs = ((each.pk, known.get((each.country, each.enterprise_number))) for each in organisations)
    return {pk: organisation for pk, organisation in pairs if organisation}


def with_open_membership(organisations: Iterable[Organisation]) -> set[int]:
    """Return the ids of those of which a membership runs, is being paid or waits, in one query."""
    open_ones = Membership.objects.filter(organisation__in=list(organisations), status__in=Membership.OPEN)
    return set(open_ones.values_list("organisation", flat=True))


def number_holder(organisation: Organisation) -> Organisation | None:
    """Return another, confirmed organisation with its enterprise number that is a member, or about to be."""
    known = known_organisation(organisation.enterprise_number, country=organisation.country)
    return known if known and known.pk != organisation.pk and has_open_membership(known) else None


def sharing_a_number() -> QuerySet[Membership]:
    """Return the open memberships and applications whose enterprise number has another one."""
    is_open = Membership.objects.filter(status__in=Membership.OPEN)
    others = is_open.filter(
        organisation__enterprise_number=OuterRef("organisation__enterprise_number"),
        organisation__country=OuterRef("organisation__country"),
    ).exclude(organisation=OuterRef("organisation"))
    return is_open.exclude(organisation__enterprise_number="").filter(Exists(others))


def is_held(membership: Membership) -> bool:
    """Say whether an application is paid, and waits for staff all the same (`hold_application`)."""
    invoice = held_invoice(membership)
    return invoice is not None and invoice.left <= 0


def held_invoice(membership: Membership) -> Any:
    """Return the invoice of an application that waits for staff, with `left`, what is open of it in EUR.

    It was paid; where something is left, the payment went back since. None where nothing was invoiced.
    """
    if membership.status != Membership.Status.APPLIED:
        return None
    charges = Charge.objects.filter(membership=membership, voided_at__isnull=True)
    return with_open_amount(Invoice.documents.filter(pk__in=charges.values("invoice"))).first()


def has_open_membership(organisation: Organisation) -> bool:
    """Say whether a membership of an organisation runs, is being paid or waits for approval."""
    return Membership.objects.filter(organisation=organisation, status__in=Membership.OPEN).exists()


def acts_for(user: AbstractBaseUser, organisation: Organisation) -> bool:
    """Say whether the person is a main or billing contact of an organisation."""
    return Affiliation.objects.filter(
        user_id=user.pk,
        ended_at__isnull=True,
        role__in=(Affiliation.Role.MAIN_CONTACT, Affiliation.Role.BILLING),
        organisation=organisation,
    ).exists()


def acts_for_customer(user: AbstractBaseUser, customer: Customer) -> bool:
    """Say whether the person is a main or billing contact of the organisation behind a customer."""
    return Affiliation.objects.filter(
        user_id=user.pk,
        ended_at__isnull=True,
        role__in=(Affiliation.Role.MAIN_CONTACT, Affiliation.Role.BILLING),
        organisation__customer=customer,
    ).exists()


def waits_for_vat(membership: Membership, person: AbstractBaseUser | None, *, at: datetime) -> bool:
    """Say whether an application waits for its VAT number, as far as the person may know.

    Of an organisation that we know only who acts for it may; one that is new is the applicant's own.
    """
    organisation = membership.organisation
    customer, number = organisation.customer, membership.application.details["vat_number"]
    if membership.status != Membership.Status.APPLIED or customer is None or not number:
        return False
    if organisation.is_confirmed and not (person and acts_for(person, organisation)):
        return False
    is_needed = needs_vat_check(customer, regime=Issuer.load().vat_regime, vat_number=number)
    return is_needed and vat_standing(number, at=at).state != CONFIRMED


def listed_members() -> QuerySet[Organisation]:
    """Return the members that the members page shows, by name."""
    return current_members().filter(is_confirmed=True, is_listed=True).order_by("name", "pk")


def current_members() -> QuerySet[Organisation]:
    """Return the organisations with a running membership."""
    return Organisation.objects.filter(memberships__status__in=Membership.RUNNING)


def organisations_named(name: str) -> QuerySet[Organisation]:
    """Return the organisations with this name in any spelling, confirmed ones first, then the oldest."""
    return Organisation.objects.filter(name_key=name_key(name)).order_by("-is_confirmed", "pk")


def suggested_names() -> list[str]:
    """Return the names that a form may suggest: those that the members page shows, in order."""
    return list(listed_members().values_list("name", flat=True).distinct())


def ended_memberships_of(person: AbstractBaseUser) -> list[Membership]:
    """Return the last membership of each organisation of a person, if none runs or is under way any more."""
    own = Q(organisation__affiliations__user_id=person.pk, organisation__affiliations__ended_at__isnull=True)
    if Membership.objects.filter(own, ~from_outside(), status__in=Membership.OPEN).exists():
        return []
    ended = Membership.objects.filter(own, status__in=Membership.ENDED)
    oldest_first = ended.select_related("organisation").order_by("organisation__name", "ends_on", "pk")
    return list({membership.organisation_id: membership for membership in oldest_first}.values())


def applications_of(person: AbstractBaseUser) -> QuerySet[Application]:
    """Return the applications of which a person is the contact."""
    applications = Application.objects.filter(email__iexact=getattr(person, "email", ""))
    return applications.select_related("membership__organisation", "membership__tier")


def personal_data_of(person: AbstractBaseUser) -> dict[str, Any]:
    """Return what the app knows of a person, as plain data."""
    return {
        "affiliations": [
            {
                "organisation": affiliation.organisation.name,
                "role": affiliation.role,
                "since": affiliation.started_at.isoformat(),
                "until": affiliation.ended_at.isoformat() if affiliation.ended_at else None,
            }
            for affiliation in Affiliation.objects.filter(user_id=person.pk).select_related("organisation")
        ],
        "invitations": [
            {
                "organisation": invitation.organisation.name,
                "role": invitation.role,
                "invited_at": invitation.invited_at.isoformat(),
                "accepted_at": invitation.accepted_at.isoformat() if invitation.accepted_at else None,
            }
            for invitation in Invitation.objects.filter(
                email__iexact=getattr(person, "email", "")
            ).select_related("organisation")
        ],
        "applications": [
            {
                "organisation": application.membership.organisation.name,
                "tier": application.membership.tier.slug,
                "applied_at": application.membership.applied_at.isoformat(),
                "name": f"{application.first_name} {application.last_name}",
                "job_title": application.job_title,
                "status": application.membership.status,
            }
            for application in applications_of(person)
        ],
    }


def contacts_of(membership: Membership) -> list[Contact]:
    """Return whom to mail about a membership: who applied while it is an application, then who acts for it.

    Where nobody acts for the organisation that is the address for its invoices.
    """
    application = Application.objects.filter(membership=membership).exclude(email="").first()
    if application and membership.status in Membership.APPLICATIONS:
        return [Contact(application.email, application.language, application)]
    contacts = acting_for(membership.organisation)
    if contacts:
        return contacts
    other = application or membership.organisation.customer
    return [Contact(other.email, other.language)] if other else []


def acting_for(organisation: Organisation) -> list[Contact]:
    """Return the main and billing contacts of an organisation."""
    affiliations = Affiliation.objects.filter(
        organisation=organisation,
        ended_at__isnull=True,
        role__in=(Affiliation.Role.MAIN_CONTACT, Affiliation.Role.BILLING),
        user__is_active=True,
    ).select_related("user")
    return [contact_at(each) for each in affiliations]


def contact_at(place: Affiliation) -> Contact:
    """Return how to mail somebody about their own place."""
    return Contact(place.user.email, place.user.language, place)


def customer_of(membership: Membership) -> Customer:
    """Return who is invoiced for a membership. Raises CustomerMissing."""
    customer = membership.organisation.customer
    if customer is None:
        raise CustomerMissing(f"{membership.organisation} has no customer")
    return customer
