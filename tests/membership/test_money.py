from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from membership.money import (
    PriceKey,
    PriceMatrix,
    Stretch,
    StretchesOutOfOrder,
    fee_of_term,
    price_of_change,
    with_change,
)
from membership.rules import last_day_of_engagement, last_day_of_term, notice_due

STARTS = st.dates(date(2024, 1, 1), date(2040, 12, 31))
FEES = st.decimals(0, 20000, places=2)
CHANGES = st.lists(st.tuples(st.integers(0, 364), FEES), max_size=6)


def term(starts_on: date) -> dict[str, date]:
    return {"starts_on": starts_on, "ends_on": last_day_of_term(starts_on)}


def after(starts_on: date, first: Decimal, changes: list[tuple[int, Decimal]]) -> list[Stretch]:
    stretches = [Stretch(starts_on, first)]
    for day, fee in changes:
        stretches = with_change(stretches, on=starts_on + timedelta(days=day), yearly_fee=fee)
    return stretches


@given(STARTS, FEES)
def test_a_term_at_one_fee_costs_that_fee(starts_on: date, fee: Decimal) -> None:
    assert fee_of_term(**term(starts_on), stretches=[Stretch(starts_on, fee)]) == fee


@given(STARTS, FEES, CHANGES)
def test_what_is_charged_step_by_step_comes_to_what_the_whole_term_costs(
    starts_on: date, first: Decimal, changes: list[tuple[int, Decimal]]
) -> None:
    changes, charged = sorted(changes, key=lambda change: change[0]), first
    stretches = [Stretch(starts_on, first)]
    for day, fee in changes:
        on = starts_on + timedelta(days=day)
        charged += price_of_change(**term(starts_on), stretches=stretches, on=on, yearly_fee=fee)
        stretches = with_change(stretches, on=on, yearly_fee=fee)
    days = (last_day_of_term(starts_on) - starts_on).days + 1
    exact = sum(
        (next(fee for day, fee in [*reversed(changes), (0, first)] if day <= each) for each in range(days)),
        Decimal(0),
    )
    assert abs(charged - exact / days) <= Decimal("0.005")


@given(STARTS, FEES, FEES, FEES, st.integers(0, 364))
def test_two_changes_on_a_day_cost_what_the_last_costs(
    starts_on: date, a: Decimal, b: Decimal, c: Decimal, day: int
) -> None:
    whole = term(starts_on)
    twice = fee_of_term(**whole, stretches=after(starts_on, a, [(day, b), (day, c)]))
    assert twice == fee_of_term(**whole, stretches=after(starts_on, a, [(day, c)]))


def test_an_upgrade_halfway_a_year_of_366_days() -> None:
    stretches = [Stretch(date(2027, 3, 1), Decimal(1000)), Stretch(date(2027, 8, 31), Decimal(3000))]
    assert fee_of_term(**term(date(2027, 3, 1)), stretches=stretches) == Decimal("2000.00")


@pytest.mark.parametrize("days", [[], [1], [0, 0], [0, 5, 3], [0, 366]])
def test_stretches_out_of_order_are_refused(days: list[int]) -> None:
    first = date(2027, 3, 1)
    stretches = [Stretch(first + timedelta(days=day), Decimal(1)) for day in days]
    with pytest.raises(StretchesOutOfOrder):
        fee_of_term(**term(first), stretches=stretches)


def test_an_engagement_over_a_leap_day() -> None:
    assert last_day_of_engagement(date(2028, 2, 29), 4) == date(2032, 2, 29)
    assert last_day_of_engagement(date(2027, 3, 1), 4) == date(2031, 2, 28)


@pytest.mark.parametrize(
    ("days_left", "sent", "due"),
    [
        (61, [], None),
        (60, [], 60),
        (59, [60], None),
        (30, [60], 30),
        (5, [], 7),
        (5, [60, 30], 7),
        (40, [30], None),
        (7, [7], None),
        (-1, [], None),
    ],
)
def test_one_notice_at_a_time(days_left: int, sent: list[int], due: int | None) -> None:
    assert notice_due(days_left=days_left, levels=(60, 30, 7), sent=sent) == due


CELLS = st.sampled_from([PriceKey(tier, band, "company") for tier in (1, 2) for band in (1, 2)])
GRIDS = st.dictionaries(CELLS, FEES)
MATRICES = st.dictionaries(CELLS, st.dictionaries(STARTS, FEES, min_size=1, max_size=4)).map(PriceMatrix)


@given(MATRICES, GRIDS, STARTS, STARTS)
def test_changed_prices_hold_from_their_day_to_the_next_planned_one_and_nowhere_else(
    matrix: PriceMatrix, fees: dict[PriceKey, Decimal], valid_from: date, on: date
) -> None:
    changes = {change.key: change for change in matrix.changes(fees, valid_from=valid_from)}
    after = matrix.changed(list(changes.values()), valid_from=valid_from)
    assert matrix.changes({}, valid_from=valid_from) == after.changes(fees, valid_from=valid_from) == []
    for key in {*matrix.fees, *fees}:
        change = changes.get(key)
        holds = change is not None and valid_from <= on and (change.until is None or on < change.until)
        assert after.fee(key, on=on) == (fees[key] if holds else matrix.fee(key, on=on))
