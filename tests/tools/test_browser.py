"""Which Chromium drives the browser tests, and what is said when there is none."""

import os
import shutil
import sys

import pytest

from tools import browser
from tools.bootstrap import Refusal

OF_PLAYWRIGHT = "/cache/playwright/chrome"
INSTALL = (sys.executable, "-m", "playwright", "install", "chromium")
APT = ("apt-get", "install", "--yes", "--no-install-recommends", "chromium")


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """A machine where all can be found and installed, and nothing is: the commands that were given."""
    commands: list[tuple[str, ...]] = []

    def quietly(*command: str) -> bool:
        commands.append(command)
        return True

    monkeypatch.setenv("CHROMIUM", "/named/chromium")
    monkeypatch.setattr(shutil, "which", lambda name: f"/bin/{name}")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(browser, "of_playwright", lambda: OF_PLAYWRIGHT)
    monkeypatch.setattr(browser, "quietly", quietly)
    return commands


def test_the_named_one_comes_first_then_installed_ones_and_installing_comes_last(
    ran: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    at_hand = [
        "/named/chromium",
        *(f"/bin/{name}" for name in browser.NAMES),
        str(browser.MAC),
        OF_PLAYWRIGHT,
    ]
    found = browser.candidates()
    assert [next(found) for _path in at_hand] == at_hand
    assert ran == []
    assert next(found) == OF_PLAYWRIGHT
    assert ran == [INSTALL]
    assert list(found) == ["/bin/chromium"]
    assert ran == [INSTALL, ("apt-get", "update"), APT]
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert list(browser.candidates()) == [*at_hand, OF_PLAYWRIGHT]


def test_the_first_that_starts_is_taken_and_nothing_is_installed(
    ran: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CHROMIUM")
    monkeypatch.setattr(browser, "starts", lambda path: path != "/bin/chromium")
    assert browser.find() == "/bin/chromium-browser"
    assert ran == []


def test_without_any_the_refusal_names_the_command_to_type(
    ran: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browser, "starts", lambda _path: False)
    with pytest.raises(Refusal) as refusal:
        browser.find()
    said = "No Chromium was found and none could be installed. Type: sudo apt-get install chromium"
    assert str(refusal.value) == said
    with pytest.raises(SystemExit, match=said):
        browser.main()


def test_what_is_no_program_does_not_start() -> None:
    assert browser.starts(sys.executable) is False  # a Python knows no --no-sandbox
    assert browser.starts("/nowhere/chromium") is False
    assert browser.starts(shutil.which("true") or "") is True
