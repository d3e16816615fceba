"""Answers about members, tiers and prices."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Q, QuerySet

from billing.models import Customer
from membership.models.application import Application
from membership.models.membership import Membership
from membership.models.organisation import Affiliation, Organisation
from membership.models.prices import Price, SizeBand, Tier, TierBenefit
from membership.rules import name_key


@dataclass(frozen=True)
class PriceRow:
    """The yearly fees of one size band: a pair of tier and fee (EUR, VAT excluded) a column."""

    size_band: SizeBand
    fees: list[tuple[Tier, Decimal]]


class PriceMissing(LookupError):
    """There is no price for this tier, size and kind on that day."""


def size_band_for(employees: int) -> SizeBand:
    """Return the band of a number of employees."""
    return SizeBand.objects.filter(employees_from__lte=employees).latest("employees_from")


def yearly_fee(*, tier: Tier, employees: int, kind: str, on: date) -> Decimal:
    """Return the fee in EUR a year, VAT excluded, that is valid on a day.

    Raises PriceMissing when that kind of organisation cannot join at that tier.
    """
    price = (
        Price.objects.filter(tier=tier, size_band=size_band_for(employees), kind=kind, valid_from__lte=on)
        .order_by("-valid_from")
        .first()
    )
    if price is None:
        raise PriceMissing(f"no price at {tier.slug} for {employees} employees, {kind}, on {on}")
    return price.yearly_fee


def valid_prices(*, on: date) -> list[Price]:
    """Return the price that is valid on a day for each tier, size band and kind, in one query."""
    newest: dict[tuple[int, int, str], Price] = {}
    prices = Price.objects.filter(valid_from__lte=on).select_related("tier", "size_band")
    for price in prices.order_by("valid_from"):
        newest[price.tier_id, price.size_band_id, price.kind] = price
    return list(newest.values())


def price_table(*, on: date, kind: str = Organisation.Kind.COMPANY) -> list[PriceRow]:
    """Return the fees that are valid on a day, a row per size band, in one query."""
    newest: dict[tuple[int, int], Price] = {}
    prices = Price.objects.filter(kind=kind, valid_from__lte=on).select_related("tier", "size_band")
    for price in prices.order_by("valid_from"):
        newest[price.size_band_id, price.tier_id] = price
    bands = {price.size_band_id: price.size_band for price in newest.values()}
    return [
        PriceRow(
            band,
            [
                (price.tier, price.yearly_fee)
                for price in sorted(newest.values(), key=lambda price: price.tier.rank)
                if price.size_band_id == band.pk
            ],
        )
        for band in sorted(bands.values(), key=lambda band: band.employees_from)
    ]


def compared_benefits(tiers: Sequence[Tier]) -> list[tuple[TierBenefit, list[bool]]]:
    """Return each benefit with a yes or no per tier, in the order of the tiers, in two queries."""
    return [
        (benefit, [tier in benefit.tiers.all() for tier in tiers])
        for benefit in TierBenefit.objects.prefetch_related("tiers")
    ]


def member_with_number(enterprise_number: str) -> Organisation | None:
    """Return the confirmed organisation with this number, if its membership runs or is being paid."""
    if not enterprise_number:
        return None
    return Organisation.objects.filter(
        is_confirmed=True,
        enterprise_number=enterprise_number,
        memberships__status__in=Membership.OPEN,
    ).first()


def acts_for_customer(user: AbstractBaseUser, customer: Customer) -> bool:
    """Say whether the person is a main or billing contact of the organisation behind a customer."""
    return Affiliation.objects.filter(
        user_id=user.pk,
        ended_at__isnull=True,
        role__in=(Affiliation.Role.MAIN_CONTACT, Affiliation.Role.BILLING),
        organisation__customer=customer,
    ).exists()


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
    if Membership.objects.filter(own, status__in=Membership.OPEN).exists():
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
