"""Journey 2: a company sees its price, joins, pays, and its contact gets the way in by mail."""

import time

import pytest
from playwright.sync_api import Page

from tests.browser.pages import OpenWindow, assert_accessible

pytestmark = pytest.mark.browser
SECONDS_TO_START = 60
JOIN = {"nl": "/nl/lid-worden/", "en": "/en/membership/"}
PRICE = {"nl": "1.000,00 euro", "en": "1,000.00 euro"}


def wait_for(page: Page, address: str, selector: str) -> None:
    """Open an address until the worker has done what makes the selector appear."""
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        page.goto(address)
        if page.locator(selector).count():
            return
        time.sleep(1)
    pytest.fail(f"{selector} never came on {address}")


@pytest.mark.parametrize(
    ("language", "width", "scheme", "number"),
    [("nl", 1280, "light", "0998.000.138"), ("en", 320, "dark", "0998.000.237")],
)
def test_a_company_joins_and_pays_online(
    window: OpenWindow, language: str, width: int, scheme: str, number: str
) -> None:
    page = window(width=width, scheme=scheme)
    email = f"bedrijf-{language}@demo.example"
    page.goto(JOIN[language])
    page.locator("#prices a.button").click()
    page.wait_for_load_state()
    page.locator("input[name=tier][value=connect]").check()
    page.locator("input[name=kind][value=company]").check()
    page.locator("#id_employees").fill("25")
    page.locator("main form button[type=submit]").click()
    page.wait_for_load_state()
    assert PRICE[language] in page.locator("main").inner_text()

    page.locator("main form button[type=submit]").click()
    page.wait_for_load_state()
    assert page.locator(".error-summary a").count() > 5
    assert_accessible(page)
    words = {
        "name": f"Proefbedrijf {language}",
        "enterprise_number": number,
        "street": "Proefstraat 1",
        "postcode": "9000",
        "city": "Gent",
        "first_name": "Noor",
        "last_name": "Lanterman",
        "email": email,
    }
    for name, typed in words.items():
        page.locator(f"#id_{name}").fill(typed)
    page.locator("#id_code_of_conduct").check()
    page.locator("main form button[type=submit]").click()
    page.wait_for_load_state()
    assert "/l/" in page.url
    assert "+++" in page.locator("main").inner_text()
    assert_accessible(page)

    invoice = page.url
    page.locator("main form button[type=submit]").click()
    page.wait_for_load_state()
    page.locator("button[value=card]").click()
    page.wait_for_load_state()
    wait_for(page, invoice, ".notice-good")
    wait_for(page, f"/nl/demo/mail/?q={email}", "main a[href*='/demo/mail/'] >> nth=1")
