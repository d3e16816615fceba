"""Arithmetic of invoices: Decimal only, rounded half up to whole cents, VAT once per rate."""

from collections import defaultdict
from collections.abc import Iterable
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
    nets: dict[tuple[str, Decimal], Decimal] = defaultdict(Decimal)
    for line in lines:
        nets[line.vat_category, line.vat_rate.normalize()] += line.net
    per_rate = tuple(
        VatSum(category, rate, net, cents(net * rate / 100)) for (category, rate), net in sorted(nets.items())
    )
    net = sum((part.net for part in per_rate), Decimal("0.00"))
    vat = sum((part.vat for part in per_rate), Decimal("0.00"))
    return Totals(net=net, vat=vat, gross=net + vat, per_rate=per_rate)


def spread_vat(lines: Iterable[Taxed]) -> list[Decimal]:
    """Return the VAT of each line in whole cents, so that the lines of a rate come to what the invoice says.

    VAT is rounded once per rate; a line gets what the rounded sum grows by, at most a cent beside its own.
    """
    nets: dict[tuple[str, Decimal], Decimal] = defaultdict(Decimal)
    shares = []
    for line in lines:
        key = line.vat_category, line.vat_rate.normalize()
        before = cents(nets[key] * line.vat_rate / 100)
        nets[key] += line.net
        shares.append(cents(nets[key] * line.vat_rate / 100) - before)
    return shares


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
