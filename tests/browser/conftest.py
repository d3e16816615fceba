"""One demo, served as `make run` serves it, and one Chromium; each test gets a window of its own.

The demo pays at a stand-in for Stripe that is a process of its own, or at the one that the environment names.
"""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    Playwright,
    Request,
    Response,
    expect,
    sync_playwright,
)

from tests.browser.desk import SAVED_TOO_EARLY, Desk, OpenDesk
from tests.browser.pages import OpenWindow, faults, scriptless
from tests.browser.till import FOREIGN, Till
from tests.database import migrated_file
from tests.fakes.stripe_api import stripe_process
from tools import browser as chromium
from tools import demo
from tools.postgres import free_port

# The browser names no address here: what was refused or is missing is noted with its address below.
# Axe writes inline styles, and the console says so too late to know of which page: tests/html.py
# looks for a page's own.
SAID_ELSEWHERE = ("Failed to load resource", "Applying inline style violates")
expect.set_options(timeout=15_000)  # a busy machine is no fault of the page
TWO_AUDITS = "Axe is already running"
"""Wagtail's own check of the content, which came upon ours in the same page: it tries again."""
LEFT_BEHIND = "net::ERR_ABORTED"
"""What a page still asked for when the next one came."""


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the demo keeps its database, which is migrated already, and its files."""
    folder = tmp_path_factory.mktemp("demo")
    shutil.copyfile(migrated_file(), folder / "db.sqlite3")
    return folder


@pytest.fixture(scope="session")
def port() -> int:
    """Where the demo is served; a stand-in of somebody else has to know it beforehand."""
    return int(os.environ.get("PORT") or free_port()) if FOREIGN in os.environ else free_port()


@pytest.fixture(scope="session")
def stripe_settings(port: int) -> Iterator[dict[str, str]]:
    """With which settings the demo speaks to the stand-in for Stripe."""
    if FOREIGN in os.environ:
        yield {name: os.environ[name] for name in (FOREIGN, "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET")}
    else:
        with stripe_process(f"http://localhost:{port}/webhooks/stripe/") as settings:
            yield settings


@pytest.fixture(scope="session")
def demo_url(demo_folder: Path, port: int, stripe_settings: dict[str, str]) -> Iterator[str]:
    """The address of a freshly loaded demo."""
    with demo.served(demo_folder, port=port, settings=stripe_settings) as address:
        yield address


@pytest.fixture
def from_elsewhere(demo_folder: Path, demo_url: str) -> None:
    """Forget who joined from this machine: as many as join in a test come from more than one office."""
    with closing(sqlite3.connect(demo_folder / "db.sqlite3", timeout=30)) as database, database:
        database.execute("DELETE FROM cms_attempt WHERE scope = 'join:ip'")


@pytest.fixture
def till(stripe_settings: dict[str, str]) -> Till:
    """The stand-in for Stripe, as its page and its API show it."""
    return Till(stripe_settings)


@pytest.fixture(scope="session")
def playwright_() -> Iterator[Playwright]:
    """Playwright itself. It runs a loop in this thread, in which Django would refuse its own database."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # until the end: the database is taken down after it
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def chromium_(playwright_: Playwright) -> Iterator[Browser]:
    """The browser of this machine."""
    path = os.environ.get("CHROMIUM") or chromium.find()
    running = playwright_.chromium.launch(executable_path=path, args=chromium.FLAGS)
    yield running
    running.close()


@pytest.fixture
def window(chromium_: Browser, demo_url: str) -> Iterator[OpenWindow]:
    """Opens windows of a width, scheme and with or without JavaScript; fails on what a page may never do.

    No page may ask another host, miss or be refused what it asks for itself, write an error to the
    console, raise one in a script, or answer with a server error. A document may be refused: its test
    says so. `refused` names parts of addresses that a test expects to be refused to a script; `till` is where
    else it goes, to pay.
    """
    contexts: list[BrowserContext] = []
    faults.clear()
    scriptless.clear()

    def note_failure(request: Request) -> None:
        if request.failure != LEFT_BEHIND:
            faults.append(f"{request.failure} {request.url}")

    def note_console(message: ConsoleMessage) -> None:
        if message.type == "error" and not any(words in message.text for words in SAID_ELSEWHERE):
            faults.append(f"console: {message.text}")

    def note_error(error: Error) -> None:
        if TWO_AUDITS not in str(error):
            faults.append(f"script: {error}")

    def open_window(
        *,
        width: int = 1280,
        scheme: str = "light",
        refused: tuple[str, ...] = (),
        till: Till | None = None,
        **options: Any,
    ) -> Page:
        own = (demo_url, *(till.addresses if till else ()))

        def note_request(request: Request) -> None:
            if urlsplit(request.url).scheme in ("http", "https") and not request.url.startswith(own):
                faults.append(f"asks {request.url}")

        def note_response(response: Response) -> None:
            is_document = response.request.is_navigation_request()
            if response.status < 400 or (is_document and response.status < 500):
                return
            if not any(part in response.url for part in refused):
                faults.append(f"{response.status} {response.url}")

        context = chromium_.new_context(
            base_url=demo_url,
            viewport={"width": width, "height": 900},
            color_scheme=scheme,  # type: ignore[arg-type]  # light or dark
            locale="nl-BE",
            timezone_id="Europe/Brussels",
            reduced_motion="reduce",
            **options,
        )
        context.set_default_timeout(20_000)
        contexts.append(context)
        page = context.new_page()
        if not options.get("java_script_enabled", True):
            scriptless.add(page)
        page.on("request", note_request)
        page.on("response", note_response)
        page.on("requestfailed", note_failure)
        page.on("console", note_console)
        page.on("pageerror", note_error)
        return page

    yield open_window
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture
def open_desk(window: OpenWindow) -> OpenDesk:
    """The back office of the editor in a window of her own."""

    def open_desk(language: str = "nl", width: int = 1280, scheme: str = "light") -> Desk:
        desk = Desk(window(width=width, scheme=scheme, refused=SAVED_TOO_EARLY), language)
        desk.open()
        return desk

    return open_desk
