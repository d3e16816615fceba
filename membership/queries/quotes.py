"""What a change within the term costs, to the cent, before it is made."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.utils import timezone

from membership.models.membership import Charge, Membership
from membership.models.prices import Tier
from membership.queries.prices import PriceMissing
from membership.queries.terms import charges_of_term, prices_of_upgrades
from membership.rules import last_day_of_engagement


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
