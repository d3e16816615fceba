"""Dates as people say them, in the active language and in the site's time zone."""

from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache, wraps
from typing import NamedTuple, ParamSpec, TypeVar

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

P = ParamSpec("P")
T = TypeVar("T")

NO_BREAK = "\N{NO-BREAK SPACE}"
KEPT = 2000
"""Moments of which a process remembers how they are said: formats are among the dearest things on a list."""


def _said_once(say: Callable[P, T]) -> Callable[P, T]:
    """Remember what a function says of a moment, for each language and time zone."""

    @lru_cache(maxsize=KEPT)
    def kept(_setting: tuple[object, ...], *moments: P.args, **more: P.kwargs) -> T:
        return say(*moments, **more)

    @wraps(say)
    def said(*moments: P.args, **more: P.kwargs) -> T:
        return kept((get_language(), timezone.get_current_timezone()), *moments, **more)  # type: ignore[arg-type]  # what it is given is hashable

    return said


class DayParts(NamedTuple):
    """A day for a date block: as machines write it, its number, its short month with the year."""

    iso: str
    number: str
    month: str


@_said_once
def day_parts(day: date) -> DayParts:
    """("2026-12-03", "3", "dec 2026"); in Dutch a month has no capital."""
    if isinstance(day, datetime):
        day = timezone.localtime(day).date()
    month = date_format(day, "b Y" if get_language() == "nl" else "M Y")
    return DayParts(day.isoformat(), str(day.day), month)


@_said_once
def say_day(day: date) -> str:
    """ "donderdag 3 december 2026"; day, month and year hold together."""
    if isinstance(day, datetime):
        day = timezone.localtime(day).date()
    return date_format(day, f"l j{NO_BREAK}F{NO_BREAK}Y")


@_said_once
def say_period(start: datetime, end: datetime | None = None) -> str:
    """ "donderdag 3 december 2026, 14.00 tot 17.00 uur"; over several days both days are said.

    The hours hold together: no line ends within them.
    """
    start = timezone.localtime(start)
    end = timezone.localtime(end) if end else None
    if end is None or end == start:
        moments = date_format(start, "TIME_FORMAT")
    elif end.date() == start.date():
        moments = _("%(first)s to %(last)s") % {
            "first": date_format(start, "TIME_FORMAT"),
            "last": date_format(end, "TIME_FORMAT"),
        }
        moments = moments.replace(" ", NO_BREAK)
    else:
        return _("%(start)s to %(end)s") % {"start": _say_moment(start), "end": _say_moment(end)}
    return _("%(day)s, %(moments)s") % {"day": say_day(start), "moments": moments}


def _say_moment(moment: datetime) -> str:
    return _("%(day)s, %(moments)s") % {
        "day": say_day(moment),
        "moments": date_format(moment, "TIME_FORMAT"),
    }
