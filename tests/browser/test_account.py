"""Logging in: a passkey, and an authenticator app without JavaScript."""

import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import OpenWindow, assert_accessible, log_in
from tests.factories.accounts import code_of

pytestmark = pytest.mark.browser

SUBMIT = "main form.form button[type=submit]"


def plug_in_authenticator(page: Page) -> None:
    """Give the window a device that recognises its owner."""
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    tools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_a_passkey_is_added_and_then_opens_the_account_alone(window: OpenWindow) -> None:
    page = window()
    plug_in_authenticator(page)
    log_in(page, "kennis@demo.example", then="/nl/account/2fa/webauthn/add/")
    assert_accessible(page)
    page.check("#id_passwordless")
    page.click("#mfa_webauthn_add")
    page.wait_for_url("**/recovery-codes/")
    assert_accessible(page)
    page.goto("/nl/account/logout/")
    page.locator("main").get_by_role("button", name="Afmelden").click()
    page.wait_for_url("**/nl/")
    page.goto("/nl/account/login/?next=/nl/account/2fa/")
    page.click("#passkey_login")
    page.wait_for_url("**/nl/account/2fa/")
    expect(page.locator("main")).to_contain_text("U hebt 1 toegangssleutel")


def test_an_authenticator_app_works_without_javascript(window: OpenWindow) -> None:
    email = "stad@demo.example"
    page = window(width=320, java_script_enabled=False)
    log_in(page, email, then="/nl/account/2fa/totp/activate/")
    secret = page.locator("main code").inner_text()
    page.fill("#id_code", code_of(secret))
    page.locator(SUBMIT).first.click()
    page.wait_for_url("**/recovery-codes/")

    again = window(width=320, scheme="dark")
    log_in(again, email)
    assert again.url.endswith("/nl/account/2fa/authenticate/")
    assert_accessible(again)
    time.sleep(30 - time.time() % 30)  # a code is taken once, so wait for the next one
    again.fill("#id_code", code_of(secret))
    again.locator(SUBMIT).first.click()
    again.goto("/nl/account/2fa/")
    expect(again.locator("main")).to_contain_text("Uw authenticator-app is ingesteld")


def test_the_pages_about_ones_account_hold_to_wcag(window: OpenWindow) -> None:
    page = window(width=320)
    for path in ("login/code/", "password/reset/done/", "inactive/"):
        page.goto(f"/nl/account/{path}")
        assert_accessible(page)
    page.goto("/nl/account/login/")
    page.locator(SUBMIT).first.click()
    expect(page.locator(".error-summary")).to_be_visible()
    assert_accessible(page)
    log_in(page, "inform@demo.example")
    for path in ("email/", "password/change/", "second-factor/", "2fa/", "2fa/totp/activate/"):
        page.goto(f"/nl/account/{path}")
        assert_accessible(page)
