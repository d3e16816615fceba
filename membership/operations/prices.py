"""Sets what memberships will cost. A price that was valid is never changed: a new one follows it."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from cms.log import record
from membership.models import Price, Tier
from membership.money import PriceKey
from membership.queries import preview_prices, price_matrix


class PricesOfThePast(Exception):
    """Prices count from tomorrow on at the earliest: what somebody reads today, holds today."""


class PreviewOutdated(RuntimeError):
    """What would change now is not what was shown: a price, a member or a renewal changed meanwhile."""


@transaction.atomic
def set_prices(
    *,
    fees: Mapping[PriceKey, Decimal],
    valid_from: date,
    by: User | None,
    at: datetime,
    seal: str | None = None,
) -> list[Price]:
    """Let yearly fees (EUR, VAT excluded) count from a day on; return those that change then.

    Prices planned for the same day are replaced. `seal` is that of the preview which somebody confirms.
    Raises PricesOfThePast and PreviewOutdated.
    """
    if valid_from <= timezone.localdate(at):
        raise PricesOfThePast
    # One at a time, so that nobody confirms a preview while another one is being set.
    list(Tier.objects.select_for_update(no_key=True).order_by("pk"))
    if seal is not None and preview_prices(fees=fees, valid_from=valid_from).seal != seal:
        raise PreviewOutdated
    changed = []
    for change in price_matrix().changes(fees, valid_from=valid_from):
        price, _created = Price.objects.update_or_create(
            **change.key._asdict(), valid_from=valid_from, defaults={"yearly_fee": change.after}
        )
        before = None if change.before is None else str(change.before)
        data = {"before": before, "fee": str(change.after), "valid_from": str(valid_from)}
        record(price, "membership.set_price", by=by, at=at, data=data)
        changed.append(price)
    return changed
