from datetime import UTC, datetime, timedelta

import pytest

from matchmaking.rules import CLOSING_SOON, CallState, call_state, next_change

CLOSES = datetime(2026, 12, 15, 16, tzinfo=UTC)
OPENS = CLOSES - timedelta(days=60)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("at", "state"),
    [
        (OPENS - SECOND, CallState.UPCOMING),
        (OPENS, CallState.OPEN),
        (CLOSES - CLOSING_SOON - SECOND, CallState.OPEN),
        (CLOSES - CLOSING_SOON, CallState.CLOSING_SOON),
        (CLOSES - SECOND, CallState.CLOSING_SOON),
        (CLOSES, CallState.CLOSED),
    ],
)
def test_call_state_by_the_clock(at: datetime, state: CallState) -> None:
    assert call_state(opens_at=OPENS, closes_at=CLOSES, at=at) == state


def test_each_next_change_changes_the_state() -> None:
    at, states = OPENS - SECOND, []
    while moment := next_change(opens_at=OPENS, closes_at=CLOSES, at=at):
        states.append(call_state(opens_at=OPENS, closes_at=CLOSES, at=moment))
        at = moment
    assert states == [CallState.OPEN, CallState.CLOSING_SOON, CallState.CLOSED]


def test_a_call_without_dates_is_open_for_good() -> None:
    assert call_state(opens_at=None, closes_at=None, at=CLOSES) == CallState.OPEN
    assert next_change(opens_at=None, closes_at=None, at=CLOSES) is None
