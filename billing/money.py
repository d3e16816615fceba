"""Arithmetic of invoices: Decimal only, rounded half up to whole cents, VAT once per rate."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Protocol

CENT = Decimal("0.01")


class Taxed(Protocol):
    """What VAT is reckoned on: a net amount in whole cents, with its category and rate in percent."""

    @property
    def net(self) -> Decimal: ...
    @property
    def vat_category(self) -> str: ...
    @property
    def vat_rate(self) -> Decimal: ...


class Booked(Taxed, Protocol):
    """A line whose own part of the VAT is known, in whole cents."""

    @property
    def vat(self) -> Decimal: ...


@dataclass(frozen=True)
class VatSum:
    """The lines of one category and rate together."""

    category: str
    rate: Decimal
    net: Decimal
    vat: Decimal


@dataclass(frozen=True)
class Totals:
    """What an invoice adds up to, in EUR."""

    net: Decimal
    vat: Decimal
    gross: Decimal
    per_rate: tuple[VatSum, ...]


def cents(amount: Decimal) -> Decimal:
    """Round half up to whole cents (away from zero for negative amounts)."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def line_net(quantity: Decimal, unit_price: Decimal) -> Decimal:
    """Return what a line comes to without VAT, in whole cents."""
    return cents(quantity * unit_price)


def totals(lines: Iterable[Taxed]) -> Totals:
    """Add lines up. VAT is rounded once per category and rate, on the sum (EN 16931, BR-CO-17)."""
    nets = _nets(lines)
    vats = {(category, rate): cents(net * rate / 100) for (category, rate), net in nets.items()}
    return _together(nets, vats)


def add_up(lines: Iterable[Booked]) -> Totals:
    """Add up lines that keep their VAT, as `spread_vat` divided it."""
    lines = list(lines)
    vats: dict[tuple[str, Decimal], Decimal] = defaultdict(Decimal)
    for line in lines:
        vats[_key(line)] += line.vat
    return _together(_nets(lines), vats)


def spread_vat(lines: Iterable[Taxed], *, after: Iterable[Taxed] = ()) -> list[Decimal]:
    """Return the VAT of each line in whole cents, so that the lines of a rate come to what the invoice says.

    VAT is rounded once per rate; a line gets what the rounded sum grows by, at most a cent beside its own.
    `after` are lines that had their part already: so credit notes that add up to the whole of an invoice
    give exactly its VAT, in whatever parts.
    """
    nets = _nets(after)
    shares = []
    for line in lines:
        key = _key(line)
        before = cents(nets[key] * line.vat_rate / 100)
        nets[key] += line.net
        shares.append(cents(nets[key] * line.vat_rate / 100) - before)
    return shares


def credit_fits(*, invoiced: Sequence[Taxed], credited: Sequence[Taxed]) -> bool:
    """Say whether credited lines stay within the invoice: its net per rate, its VAT and its total.

    A reduction is a line below zero: without it, the other lines alone may come to more than the invoice.
    """
    whole, taken = _nets(invoiced), _nets(credited)
    if any(not is_part(net, whole[key]) for key, net in taken.items()):
        return False
    most, sums = totals(invoiced), totals(credited)
    return Decimal(0) <= sums.vat <= most.vat and sums.gross <= most.gross


def is_part(amount: Decimal, whole: Decimal) -> bool:
    """Say whether an amount lies between nothing and the whole, which may be below zero."""
    return min(whole, Decimal(0)) <= amount <= max(whole, Decimal(0))


def _key(line: Taxed) -> tuple[str, Decimal]:
    return line.vat_category, line.vat_rate.normalize()


def _nets(lines: Iterable[Taxed]) -> dict[tuple[str, Decimal], Decimal]:
    nets: dict[tuple[str, Decimal], Decimal] = defaultdict(Decimal)
    for line in lines:
        nets[_key(line)] += line.net
    return nets


def _together(
    nets: Mapping[tuple[str, Decimal], Decimal], vats: Mapping[tuple[str, Decimal], Decimal]
) -> Totals:
    per_rate = tuple(VatSum(*key, net, vats[key]) for key, net in sorted(nets.items()))
    net = sum((part.net for part in per_rate), Decimal("0.00"))
    vat = sum((part.vat for part in per_rate), Decimal("0.00"))
    return Totals(net=net, vat=vat, gross=net + vat, per_rate=per_rate)


def split_payment(received: Decimal, open_amount: Decimal) -> tuple[Decimal, Decimal]:
    """Divide what was received into what settles the invoice and the surplus that stays the payer's."""
    settled = min(received, max(open_amount, Decimal("0.00")))
    return settled, received - settled


def to_minor_units(amount: Decimal) -> int:
    """Return whole cents as Stripe counts them."""
    return int((cents(amount) * 100).to_integral_exact())


def from_minor_units(count: int) -> Decimal:
    """Return an amount in EUR from whole cents."""
    return Decimal(count) / 100
