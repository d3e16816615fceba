"""Activities and sign-ups in formats that other programs read."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from icalendar import STATUS, Calendar, Event

from cms.emails import MailFile
from cms.queries import Told, tell
from events.models import Activity

PRODUCT = "-//Smart Cities Vlaanderen//Platform//NL"
REFRESH = timedelta(hours=6)
"""How often a program that subscribes should look again."""


def calendar_of(activities: Iterable[Told], *, name: str = "") -> bytes:
    """Return an iCalendar file (RFC 5545) with the time zone Europe/Brussels in it.

    A calendar with a name is one to subscribe to.
    """
    calendar = Calendar.new(prodid=PRODUCT, name=name or None, refresh_interval=REFRESH if name else None)
    for told in activities:
        calendar.add_component(_entry(told))
    calendar.add_missing_timezones()
    content: bytes = calendar.to_ical()
    return content


def calendar_attachment(activity_id: int, language: str) -> MailFile:
    """Return the calendar file of one activity, as a mail carries it."""
    with translation.override(language):
        activities = tell(Activity.objects.filter(pk=activity_id), request=None)
        name = _("event-%(number)s.ics") % {"number": activity_id}
        return MailFile(name, calendar_of(activities), "text/calendar")


def _entry(told: Told) -> Event:
    activity: Activity = told.row
    zone = timezone.get_default_timezone()
    host = urlsplit(settings.SITE_URL).hostname
    event = Event.new(
        uid=f"activity-{activity.pk}@{host}",
        stamp=activity.changed_at,
        summary=told.title,
        start=activity.starts_at.astimezone(zone),
        end=activity.ends_at.astimezone(zone),
        description=f"{told.lead}\n\n{settings.SITE_URL}{told.url}".strip(),
        location=", ".join(part for part in (activity.place, activity.address) if part) or None,
        url=f"{settings.SITE_URL}{told.url}",
        last_modified=activity.changed_at,
        status=STATUS.CANCELLED if activity.is_cancelled else STATUS.CONFIRMED,
    )
    return event


def defused(value: Any) -> Any:
    """Return what a cell may hold: text that a spreadsheet would run as a formula gets an apostrophe."""
    if isinstance(value, datetime | int | float | None):
        return value
    text = str(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
