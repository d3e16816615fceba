"""Sets what memberships will cost. A price that was valid is never changed: a new one follows it."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from cms.log import record
from membership.models import Price
from membership.queries import valid_prices


class PriceKey(NamedTuple):
    """What a price is for: ids of tier and size band, and the kind of organisation."""

    tier_id: int
    size_band_id: int
    kind: str


class PricesOfThePast(Exception):
    """Prices count from tomorrow on at the earliest: what somebody reads today, holds today."""


@transaction.atomic
def set_prices(
    *, fees: Mapping[PriceKey, Decimal], valid_from: date, by: User | None, at: datetime
) -> list[Price]:
    """Let yearly fees (EUR, VAT excluded) count from a day on; return those that change then.

    Prices planned for the same day are replaced. Raises PricesOfThePast.
    """
    if valid_from <= timezone.localdate(at):
        raise PricesOfThePast
    before = {
        PriceKey(price.tier_id, price.size_band_id, price.kind): price
        for price in valid_prices(on=valid_from)
    }
    changed = []
    for key, fee in fees.items():
        known = before.get(key)
        if known is not None and known.yearly_fee == fee:
            continue
        price, _created = Price.objects.update_or_create(
            **key._asdict(), valid_from=valid_from, defaults={"yearly_fee": fee}
        )
        record(price, "membership.set_price", by=by, data={"fee": str(fee), "valid_from": str(valid_from)})
        changed.append(price)
    return changed
