"""How the VAT numbers of customers elsewhere in the EU stand, and which of them need somebody."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q, QuerySet

from billing import vat
from billing.models import Customer, Issuer, VatCheck
from billing.vat import REFUSED, REVERSE_CHARGE, Check, Standing, standing, treatment_for

ABROAD = sorted(vat.EU - {"BE"})
NOT_FOREIGN = Q(vat_number="") | Q(vat_number__startswith="BE") | Q(vat_number__startswith="XI")


def vat_standings(numbers: Collection[str], *, at: datetime) -> dict[str, Standing]:
    """Return how each of some VAT numbers stands, in one query."""
    checks: dict[str, list[Check]] = defaultdict(list)
    rows = VatCheck.objects.filter(vat_number__in=numbers).order_by("-checked_at", "-pk")
    for number, outcome, checked_at, reason in rows.values_list(
        "vat_number", "outcome", "checked_at", "reason"
    ):
        checks[number].append(Check(outcome, checked_at, bool(reason)))
    holds = timedelta(days=settings.VIES_PROOF_DAYS)
    return {number: standing(checks[number], at=at, answer_holds=holds) for number in numbers}


def vat_standing(vat_number: str, *, at: datetime) -> Standing:
    """Return how a VAT number stands."""
    return vat_standings([vat_number], at=at)[vat_number]


def usual_treatment(
    *,
    regime: str,
    country: str,
    vat_number: str,
    at: datetime,
    standings: Mapping[str, Standing] | None = None,
) -> str:
    """Return the slug of the treatment that holds for a customer; a number that was refused counts as none.

    A number of which nobody knows yet counts: then the invoice waits (`issue_invoice`). `standings` are those
    of many numbers, for who asks about many customers.
    """
    slug = treatment_for(regime=regime, country=country, vat_number=vat_number)
    if slug != REVERSE_CHARGE:
        return slug
    known = standings or vat_standings([vat_number], at=at)
    if known[vat_number].state == REFUSED:
        return treatment_for(regime=regime, country=country, vat_number="")
    return slug


def needs_vat_check(customer: Customer, *, regime: str, vat_number: str = "") -> bool:
    """Say whether reverse charge for a customer hangs on a VAT number: its own, or the one given."""
    number = vat_number or customer.vat_number
    return treatment_for(regime=regime, country=customer.country, vat_number=number) == REVERSE_CHARGE


def customers_abroad() -> list[Customer]:
    """Return the customers for whom reverse charge hangs on their VAT number, by name."""
    regime = Issuer.load().vat_regime
    likely = Customer.objects.filter(country__in=ABROAD).exclude(NOT_FOREIGN)
    return [customer for customer in likely if needs_vat_check(customer, regime=regime)]


def customers_waiting(*, is_asked: bool, at: datetime) -> QuerySet[Customer]:
    """Return the customers whose VAT number staff must decide about; `is_asked`: VIES is asked at all."""
    abroad = customers_abroad()
    found = vat_standings({customer.vat_number for customer in abroad}, at=at)
    waiting = [each.pk for each in abroad if found[each.vat_number].needs_staff(is_asked=is_asked)]
    return Customer.objects.filter(pk__in=waiting)
