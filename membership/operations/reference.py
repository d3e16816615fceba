"""Loads tiers, size bands and the first prices; what staff changed since stays as it is."""

import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path

from django.contrib.auth.models import Group
from django.db import transaction

from membership.models import Price, SizeBand, Tier

PRICES_FILE = Path(__file__).resolve().parent.parent / "data" / "prices.toml"
FIRST_DAY = date(2021, 1, 1)
"""The fees of the action plan count from the start of the association."""


@transaction.atomic
def load_prices() -> str:
    """Create the tiers with their groups, the size bands and their fees where they are missing."""
    data = tomllib.loads(PRICES_FILE.read_text())
    tiers = {}
    for row in data["tier"]:
        tier, _created = Tier.objects.get_or_create(slug=row["slug"], defaults=row)
        Group.objects.get_or_create(name=tier.group_name)
        tiers[tier.slug] = tier
    for row in data["size_band"]:
        fees = row.pop("fees")
        band, _created = SizeBand.objects.get_or_create(employees_from=row["employees_from"], defaults=row)
        for slug, fee in fees.items():
            for kind in tiers[slug].kinds:
                Price.objects.get_or_create(
                    tier=tiers[slug],
                    size_band=band,
                    kind=kind,
                    valid_from=FIRST_DAY,
                    defaults={"yearly_fee": Decimal(fee)},
                )
    return f"{len(tiers)} tiers, {Price.objects.count()} prices"
