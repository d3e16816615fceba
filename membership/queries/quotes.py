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
from membership.queries.terms import charges_of_term, prices_of_upgrades, stretches_of
from membership.rules import last_day_of_engagement, last_day_of_term


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
        if tier.pk in prices
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
    """What one more place costs to the end of the term, and then a year. EUR, VAT excluded."""

    from_on: date
    ends_on: date
    amount: Decimal
    yearly_fee: Decimal


def seats_of(membership: Membership) -> Seats:
    """Return the places of a running membership."""
    charges = charges_of_term(membership)
    extra = charges[-1].extra_seats if charges else 0
    return Seats(membership.tier.seats, extra, seats_taken(membership.organisation))


def seat_quote(*, membership: Membership, at: datetime) -> SeatQuote | None:
    """Return what one more place costs from today on; None where there is none to be had.

    That is where the tier has no price for it, and while the membership is unpaid or its term over.
    """
    today, fee = timezone.localdate(at), membership.tier.seat_fee
    charges = charges_of_term(membership)
    is_fit = membership.status == Membership.Status.ACTIVE and membership.ends_on_or_after(today)
    if fee is None or not is_fit or not charges or charges[0].term_starts_on is None:
        return None
    starts_on = charges[0].term_starts_on
    ends_on = last_day_of_term(starts_on)
    amount = price_of_change(
        starts_on=starts_on,
        ends_on=ends_on,
        stretches=stretches_of(charges),
        on=today,
        yearly_fee=charges[-1].total_fee + fee,
    )
    return SeatQuote(today, ends_on, amount, fee)
