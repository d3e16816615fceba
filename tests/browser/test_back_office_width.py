"""Each page of the back office in a narrow window: nothing lies where nobody can get.

The pages are those of the tables of `tests/journeys`, so a new deed is looked at without a word here. They
come from the tests' own database, through the test client: the demo has no example of each.
"""

import mimetypes
from collections.abc import Iterator
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles.finders import find
from django.test import Client
from django.urls import NoReverseMatch, resolve, reverse
from playwright.sync_api import Browser, Route
from playwright.sync_api import Page as Window

from home.models import HomePage
from tests.browser.pages import find_beyond
from tests.desk import person
from tests.journeys.admin_addresses import admin_addresses
from tests.journeys.bulk_deeds import BULK
from tests.journeys.deeds import DEEDS
from tests.journeys.things import Things, things_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
ORIGIN = "http://testserver"
DETAILS = (":inspect", ":edit")
NO_PAGES = ("_results", "error_test", "logout", "sprite", "find", "listing")
"""Parts of pages, and what Wagtail keeps for machines."""


@pytest.fixture
def narrow(chromium_: Browser) -> Iterator[Window]:
    """A window as narrow as a telephone's that asks no server: static files come from the disk."""

    def answer(route: Route) -> None:
        path = urlsplit(route.request.url).path
        file = find(path.removeprefix("/static/")) if path.startswith("/static/") else None
        if file:
            route.fulfill(body=Path(str(file)).read_bytes(), content_type=mimetypes.guess_type(path)[0])
        else:
            route.abort()

    context = chromium_.new_context(viewport={"width": 320, "height": 900}, locale="nl-BE")
    window = context.new_page()
    window.route("**/*", answer)
    yield window
    context.close()


def show(window: Window, address: str, html: bytes) -> None:
    """Let the window stand at an address where this is what it finds."""

    def answer(route: Route) -> None:
        route.fulfill(body=html, content_type="text/html; charset=utf-8")

    window.route(ORIGIN + address, answer)
    window.goto(ORIGIN + address)
    window.unroute(ORIGIN + address)


def addresses(things: Things) -> Iterator[str]:
    """Where each deed is done, each page without an argument, and the details of one of each kind."""
    for deed in [*BULK, *(deed for deeds in DEEDS.values() for deed in deeds)]:
        yield deed.url(things)
    for name in admin_addresses():
        if not name.endswith(NO_PAGES):
            with suppress(NoReverseMatch):
                yield reverse(name)
        if name.endswith(DETAILS):
            with suppress(NoReverseMatch):
                model = getattr(resolve(reverse(name, args=[1])).func, "view_initkwargs", {}).get("model")
                row = model and model._default_manager.last()
                if row:
                    yield reverse(name, args=[row.pk])


def test_nothing_of_the_back_office_lies_beyond_a_narrow_window(
    narrow: Window, client: Client, home: HomePage
) -> None:
    client.force_login(person("administrator"))
    pages, beyond = 0, {}
    for address in dict.fromkeys(addresses(things_of(home))):
        answer = client.get(address)
        if answer.status_code == HTTPStatus.OK and b"<main" in answer.getvalue():
            pages += 1
            show(narrow, address, answer.getvalue())
            if found := find_beyond(narrow):
                beyond[address] = found[:3]
    assert pages > 150
    assert beyond == {}
