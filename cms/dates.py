"""Dates as people say them, in the active language and in the site's time zone."""

from datetime import date, datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

NO_BREAK = "\N{NO-BREAK SPACE}"
JOINER = "\N{WORD JOINER}"
"""Holds a hyphen to what follows, where a no-break space alone lets the line end."""


def say_day(day: date) -> str:
    """ "donderdag 3 december 2026"; the day and its month hold together."""
    if isinstance(day, datetime):
        day = timezone.localtime(day).date()
    return date_format(day, f"l j{NO_BREAK}F Y")


def say_period(start: datetime, end: datetime | None = None) -> str:
    """ "donderdag 3 december 2026, 14.00 - 17.00 uur"; over several days both days are said.

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
        moments = moments.replace(" ", NO_BREAK).replace("-", f"-{JOINER}")
    else:
        return _("%(start)s to %(end)s") % {"start": _say_moment(start), "end": _say_moment(end)}
    return _("%(day)s, %(moments)s") % {"day": say_day(start), "moments": moments}


def _say_moment(moment: datetime) -> str:
    return _("%(day)s, %(moments)s") % {
        "day": say_day(moment),
        "moments": date_format(moment, "TIME_FORMAT"),
    }
