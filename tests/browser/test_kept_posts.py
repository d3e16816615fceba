"""Whoever is logged out while typing loses nothing: at one's own account, and in the back office."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.desk import EDITOR, OpenDesk
from tests.browser.pages import PASSWORD, OpenWindow, assert_accessible, log_in

pytestmark = pytest.mark.browser


def end_session(page: Page) -> None:
    page.context.clear_cookies(name="sessionid")


def log_in_again(page: Page, email: str) -> None:
    """Where the log-in asks for it, on the way to another page."""
    page.locator("#id_login").fill(email)
    page.locator("#id_password").fill(PASSWORD)
    page.locator("main form.form button[type=submit]").first.click()
    page.wait_for_load_state()


@pytest.mark.parametrize(("width", "scheme", "script"), [(320, "dark", True), (1280, "light", False)])
def test_ones_details_come_back_after_the_log_in(
    window: OpenWindow, width: int, scheme: str, script: bool
) -> None:
    page = window(width=width, scheme=scheme, java_script_enabled=script)
    log_in(page, "collega@demo.example", then="/nl/account/")
    page.fill("#id_first_name", "Rozemarijn")
    end_session(page)
    page.get_by_role("button", name="Naam en taal opslaan").click()
    log_in_again(page, "collega@demo.example")
    expect(page.locator("h1")).to_have_text("Wat u invulde, is bewaard")
    expect(page.locator("dl").first).to_contain_text("Rozemarijn")
    if script:
        assert_accessible(page)
    page.get_by_role("button", name="Opnieuw versturen").click()
    expect(page.locator("#id_first_name")).to_have_value("Rozemarijn")


def test_a_page_in_the_making_comes_back_after_the_log_in(open_desk: OpenDesk) -> None:
    desk = open_desk()
    desk.add_below("Nieuws")
    editor = desk.page
    end_session(editor)
    editor.locator("#id_title").fill("Lampen die luisteren")
    editor.locator("#id_lead").fill("Een proef in drie straten.")
    editor.wait_for_timeout(2000)  # for what the back office would save by itself, in vain
    editor.get_by_role("button", name="Bewaar concept").first.click()
    editor.wait_for_url("**/account/login/**")
    log_in_again(editor, EDITOR)
    expect(editor.locator("h1")).to_have_text("Wat u invulde, is bewaard")
    assert_accessible(editor)
    editor.get_by_role("button", name="Opnieuw versturen").click()
    expect(editor.locator("#id_title")).to_have_value("Lampen die luisteren")
    expect(editor.locator("#id_lead")).to_have_value("Een proef in drie straten.")
