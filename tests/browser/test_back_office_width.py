"""Each page of the back office in a narrow window: nothing lies where nobody can get.

The pages are those of the tables of `tests/journeys`, so a new deed is looked at without a word here. They
come from the tests' own database, through the test client: the demo has no example of each.
"""

import mimetypes
from collections.abc import Iterator
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles.finders import find
from django.test import Client
from django.urls import NoReverseMatch, resolve, reverse
from playwright.sync_api import Browser
from playwright.sync_api import Page as Window

from home.models import HomePage
from tests.browser.pages import find_beyond
from tests.desk import person
from tests.journeys.admin_addresses import admin_addresses
from tests.journeys.bulk_deeds import BULK
from tests.journeys.deeds import DEEDS
from tests.journeys.things import Things, things_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
DETAILS = (":inspect", ":edit")
NO_PAGES = ("_results", "error_test", "logout", "sprite", "find", "listing")
"""Parts of pages, and what Wagtail keeps for machines."""


class Shelf(ThreadingHTTPServer):
    """Hands out pages that were made before, and the static files, which a window keeps."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handout)
        self.pages: dict[str, bytes] = {}

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}"


class Handout(BaseHTTPRequestHandler):
    """One answer of the shelf."""

    server: Shelf
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        file = find(path.removeprefix("/static/")) if path.startswith("/static/") else None
        body = Path(str(file)).read_bytes() if file else self.server.pages.get(path, b"")
        self.send_response(HTTPStatus.OK if body else HTTPStatus.NOT_FOUND)
        kind = mimetypes.guess_type(path)[0] if file else "text/html; charset=utf-8"
        self.send_header("Content-Type", kind or "application/octet-stream")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "max-age=3600" if file else "no-store")
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    """A shelf that is open while the test runs."""
    with Shelf() as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def narrow(chromium_: Browser) -> Iterator[Window]:
    """A window as narrow as a telephone's."""
    context = chromium_.new_context(viewport={"width": 320, "height": 900}, locale="nl-BE")
    yield context.new_page()
    context.close()


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
    narrow: Window, shelf: Shelf, client: Client, home: HomePage
) -> None:
    client.force_login(person("administrator"))
    pages, beyond = 0, {}
    for address in dict.fromkeys(addresses(things_of(home))):
        answer = client.get(address)
        if answer.status_code == HTTPStatus.OK and b"<main" in answer.getvalue():
            pages += 1
            shelf.pages[urlsplit(address).path] = answer.getvalue()
            narrow.goto(shelf.url + address)
            if found := find_beyond(narrow):
                beyond[address] = found[:3]
    assert pages > 150
    assert beyond == {}
