"""What a term of a membership costs. Pure: Decimal only, EUR without VAT, whole days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

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
