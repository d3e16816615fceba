import pytest
from django.db.models import Model, Sum

from reporting.models import GrowthTarget, Kpi, KpiTarget, RevenueTarget, WorkPackageWeight
from reporting.operations.reference import load_plan

pytestmark = pytest.mark.django_db


def sums(model: type[Model], field: str) -> list[int]:
    rows = model._default_manager.values_list("year").annotate(total=Sum(field)).order_by("year")
    return [total for _year, total in rows]


def test_the_figures_add_up_to_the_totals_of_the_plan() -> None:
    assert sums(GrowthTarget, "members") == [75, 100, 130, 170, 220]
    assert sums(RevenueTarget, "amount_eur") == [650_000, 765_000, 885_000, 1_010_000]
    assert sums(WorkPackageWeight, "percent") == [100, 100, 100, 100]


def test_there_are_nineteen_numbered_kpis_less_the_fifteenth_and_two_parts() -> None:
    codes = list(Kpi.objects.values_list("code", flat=True))
    assert codes == [*"1234567", "7a", "7b", *(str(number) for number in range(8, 20) if number != 15)]
    assert KpiTarget.objects.count() == 4 * len(codes)
    assert {kpi.code for kpi in Kpi.objects.get(code="7").parts.all()} == {"7a", "7b"}


def test_loading_again_keeps_what_staff_changed() -> None:
    KpiTarget.objects.filter(kpi__code="1", year=1).update(target=1600)
    load_plan()
    assert KpiTarget.objects.get(kpi__code="1", year=1).target == 1600
