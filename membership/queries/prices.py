"""What memberships cost."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import QuerySet, Subquery
from django.utils.translation import gettext

from cms.stamp import per_stamp
from membership.models.organisation import Organisation
from membership.models.prices import Price, SizeBand, Tier, TierBenefit
from membership.money import PriceKey, PriceMatrix


@dataclass(frozen=True)
class PriceRow:
    """The yearly fees of one size band: a pair of tier and fee (EUR, VAT excluded) a column."""

    size_band: SizeBand
    fees: list[tuple[Tier, Decimal]]


@dataclass(frozen=True)
class PriceApart:
    """What a kind of organisation pays at a tier (EUR a year, VAT excluded) where companies pay otherwise.

    Without a size band it holds for all sizes.
    """

    kind: Organisation.Kind
    tier: Tier
    size_band: SizeBand | None
    fee: Decimal


class PriceMissing(LookupError):
    """There is no price for this tier, size and kind on that day."""


def size_band_for(employees: int) -> SizeBand:
    """Return the band of a number of employees."""
    return SizeBand.objects.filter(employees_from__lte=employees).latest("employees_from")


def yearly_fee(*, tier: Tier, employees: int, kind: str, on: date) -> Decimal:
    """Return the fee in EUR a year, VAT excluded, that is valid on a day.

    Raises PriceMissing when that kind of organisation cannot join at that tier.
    """
    price = _prices(employees=employees, kind=kind, on=on).filter(tier=tier).order_by("-valid_from").first()
    if price is None:
        raise PriceMissing(f"no price at {tier.slug} for {employees} employees, {kind}, on {on}")
    return price.yearly_fee


def yearly_fees(*, employees: int, kind: str, on: date) -> dict[int, Decimal]:
    """Return the fee that `yearly_fee` says for each tier that has one, by the tier's id, in one query."""
    prices = _prices(employees=employees, kind=kind, on=on).order_by("valid_from")
    return dict(prices.values_list("tier", "yearly_fee"))


def _prices(*, employees: int, kind: str, on: date) -> QuerySet[Price]:
    """Return the prices of a size and kind, of all tiers, that began by a day."""
    bands = SizeBand.objects.filter(employees_from__lte=employees).order_by("-employees_from")
    return Price.objects.filter(kind=kind, valid_from__lte=on, size_band=Subquery(bands.values("pk")[:1]))


def prices_by_size(*, tier: Tier, kind: str, on: date) -> list[tuple[SizeBand, Decimal]]:
    """Return each size band with its fee at a tier on a day, the smallest first, in one query."""
    newest: dict[int, Price] = {}
    prices = Price.objects.filter(tier=tier, kind=kind, valid_from__lte=on).select_related("size_band")
    for price in prices.order_by("valid_from"):
        newest[price.size_band_id] = price
    by_size = sorted(newest.values(), key=lambda price: price.size_band.employees_from)
    return [(price.size_band, price.yearly_fee) for price in by_size]


def valid_prices(*, on: date) -> list[Price]:
    """Return the price that is valid on a day for each tier, size band and kind, in one query."""
    newest: dict[tuple[int, int, str], Price] = {}
    prices = Price.objects.filter(valid_from__lte=on).select_related("tier", "size_band")
    for price in prices.order_by("valid_from"):
        newest[price.tier_id, price.size_band_id, price.kind] = price
    return list(newest.values())


def price_matrix() -> PriceMatrix:
    """Return all prices, past and to come, in one query."""
    fees: dict[PriceKey, dict[date, Decimal]] = defaultdict(dict)
    rows = Price.objects.values_list("tier", "size_band", "kind", "valid_from", "yearly_fee")
    for tier, size_band, kind, valid_from, fee in rows.order_by():
        fees[PriceKey(tier, size_band, kind)][valid_from] = fee
    return PriceMatrix(dict(fees))


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


def prices_apart(*, on: date) -> list[PriceApart]:
    """Return what other kinds of organisations pay on a day where companies pay otherwise, in one query.

    A row per kind and tier where it is one fee, else a row per size as well; nothing where all pay alike.
    """
    fees: dict[tuple[str, int], dict[int, Price]] = defaultdict(dict)
    prices = sorted(valid_prices(on=on), key=lambda each: (each.tier.rank, each.size_band.employees_from))
    for price in prices:
        fees[price.kind, price.tier_id][price.size_band_id] = price
    apart = []
    for (kind, tier), by_size in fees.items():
        usual = fees.get((Organisation.Kind.COMPANY, tier), {})
        rows: list[tuple[SizeBand | None, Decimal]]
        rows = [(price.size_band, price.yearly_fee) for price in by_size.values()]
        if all(size in usual and usual[size].yearly_fee == by_size[size].yearly_fee for size in by_size):
            continue
        if len({fee for _band, fee in rows}) == 1:
            rows = [(None, rows[0][1])]
        of_tier = next(iter(by_size.values())).tier
        apart += [PriceApart(Organisation.Kind(kind), of_tier, band, fee) for band, fee in rows]
    order = list(Organisation.Kind)
    return sorted(apart, key=lambda row: order.index(row.kind))


def compared_benefits(tiers: Sequence[Tier]) -> list[tuple[TierBenefit, list[bool]]]:
    """Return each benefit with a yes or no per tier, in the order of the tiers, in two queries."""
    return [
        (benefit, [tier in benefit.tiers.all() for tier in tiers])
        for benefit in TierBenefit.objects.prefetch_related("tiers")
    ]


def label_of_group(name: str) -> str:
    """Return how the back office calls the group of a tier; "" for another group."""
    tier = _tiers_by_group().get(name)
    return gettext("Members from %(tier)s up") % {"tier": tier} if tier else ""


@per_stamp
def _tiers_by_group() -> dict[str, Tier]:
    return {tier.group_name: tier for tier in Tier.objects.all()}
