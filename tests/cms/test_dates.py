"""Dates as people say them, in both languages and in the time of Brussels."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from django.utils import timezone as active_timezone
from django.utils.translation import override

from cms.dates import NO_BREAK, DayParts, day_parts, say_day, say_period

START = datetime(2026, 12, 3, 13, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "end", "words"),
    [
        (
            "nl",
            datetime(2026, 12, 3, 16, tzinfo=UTC),
            "donderdag 3{_}december{_}2026, 14.00{_}tot{_}17.00{_}uur",
        ),
        ("en", datetime(2026, 12, 3, 16, tzinfo=UTC), "Thursday 3{_}December{_}2026, 14:00{_}to{_}17:00"),
        ("nl", None, "donderdag 3{_}december{_}2026, 14.00{_}uur"),
        (
            "nl",
            datetime(2026, 12, 4, 8, 30, tzinfo=UTC),
            "donderdag 3{_}december{_}2026, 14.00{_}uur tot vrijdag 4{_}december{_}2026, 9.30{_}uur",
        ),
    ],
)
def test_a_period_is_said_with_its_hours_on_one_line(language: str, end: datetime | None, words: str) -> None:
    with override(language):
        assert say_period(START, end) == words.format(_=NO_BREAK)


def test_a_day_is_the_day_in_brussels() -> None:
    with override("nl"):
        late = datetime(2026, 7, 14, 22, 30, tzinfo=UTC)
        assert say_day(late) == f"woensdag 15{NO_BREAK}juli{NO_BREAK}2026"
        assert say_day(date(2026, 7, 14)) == f"dinsdag 14{NO_BREAK}juli{NO_BREAK}2026"


def test_a_date_block_says_the_day_in_brussels_with_a_small_month_in_dutch() -> None:
    late = datetime(2026, 7, 31, 22, 30, tzinfo=UTC)
    with override("nl"):
        assert day_parts(late) == DayParts("2026-08-01", "1", "aug 2026")
    with override("en"):
        assert day_parts(late) == DayParts("2026-08-01", "1", "Aug 2026")


def test_what_was_said_in_one_language_or_time_zone_is_not_said_in_another() -> None:
    with override("nl"):
        assert say_period(START).endswith(f"14.00{NO_BREAK}uur")
        with active_timezone.override(timezone(timedelta(hours=5))):
            assert say_period(START).endswith(f"18.00{NO_BREAK}uur")
    with override("en"):
        assert say_period(START).endswith("14:00")
