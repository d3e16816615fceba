"""One demo, served as `make run` serves it, and one Chromium; each test gets a window of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
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

ROOT = Path(__file__).resolve().parent.parent.parent
SECONDS_TO_START = 300
# A refused address is tested by its status; axe writes inline styles, which tests/html.py looks for.
NOT_THE_PAGES_DOING = ("Failed to load resource", "Applying inline style violates")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="session")
def demo_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a freshly loaded demo."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    names = ("DATABASE_URL", "DJANGO_SETTINGS_MODULE")
    environment = {name: value for name, value in os.environ.items() if name not in names}
    environment |= {"PORT": str(port), "DATA_DIR": str(tmp_path_factory.mktemp("demo"))}
    log = tmp_path_factory.mktemp("log") / "run.log"
    with log.open("w") as out:
        server = subprocess.Popen(
            [sys.executable, "-m", "tools.run"], cwd=ROOT, env=environment, stdout=out, stderr=out
        )
    deadline = time.monotonic() + SECONDS_TO_START
    while "/admin/" not in log.read_text():
        if server.poll() is not None or time.monotonic() > deadline:
            server.kill()
            pytest.fail(f"the demo did not start:\n{log.read_text()[-3000:]}")
        time.sleep(0.5)
    yield f"http://localhost:{port}"
    server.send_signal(signal.SIGTERM)
    server.wait(30)


@pytest.fixture(scope="session")
def playwright_() -> Iterator[Playwright]:
    """Playwright itself."""
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def chromium_(playwright_: Playwright) -> Iterator[Browser]:
    """The browser of this machine."""
    path = os.environ.get("CHROMIUM") or chromium.find()
    running = playwright_.chromium.launch(executable_path=path, args=FLAGS)
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
