"""Dates as people say them, in both languages and in the time of Brussels."""

from datetime import UTC, date, datetime

import pytest
from django.utils.translation import override

from cms.dates import JOINER, NO_BREAK, say_day, say_period

START = datetime(2026, 12, 3, 13, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "end", "words"),
    [
        (
            "nl",
            datetime(2026, 12, 3, 16, tzinfo=UTC),
            "donderdag 3{_}december 2026, 14.00{_}-{w}{_}17.00{_}uur",
        ),
        ("en", datetime(2026, 12, 3, 16, tzinfo=UTC), "Thursday 3{_}December 2026, 14:00{_}to{_}17:00"),
        ("nl", None, "donderdag 3{_}december 2026, 14.00{_}uur"),
        (
            "nl",
            datetime(2026, 12, 4, 8, 30, tzinfo=UTC),
            "donderdag 3{_}december 2026, 14.00{_}uur tot vrijdag 4{_}december 2026, 9.30{_}uur",
        ),
    ],
)
def test_a_period_is_said_with_its_hours_on_one_line(language: str, end: datetime | None, words: str) -> None:
    with override(language):
        assert say_period(START, end) == words.format(_=NO_BREAK, w=JOINER)


def test_a_day_is_the_day_in_brussels() -> None:
    with override("nl"):
        assert say_day(datetime(2026, 7, 14, 22, 30, tzinfo=UTC)) == f"woensdag 15{NO_BREAK}juli 2026"
        assert say_day(date(2026, 7, 14)) == f"dinsdag 14{NO_BREAK}juli 2026"
