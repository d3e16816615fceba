"""The days of the demo: nobody works in a weekend or on a holiday."""

from datetime import date

import pytest

from demo.operations.tree import is_free


@pytest.mark.parametrize("day", ["2027-03-29", "2027-05-06", "2026-05-25", "2026-12-25", "2026-11-28"])
def test_weekends_and_holidays_are_free(day: str) -> None:
    assert is_free(date.fromisoformat(day))


@pytest.mark.parametrize("day", ["2027-03-30", "2026-12-24", "2026-11-30"])
def test_other_days_are_not(day: str) -> None:
    assert not is_free(date.fromisoformat(day))
