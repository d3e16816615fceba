"""What a term of a membership costs. Pure: Decimal only, EUR without VAT, whole days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from billing.money import cents


class StretchesOutOfOrder(ValueError):
    """The first stretch starts on the term's first day, each other later than the one before."""


@dataclass(frozen=True)
class Stretch:
    """From a day on, within a term, a membership costs so much a year."""

    from_on: date
    yearly_fee: Decimal


def fee_of_term(*, starts_on: date, ends_on: date, stretches: Sequence[Stretch]) -> Decimal:
    """Return what a whole term comes to: over the stretches, days x yearly fee / days in the term.

    A term is a year, of 365 or 366 days, both its first and last day included. The sum is rounded once, half
    up to whole cents. Raises StretchesOutOfOrder.
    """
    firsts = [stretch.from_on for stretch in stretches]
    if not firsts or firsts[0] != starts_on or firsts != sorted(set(firsts)) or firsts[-1] > ends_on:
        raise StretchesOutOfOrder
    days_in_term = (ends_on - starts_on).days + 1
    total = Decimal(0)
    for index, stretch in enumerate(stretches):
        following = firsts[index + 1] if index + 1 < len(firsts) else None
        days = ((following - stretch.from_on).days) if following else ((ends_on - stretch.from_on).days + 1)
        total += days * stretch.yearly_fee
    return cents(total / days_in_term)


def with_change(stretches: Sequence[Stretch], *, on: date, yearly_fee: Decimal) -> list[Stretch]:
    """Return the stretches with another yearly fee from a day on; one that begins that day gives way."""
    return [*(stretch for stretch in stretches if stretch.from_on < on), Stretch(on, yearly_fee)]


def price_of_change(
    *, starts_on: date, ends_on: date, stretches: Sequence[Stretch], on: date, yearly_fee: Decimal
) -> Decimal:
    """Return what another yearly fee from a day on adds to what the whole term comes to.

    It is the difference of two sums, each rounded once, so A to B to C on one day costs what A to C costs,
    and all that is charged in a term comes to what the term costs. Raises StretchesOutOfOrder.
    """
    changed = with_change(stretches, on=on, yearly_fee=yearly_fee)
    after = fee_of_term(starts_on=starts_on, ends_on=ends_on, stretches=changed)
    return after - fee_of_term(starts_on=starts_on, ends_on=ends_on, stretches=stretches)


class PriceKey(NamedTuple):
    """What a price is for: ids of tier and size band, and the kind of organisation."""

    tier_id: int
    size_band_id: int
    kind: str


class PriceChange(NamedTuple):
    """Another yearly fee for something from a day on; None where there was none.

    It holds `until` the day before a price that is planned already, or for good.
    """

    key: PriceKey
    before: Decimal | None
    after: Decimal
    until: date | None


@dataclass(frozen=True)
class PriceMatrix:
    """Yearly fees by what they are for, and by the first day of each: the newest one holds."""

    fees: Mapping[PriceKey, Mapping[date, Decimal]]

    def fee(self, key: PriceKey, *, on: date) -> Decimal | None:
        """Return the fee that is valid on a day, or None."""
        by_day = self.fees.get(key, {})
        newest = max((day for day in by_day if day <= on), default=None)
        return None if newest is None else by_day[newest]

    def changes(self, fees: Mapping[PriceKey, Decimal], *, valid_from: date) -> list[PriceChange]:
        """Return what changes where these fees count from a day on; a fee that holds by then does not."""
        changed = []
        for key, after in fees.items():
            before = self.fee(key, on=valid_from)
            if before != after:
                later = [day for day in self.fees.get(key, {}) if day > valid_from]
                changed.append(PriceChange(key, before, after, min(later, default=None)))
        return changed

    def changed(self, changes: Sequence[PriceChange], *, valid_from: date) -> "PriceMatrix":
        """Return the matrix as it is with these changes; what is planned for later stays."""
        after = {
            change.key: {**self.fees.get(change.key, {}), valid_from: change.after} for change in changes
        }
        return PriceMatrix({**self.fees, **after})
