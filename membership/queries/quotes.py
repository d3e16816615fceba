"""What a change within the term costs, to the cent, before it is made."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.utils import timezone

from membership.models.membership import Charge, Membership
from membership.models.prices import Tier
from membership.money import price_of_change
from membership.queries.people import seats_taken
from membership.queries.prices import PriceMissing
from membership.queries.terms import (
    charges_of_next_term,
    charges_of_term,
    prices_of_upgrades,
    stretches_of,
)
from membership.rules import extra_seats, last_day_of_engagement, last_day_of_term


class NotRunning(ValueError):
    """The membership does not run: there is nothing to end, extend or change."""


class NotHigher(ValueError):
    """An upgrade goes to a higher tier that is open to this kind of organisation."""


class AlreadyResigned(ValueError):
    """The membership ends at the end of its term: it was resigned."""


@dataclass(frozen=True)
class Quote:
    """What an upgrade costs, to the cent, from a day to the end of the term. EUR, VAT excluded."""

    tier: Tier
    from_on: date
    ends_on: date
    amount: Decimal
    yearly_fee: Decimal
    engaged_until: date | None


def upgrade_quote(*, membership: Membership, tier: Tier, at: datetime) -> Quote:
    """Return what moving to a higher tier today costs.

    Raises NotRunning, AlreadyResigned, NotHigher, and PriceMissing.
    """
    quotes = upgrade_quotes(membership=membership, tiers=[tier], at=at)
    if not quotes:
        raise PriceMissing(f"no price at {tier.slug} for {membership}")
    return quotes[0]


def upgrade_quotes(*, membership: Membership, tiers: Sequence[Tier], at: datetime) -> list[Quote]:
    """Return what moving to each of some higher tiers today costs, those without a price left out.

    So is a tier that costs less by now than what the term was bought at: nobody is paid for moving up, staff
    agree on that with who asks.
    Raises NotRunning, AlreadyResigned and NotHigher.
    """
    today = timezone.localdate(at)
    if (
        membership.status != Membership.Status.ACTIVE
        or membership.ends_on is None
        or membership.ends_on < today
    ):
        raise NotRunning
    if membership.resigned_at:
        raise AlreadyResigned
    kind = membership.organisation.kind
    if any(tier.rank <= membership.tier.rank or kind not in tier.kinds for tier in tiers):
        raise NotHigher
    charges = charges_of_term(membership)
    prices = prices_of_upgrades(charges, kind=kind, on=today)
    return [
        Quote(
            tier=tier,
            from_on=today,
            ends_on=membership.ends_on,
            amount=prices[tier.pk][1],
            yearly_fee=prices[tier.pk][0],
            engaged_until=_engaged_until(tier, charges[0]),
        )
        for tier in tiers
        if tier.pk in prices and prices[tier.pk][1] >= 0
    ]


def _engaged_until(tier: Tier, first: Charge) -> date | None:
    if tier.engagement_years == 1 or first.term_starts_on is None:
        return None
    return last_day_of_engagement(first.term_starts_on, tier.engagement_years)


@dataclass(frozen=True)
class Seats:
    """The places of a member: those of its tier (None: as many as there are), extra ones, and those taken."""

    included: int | None
    extra: int
    taken: int

    @property
    def all(self) -> int | None:
        """How many there are; None where there is no limit."""
        return None if self.included is None else self.included + self.extra

    @property
    def left(self) -> int | None:
        """How many are free; None where there is no limit."""
        return None if self.all is None else max(0, self.all - self.taken)


@dataclass(frozen=True)
class SeatQuote:
    """What a place for one more person costs. EUR, VAT excluded.

    `amount` is for the rest of the term, 0 where a place is free; `next_amount` is for the next term, where
    that has been invoiced with fewer places; `yearly_fee` is what a place costs a year.
    """

    ends_on: date
    amount: Decimal
    next_amount: Decimal
    yearly_fee: Decimal

    @property
    def total(self) -> Decimal:
        """What is asked for now; 0 where a place is free."""
        return self.amount + self.next_amount


def seats_of(membership: Membership) -> Seats:
    """Return the places of a running membership."""
    charges = charges_of_term(membership)
    extra = charges[-1].extra_seats if charges else 0
    return Seats(membership.tier.seats, extra, seats_taken(membership.organisation))


def seat_quote(*, membership: Membership, at: datetime) -> SeatQuote | None:
    """Return what a place for one more person costs from today on; None where there is none to be had.

    That is where one has to be paid, and the tier has no price for it, the membership is unpaid, its term
    over, or nobody can be invoiced.
    """
    today, ends_on = timezone.localdate(at), membership.ends_on
    charges, seats, fee = charges_of_term(membership), seats_of(membership), membership.tier.seat_fee
    next_amount = _next_amount(membership, seats.taken + 1)
    if seats.left != 0 and not next_amount:
        return SeatQuote(ends_on or today, Decimal(0), Decimal(0), fee or Decimal(0))
    starts_on = charges[0].term_starts_on if charges else None
    is_fit = membership.status == Membership.Status.ACTIVE and membership.ends_on_or_after(today)
    is_invoiced = membership.organisation.customer_id is not None
    if not (is_fit and is_invoiced and starts_on and ends_on) or (seats.left == 0 and fee is None):
        return None
    amount = Decimal(0)
    if seats.left == 0 and fee is not None:
        amount = price_of_change(
            starts_on=starts_on,
            ends_on=last_day_of_term(starts_on),
            stretches=stretches_of(charges),
            on=today,
            yearly_fee=charges[-1].total_fee + fee,
        )
    return SeatQuote(ends_on, amount, next_amount, fee or Decimal(0))


def _next_amount(membership: Membership, taken: int) -> Decimal:
    """Return what the places of so many people cost in the next term above those that it is invoiced with."""
    charges = charges_of_next_term(membership)
    if not charges or charges[-1].tier.seats is None:
        return Decimal(0)
    last = charges[-1]
    missing = extra_seats(included=last.tier.seats, taken=taken) - last.extra_seats
    return max(missing, 0) * (last.tier.seat_fee or Decimal(0))
