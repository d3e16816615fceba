from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from events.rules import ActivityState, Schedule, activity_state, next_change, places_left

START = datetime(2026, 12, 3, 13, tzinfo=UTC)
HOUR = timedelta(hours=1)
SCHEDULE = Schedule(
    starts_at=START,
    ends_at=START + 3 * HOUR,
    opens_at=START - 48 * HOUR,
    closes_at=START - 24 * HOUR,
    capacity=20,
    taken=19,
    is_cancelled=False,
)


@pytest.mark.parametrize(
    ("schedule", "at", "state"),
    [
        (SCHEDULE, START - 49 * HOUR, ActivityState.NOT_YET_OPEN),
        (SCHEDULE, START - 48 * HOUR, ActivityState.OPEN),
        (replace(SCHEDULE, taken=20), START - 25 * HOUR, ActivityState.FULL),
        (replace(SCHEDULE, taken=20, capacity=None), START - 25 * HOUR, ActivityState.OPEN),
        (SCHEDULE, START - 24 * HOUR, ActivityState.CLOSED),
        (replace(SCHEDULE, closes_at=None), START - HOUR, ActivityState.OPEN),
        (replace(SCHEDULE, closes_at=None), START, ActivityState.CLOSED),
        (SCHEDULE, START + 3 * HOUR, ActivityState.PAST),
        (replace(SCHEDULE, is_cancelled=True), START + 4 * HOUR, ActivityState.CANCELLED),
    ],
)
def test_activity_state_by_the_clock(schedule: Schedule, at: datetime, state: ActivityState) -> None:
    assert activity_state(schedule, at=at) == state


def test_next_change_is_the_first_moment_still_to_come() -> None:
    assert next_change(SCHEDULE, at=START - 49 * HOUR) == SCHEDULE.opens_at
    assert next_change(SCHEDULE, at=START - 24 * HOUR) == START
    assert next_change(SCHEDULE, at=START + 3 * HOUR) is None


def test_places_left_never_falls_below_zero() -> None:
    assert places_left(capacity=20, taken=22) == 0
    assert places_left(capacity=None, taken=22) is None
