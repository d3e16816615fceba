"""Answers about calls and case studies, as visitors look for them."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from cms.queries import Told
from matchmaking.models.calls import Call
from matchmaking.rules import CallState, call_state

STATE_LABELS = {
    CallState.OPEN: _("open"),
    CallState.CLOSING_SOON: _("closes soon"),
    CallState.UPCOMING: _("opens later"),
    CallState.CLOSED: _("closed"),
}
"""In the order in which lists show the states."""

STATE_SHAPES = {
    CallState.OPEN: "open",
    CallState.CLOSING_SOON: "last",
    CallState.UPCOMING: "soon",
    CallState.CLOSED: "closed",
}
"""The shape that the state component draws for each."""


def state_of(call: Any, *, at: datetime) -> CallState:
    """Return the state of a call, or of a page with a call's facts, at a moment."""
    return call_state(opens_at=call.opens_at, closes_at=call.closes_at, at=at)


def in_order(calls: Iterable[Call], *, states: Collection[str], at: datetime) -> list[Call]:
    """Return the calls in one of the states (all if none is named): what can still be done comes first.

    Open ones by deadline, then those that open later, then closed ones, the latest deadline first.
    """
    rank = {state: number for number, state in enumerate(STATE_LABELS)} | {CallState.CLOSING_SOON: 0}

    def key(call: Call) -> tuple[int, float]:
        state = state_of(call, at=at)
        moment = call.opens_at if state is CallState.UPCOMING else call.closes_at
        seconds = moment.timestamp() if moment else float("inf")
        return rank[state], -seconds if state is CallState.CLOSED else seconds

    wanted = [call for call in calls if not states or state_of(call, at=at) in states]
    return sorted(wanted, key=key)


def told_calls(told: Iterable[Told], *, at: datetime) -> list[dict[str, Any]]:
    """Put each told call beside its state, for the rows of a list."""
    rows = []
    for item in told:
        state = state_of(item.row, at=at)
        rows.append({"told": item, "state": STATE_SHAPES[state], "state_label": STATE_LABELS[state]})
    return rows
