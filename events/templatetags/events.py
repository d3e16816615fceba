"""How an activity is shown: `{% load events %}`. No tag asks a query."""

from dataclasses import dataclass
from typing import Any

from django import template
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from cms.dates import NO_BREAK, say_day, say_period
from events.rules import ActivityState, places_left

register = template.Library()

FEW = 5
"""From this number of free places on, the number is said."""
SHORT_PLACE = 26
"""Letters of a place that stays on one line."""


@dataclass(frozen=True)
class Shown:
    """A state as the visitor sees it: a shape of the design system and a word."""

    shape: str
    word: str | Promise


WORDS: dict[str, Shown] = {
    ActivityState.CANCELLED: Shown("wrong", _("Cancelled")),
    ActivityState.PAST: Shown("closed", _("Past")),
    ActivityState.NOT_YET_OPEN: Shown("soon", _("Sign-up opens later")),
    ActivityState.CLOSED: Shown("closed", _("Sign-up closed")),
    ActivityState.FULL: Shown("full", _("Full")),
    ActivityState.OPEN: Shown("open", _("Open for sign-up")),
}


@register.simple_tag
def shown_state(activity: Any) -> Shown:
    """The state of an activity that carries `state` and `taken`; the last free places are counted."""
    left = places_left(capacity=activity.capacity, taken=activity.taken)
    if activity.state == ActivityState.OPEN and left is not None and left <= FEW:
        return Shown(
            "last", ngettext("%(count)s place left", "%(count)s places left", left) % {"count": left}
        )
    return WORDS[activity.state]


@register.simple_tag
def activity_in_short(activity: Any) -> str:
    """What an activity is, when and where, for its row in a list: "Infosessie, donderdag …, Gent".

    A day holds together, and so does a place, or else each part of it.
    """
    when = say_period(activity.starts_at, activity.ends_at)
    for day in (say_day(activity.starts_at), say_day(activity.ends_at)):
        when = when.replace(day, _on_one_line(day))
    where = str(activity.place or (_("online") if activity.is_online else ""))
    if len(where) <= SHORT_PLACE:
        where = _on_one_line(where)
    else:
        where = ", ".join(
            _on_one_line(part) if len(part) <= SHORT_PLACE else part for part in where.split(", ")
        )
    return ", ".join(str(part) for part in (capfirst(activity.get_kind_display()), when, where) if part)


def _on_one_line(words: str) -> str:
    return words.replace(" ", NO_BREAK)


@register.simple_tag
def free_places(activity: Any) -> int | None:
    """How many places are free, or None without a limit."""
    return places_left(capacity=activity.capacity, taken=activity.taken)
