"""One demo, served as `make run` serves it, and one Chromium; each test gets a window of its own."""

import os
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Playwright,
    Request,
    Response,
    sync_playwright,
)

from tests.browser.pages import OpenWindow, faults
from tools import browser as chromium
from tools import demo

# A refused address is tested by its status; axe writes inline styles, which tests/html.py looks for.
NOT_THE_PAGES_DOING = ("Failed to load resource", "Applying inline style violates")


@pytest.fixture(scope="session")
def demo_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a freshly loaded demo."""
    with demo.served(tmp_path_factory.mktemp("demo")) as address:
        yield address


@pytest.fixture(scope="session")
def playwright_() -> Iterator[Playwright]:
    """Playwright itself."""
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

    No page may ask another host, write an error to the console, or answer with a server error.
    """
    contexts: list[BrowserContext] = []
    faults.clear()

    def note_request(request: Request) -> None:
        if urlsplit(request.url).scheme in ("http", "https") and not request.url.startswith(demo_url):
            faults.append(f"asks {request.url}")

    def note_response(response: Response) -> None:
        if response.status >= 500:
            faults.append(f"{response.status} {response.url}")

    def note_console(message: ConsoleMessage) -> None:
        if message.type == "error" and not any(words in message.text for words in NOT_THE_PAGES_DOING):
            faults.append(f"console: {message.text}")

    def open_window(*, width: int = 1280, scheme: str = "light", **options: Any) -> Page:
        context = chromium_.new_context(
            base_url=demo_url,
            viewport={"width": width, "height": 900},
            color_scheme=scheme,  # type: ignore[arg-type]
            locale="nl-BE",
            timezone_id="Europe/Brussels",
            reduced_motion="reduce",
            **options,
        )
        context.set_default_timeout(20_000)
        contexts.append(context)
        page = context.new_page()
        page.on("request", note_request)
        page.on("response", note_response)
        page.on("console", note_console)
        return page

    yield open_window
    for context in contexts:
        context.close()
    assert faults == []
