"""Journey 3: somebody signs up without an account, by keyboard alone, and cancels by the mailed link."""

import re

import pytest
from playwright.sync_api import Locator, Page

from tests.browser.pages import OpenWindow, assert_accessible, find_in_mail, in_every_window

pytestmark = pytest.mark.browser
MOST_TABS = 150
PRIVATE_LINK = re.compile(r"https?://[\w.:-]+(/[\w/-]+/l/[\w-]+/)")
WORDS = {
    "nl": ("Inschrijven", "Wijzigingen opslaan", "Inschrijving annuleren"),
    "en": ("Sign up", "Save the changes", "Cancel sign-up"),
}


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


@in_every_window
def test_an_attendee_signs_up_and_cancels_by_keyboard_alone(
    window: OpenWindow, language: str, width: int, scheme: str
) -> None:
    sign_up, save, cancel = WORDS[language]
    page = window(width=width, scheme=scheme)
    email = f"noor-{language}-{width}-{scheme}@demo.example"
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
    tab_to(page, page.locator("#id_organisation_kind"))
    page.keyboard.type({"nl": "Lok", "en": "Loc"}[language])
    press(page, page.get_by_role("button", name=sign_up, exact=True))
    assert email in page.locator("main").inner_text()
    assert_accessible(page)
    page.goto(find_in_mail(page, email, PRIVATE_LINK))
    assert_accessible(page)
    tab_to(page, page.locator("#id_last_name"))
    page.keyboard.press("Control+A")
    page.keyboard.type("Peeters")
    press(page, page.get_by_role("button", name=save))
    assert "Noor Peeters" in page.locator("main").inner_text()
    assert_accessible(page)
    press(page, page.get_by_role("link", name=cancel))
    assert_accessible(page)
    press(page, page.get_by_role("button", name=cancel))
    assert page.locator("form.form").count() == 0
    assert_accessible(page)
