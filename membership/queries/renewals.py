"""Which memberships go on, and what their next term will be: one answer for mails, invoices, previews."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from billing.registries import ExpectedCharge
from membership.models.lifecycle import Lifecycle
from membership.models.membership import Charge, Membership
from membership.models.organisation import Organisation
from membership.models.prices import SizeBand, Tier
from membership.money import PriceKey, PriceMatrix
from membership.queries.people import extra_seats_of, seats_taken_by
from membership.queries.prices import PriceMissing, price_matrix, yearly_fees
from membership.rules import extra_seats, last_day_of_term


@dataclass(frozen=True)
class NextTerm:
    """What the next term of a membership will be, as things stand; the fees in EUR a year, VAT excluded."""

    starts_on: date
    ends_on: date
    tier: Tier
    employees: int
    yearly_fee: Decimal
    extra_seats: int
    seats_fee: Decimal
    size_band: SizeBand | None
    is_charged: bool

    @property
    def total_fee(self) -> Decimal:
        """What the term costs, extra places included."""
        return self.yearly_fee + self.seats_fee

    def price_key(self, organisation: Organisation) -> PriceKey | None:
        """Return which price of the matrix is this term's for an organisation; None for no size."""
        return PriceKey(self.tier.pk, self.size_band.pk, organisation.kind) if self.size_band else None


def renewing_memberships() -> QuerySet[Membership]:
    """Return the running memberships that another term follows, in the order in which it comes.

    That is who did not resign, or whose engagement goes on. Who should have lapsed waits for staff first.
    """
    goes_on = Q(resigned_at__isnull=True) | Q(engaged_until__gt=F("ends_on"))
    running = Membership.objects.filter(goes_on, status__in=Membership.RUNNING, lapse_held_on__isnull=True)
    return running.order_by("ends_on", "pk")


def renewals_to_invoice(*, until: date, days: int) -> QuerySet[Membership]:
    """Return the memberships whose next term is to be invoiced by a day and is not yet, `days` before it."""
    made = Charge.objects.filter(
        membership=OuterRef("pk"), term_starts_on__gt=OuterRef("ends_on"), voided_at__isnull=True
    )
    return renewing_memberships().filter(~Exists(made), ends_on__lte=until + timedelta(days=days))


@dataclass(frozen=True)
class ExpectedRenewal:
    """A next term that is to be invoiced on a day, as things stand."""

    membership: Membership
    term: NextTerm
    invoice_on: date

    @property
    def charge(self) -> ExpectedCharge | None:
        """What billing is told of it; None where nobody can be invoiced."""
        customer = self.membership.organisation.customer
        return ExpectedCharge(customer, self.invoice_on, self.term.total_fee) if customer else None


def expected_renewals(today: date, until: date) -> list[ExpectedRenewal]:
    """Return the renewals that are to be invoiced from today up to and including a day, in that order.

    What should have been invoiced before comes today. Left out is what would come to nothing, and who has no
    price. At most eight queries.
    """
    days = Lifecycle.load().invoice_days
    members = renewals_to_invoice(until=until, days=days)
    memberships = list(members.select_related("organisation__customer", "tier", "next_tier"))
    terms = next_terms(memberships)
    return [
        ExpectedRenewal(each, terms[each.pk], max(each.ends_on - timedelta(days=days), today))
        for each in memberships
        if each.ends_on and each.pk in terms and terms[each.pk].total_fee
    ]


def expected_charges(today: date, until: date) -> list[ExpectedCharge]:
    """Return what `expected_renewals` come to, for the treasurer's desk."""
    return [charge for each in expected_renewals(today, until) if (charge := each.charge)]


