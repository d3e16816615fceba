"""Where the views about one activity stand: below the calendar, in the breadcrumbs and in the menu."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import get_language

from cms.navigation import home_crumb
from events.models import EventIndexPage


def way_to(request: HttpRequest, *last: tuple[Any, str]) -> dict[str, Any]:
    """Return `crumbs` that end in the given ones, and the calendar as their `section`."""
    calendar = EventIndexPage.open_to(request)
    above = [(calendar.title, calendar.get_url(request) or "")] if calendar else []
    return {"crumbs": [home_crumb(), *above, *last], "section": calendar}


def index_url(request: HttpRequest) -> str:
    """Return the address of the calendar, or of the home page where there is none."""
    calendar = EventIndexPage.open_to(request)
    return (calendar.get_url(request) if calendar else "") or f"/{get_language()}/"
