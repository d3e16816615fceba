from datetime import date
from decimal import Decimal

import pytest

from membership.models import Organisation, Price, SizeBand, Tier
from membership.queries import PriceMissing, price_table, yearly_fee

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)
COMPANY = Organisation.Kind.COMPANY


@pytest.mark.parametrize(
    ("employees", "fees"),
    [
        (0, [135, 500, 1000, 2500]),
        (9, [135, 500, 1000, 2500]),
        (10, [135, 1000, 3000, 15000]),
        (49, [135, 1000, 3000, 15000]),
        (50, [135, 1500, 5000, 15000]),
        (249, [135, 1500, 5000, 15000]),
        (250, [135, 3000, 10000, 15000]),
    ],
)
def test_fees_of_the_action_plan(employees: int, fees: list[int]) -> None:
    found = [
        yearly_fee(tier=tier, employees=employees, kind=COMPANY, on=TODAY) for tier in Tier.objects.all()
    ]
    assert found == fees


def test_a_new_fee_counts_from_its_day_and_not_before() -> None:
    tier, band = Tier.objects.get(slug="connect"), SizeBand.objects.get(employees_from=10)
    Price.objects.create(
        tier=tier, size_band=band, valid_from=date(2027, 1, 1), yearly_fee=Decimal("1100.00")
    )
    assert yearly_fee(tier=tier, employees=12, kind=COMPANY, on=date(2026, 12, 31)) == 1000
    assert yearly_fee(tier=tier, employees=12, kind=COMPANY, on=date(2027, 1, 1)) == 1100
    row = price_table(on=date(2027, 1, 1))[1]
    assert [fee for _tier, fee in row.fees] == [135, 1100, 3000, 15000]


@pytest.mark.parametrize(
    "kind", [Organisation.Kind.LOCAL_GOVERNMENT, Organisation.Kind.KNOWLEDGE_INSTITUTION]
)
def test_local_governments_and_knowledge_institutions_join_at_inform_only(kind: Organisation.Kind) -> None:
    assert yearly_fee(tier=Tier.objects.get(slug="inform"), employees=300, kind=kind, on=TODAY) == 135
    for dearer in Tier.objects.exclude(slug="inform"):
        with pytest.raises(PriceMissing):
            yearly_fee(tier=dearer, employees=300, kind=kind, on=TODAY)