def next_terms(
    memberships: Sequence[Membership], *, prices: PriceMatrix | None = None
) -> dict[int, NextTerm]:
    """Return by the id of each membership what its next term will be: as charged, once it is.

    Before that it has the announced tier, today's size, that day's price, and the extra places that are
    taken. Who has no term yet, or no price in the matrix (those of today, unless `prices` are given), is left
    out. At most six queries, where organisation, tier and next tier were fetched along.
    """
    prices = prices or price_matrix()
    bands = list(SizeBand.objects.order_by("employees_from"))
    charged = _next_charges(memberships)
    open_ones = [each for each in memberships if each.ends_on and each.pk not in charged]
    employees = _employees_charged([each.pk for each in open_ones if not each.organisation.employees])
    priced = [each for each in open_ones if _has_priced_places(each.next_tier or each.tier)]
    taken = seats_taken_by([each.organisation_id for each in priced]) if priced else {}
    found = {}
    for each in memberships:
        if each.ends_on is None:
            continue
        starts_on = each.ends_on + timedelta(days=1)
        last = charged.get(each.pk)
        tier = last.tier if last else each.next_tier or each.tier
        number = last.employees if last else each.organisation.employees or employees.get(each.pk, 1)
        band = _band_of(number, bands)
        if last:
            fee, extra, seats_fee = last.yearly_fee, last.extra_seats, last.seats_fee
        else:
            key = PriceKey(tier.pk, band.pk, each.organisation.kind) if band else None
            price = prices.fee(key, on=starts_on) if key else None
            if price is None:
                continue
            fee, extra, seats_fee = price, 0, Decimal(0)
            if _has_priced_places(tier):
                extra = extra_seats(included=tier.seats, taken=taken[each.organisation_id])
                seats_fee = extra * (tier.seat_fee or Decimal(0))
        found[each.pk] = NextTerm(
            starts_on=starts_on,
            ends_on=last_day_of_term(starts_on),
            tier=tier,
            employees=number,
            yearly_fee=fee,
            extra_seats=extra,
            seats_fee=seats_fee,
            size_band=band,
            is_charged=last is not None,
        )
    return found


def next_term_of(membership: Membership) -> NextTerm:
    """Return what the term after the current one will be, as `next_terms` says. Raises PriceMissing."""
    term = next_terms([membership]).get(membership.pk)
    if term is None:
        raise PriceMissing(f"{membership} has no term yet, or there is no price for its next one")
    return term


def next_fees(membership: Membership) -> dict[int, Decimal]:
    """Return what the next term would cost at each tier that has a price, by the tier's id, as things stand.

    EUR a year, VAT excluded, with the extra places that are taken.
    """
    if membership.ends_on is None:
        return {}
    organisation = membership.organisation
    charged = _employees_charged([] if organisation.employees else [membership.pk])
    fees = yearly_fees(
        employees=organisation.employees or charged.get(membership.pk, 1),
        kind=organisation.kind,
        on=membership.ends_on + timedelta(days=1),
    )
    tiers = Tier.objects.in_bulk(fees)
    return {pk: fee + extra_seats_of(organisation, tiers[pk])[1] for pk, fee in fees.items()}


def _next_charges(memberships: Sequence[Membership]) -> dict[int, Charge]:
    """Return by the id of each membership what holds at last of its next term, where that was charged."""
    starts = {each.pk: each.next_term_on for each in memberships}
    charges = Charge.objects.filter(
        membership__in=starts, voided_at__isnull=True, term_starts_on__gt=F("membership__ends_on")
    )
    return {
        charge.membership_id: charge
        for charge in charges.select_related("tier").order_by("pk")
        if charge.term_starts_on == starts[charge.membership_id]
    }


def _employees_charged(memberships: Sequence[int]) -> dict[int, int]:
    """Return the number of employees that was last charged, by the id of each membership."""
    if not memberships:
        return {}
    charges = Charge.objects.filter(membership__in=memberships, voided_at__isnull=True)
    return dict(charges.order_by("pk").values_list("membership", "employees"))


def _band_of(employees: int, bands: Sequence[SizeBand]) -> SizeBand | None:
    """Return the last band that begins at or below a number of employees."""
    return next((band for band in reversed(bands) if band.employees_from <= employees), None)


def _has_priced_places(tier: Tier) -> bool:
    return tier.seats is not None and tier.seat_fee is not None
