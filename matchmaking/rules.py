"""What is true of a call at a moment. Pure: no Django, the clock comes in as `at`."""

from datetime import datetime, timedelta
from enum import StrEnum

CLOSING_SOON = timedelta(days=14)
"""A call that closes within this time is said to close soon."""


class CallState(StrEnum):
    """How a call stands for a visitor."""

    UPCOMING = "upcoming"
    OPEN = "open"
    CLOSING_SOON = "closing_soon"
    CLOSED = "closed"


def call_state(*, opens_at: datetime | None, closes_at: datetime | None, at: datetime) -> CallState:
    """Return the state at a moment; a call without deadline stays open, the deadline itself is closed."""
    if closes_at and at >= closes_at:
        return CallState.CLOSED
    if opens_at and at < opens_at:
        return CallState.UPCOMING
    if closes_at and closes_at - at <= CLOSING_SOON:
        return CallState.CLOSING_SOON
    return CallState.OPEN


def next_change(*, opens_at: datetime | None, closes_at: datetime | None, at: datetime) -> datetime | None:
    """Return the next moment at which the clock alone changes the state, or None."""
    moments = (opens_at, closes_at and closes_at - CLOSING_SOON, closes_at)
    return min((moment for moment in moments if moment and moment > at), default=None)
