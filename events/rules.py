"""What is true of an activity at a moment. Pure: no Django, the clock comes in as `at`."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class ActivityState(StrEnum):
    """How an activity stands for a visitor."""

    CANCELLED = "cancelled"
    PAST = "past"
    NOT_YET_OPEN = "not_yet_open"
    CLOSED = "closed"
    FULL = "full"
    OPEN = "open"


REFUSED_TO_ALL = frozenset({ActivityState.CANCELLED, ActivityState.PAST})
"""In these states not even staff can add somebody."""
REFUSED_BY_THE_CLOCK = frozenset({ActivityState.NOT_YET_OPEN, ActivityState.CLOSED})
"""In these states staff can still add somebody."""


@dataclass(frozen=True)
class Schedule:
    """The facts on which the state depends; datetimes are aware."""

    starts_at: datetime
    ends_at: datetime
    opens_at: datetime | None
    closes_at: datetime | None
    capacity: int | None
    taken: int
    is_cancelled: bool


def places_left(*, capacity: int | None, taken: int) -> int | None:
    """Return how many places are free, never below 0; None when there is no limit."""
    return None if capacity is None else max(capacity - taken, 0)


def activity_state(schedule: Schedule, *, at: datetime) -> ActivityState:
    """Return the state at a moment. A moment that ends something counts as after it."""
    if schedule.is_cancelled:
        return ActivityState.CANCELLED
    if at >= schedule.ends_at:
        return ActivityState.PAST
    if schedule.opens_at and at < schedule.opens_at:
        return ActivityState.NOT_YET_OPEN
    if at >= (schedule.closes_at or schedule.starts_at):
        return ActivityState.CLOSED
    if places_left(capacity=schedule.capacity, taken=schedule.taken) == 0:
        return ActivityState.FULL
    return ActivityState.OPEN


def takes_signups(state: ActivityState, *, from_staff: bool = False) -> bool:
    """Say whether somebody may be added in this state, places left aside."""
    return state not in REFUSED_TO_ALL and (from_staff or state not in REFUSED_BY_THE_CLOCK)


def link_ends_at(ends_at: datetime) -> datetime:
    """Return until when the private link to a place opens: a month after the activity."""
    return ends_at + timedelta(days=31)


def next_change(schedule: Schedule, *, at: datetime) -> datetime | None:
    """Return the next moment at which the clock alone changes the state, or None."""
    moments = (
        schedule.opens_at,
        schedule.closes_at or schedule.starts_at,
        schedule.starts_at,
        schedule.ends_at,
    )
    return min((moment for moment in moments if moment and moment > at), default=None)
