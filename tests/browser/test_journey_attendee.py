"""Journey 3: somebody signs up without an account, by keyboard alone, and cancels by the mailed link."""

import re
import time

import pytest
from playwright.sync_api import Locator, Page

from tests.browser.pages import OpenWindow, assert_accessible

pytestmark = pytest.mark.browser
SECONDS_TO_MAIL = 60
MOST_TABS = 150
PRIVATE_LINK = re.compile(r"https?://[\w.:-]+(/[\w/-]+/l/[\w-]+/)")
DUTCH = ("Inschrijven", "Wijzigingen bewaren", "Uw plaats annuleren", "Mijn plaats annuleren")
ENGLISH = ("Sign up", "Save the changes", "Cancel your place", "Cancel my place")


def tab_to(page: Page, target: Locator) -> None:
    """Press Tab until the target has the focus, as somebody without a mouse does."""
    element = target.first.element_handle()
    for _time in range(MOST_TABS):
        if page.evaluate("element => document.activeElement === element", element):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"Tab never came to {target}")


def press(page: Page, target: Locator) -> None:
    """Go to a link or button by keyboard and press Enter."""
    tab_to(page, target)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def mailed_link(page: Page, address: str) -> str:
    """Wait until the worker has sent the mail, and return the private address in it."""
    deadline = time.monotonic() + SECONDS_TO_MAIL
    while time.monotonic() < deadline:
        page.goto(f"/nl/demo/mail/?q={address}")
        mails = page.locator("main a[href*='/demo/mail/']").all()
        links = [mail.get_attribute("href") or "" for mail in mails]
        for link in links:
            if re.fullmatch(r"/nl/demo/mail/\d+/", link):
                text = page.request.get(f"{link}html/").text()
                return str(PRIVATE_LINK.findall(text)[0])
        time.sleep(1)
    pytest.fail("no mail came")


@pytest.mark.parametrize(
    ("language", "width", "scheme", "words"),
    [
        ("nl", 1280, "light", DUTCH),
        ("en", 320, "dark", ENGLISH),
    ],
)
def test_an_attendee_signs_up_and_cancels_by_keyboard_alone(
    window: OpenWindow, language: str, width: int, scheme: str, words: tuple[str, ...]
) -> None:
    sign_up, save, leave, cancel = words
    page = window(width=width, scheme=scheme)
    email = f"noor-{language}@demo.example"
    page.goto({"nl": "/nl/agenda/?state=open", "en": "/en/events/?state=open"}[language])
    assert_accessible(page)
    press(page, page.locator(".teaser a"))
    assert_accessible(page)
    press(page, page.locator("main").get_by_role("link", name=sign_up, exact=True))
    assert_accessible(page)
    tab_to(page, page.locator("#id_first_name"))
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.wait_for_load_state()
    assert page.locator(".error-summary a").count() == 3
    assert_accessible(page)
    for name, typed in (("first_name", "Noor"), ("last_name", "Claes"), ("email", email)):
        tab_to(page, page.locator(f"#id_{name}"))
        page.keyboard.type(typed)
    tab_to(page, page.locator("#id_organisation"))
    page.keyboard.type("Gemeente Zonder Naam")
    press(page, page.get_by_role("button", name=sign_up, exact=True))
    assert email in page.locator("main").inner_text()
    assert_accessible(page)
    page.goto(mailed_link(page, email))
    assert_accessible(page)
    tab_to(page, page.locator("#id_last_name"))
    page.keyboard.press("Control+A")
    page.keyboard.type("Peeters")
    press(page, page.get_by_role("button", name=save))
    assert "Noor Peeters" in page.locator("main").inner_text()
    press(page, page.get_by_role("link", name=leave))
    assert_accessible(page)
    press(page, page.get_by_role("button", name=cancel))
    assert page.locator("form.form").count() == 0
    assert_accessible(page)
