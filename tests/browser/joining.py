"""Joining in the browser: the steps of the form, in one place for all tests that take them."""

import re
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from tests.browser.pages import assert_accessible, audit_once, find_in_mail, follow

SUBMIT = "main form button[type=submit]"
JOIN = {"nl": "/nl/lid-worden/", "en": "/en/membership/"}
STEP_1 = {"nl": "/nl/word-lid/", "en": "/en/join/"}
ZONE = {"nl": "/nl/ledenzone/", "en": "/en/member-zone/"}
WELCOME = {"nl": "Ledenzone", "en": "Member zone"}
CODE = re.compile(r'class="code"[^>]*>\s*(?:<[^>]*>)?([\w-]+)\s*<')


def enterprise_number(first: int) -> str:
    """Complete the first digits with the check digits that make it a number of an enterprise."""
    return f"0{first}{97 - first % 97:02}"


def begin(page: Page, *, language: str) -> None:
    """Come from the page about membership to the first step."""
    page.goto(JOIN[language])
    audit_once(page)
    follow(page, page.locator("#prices a.button"))


def choose(page: Page, *, tier: str = "connect", employees: int = 25) -> None:
    """Choose a company's tier and size in the first step: the price is shown next."""
    page.locator(f"input[name=tier][value={tier}]").check()
    page.locator("input[name=kind][value=company]").check()
    page.locator("#id_employees").fill(str(employees))
    follow(page, page.locator(SUBMIT))


def fill_in(page: Page, *, name: str, first: int, email: str) -> None:
    """Fill in who joins, and send it: what there is to pay is shown next."""
    words = {
        "name": name,
        "enterprise_number": enterprise_number(first),
        "street": "Proefstraat 1",
        "postcode": "9000",
        "city": "Gent",
        "first_name": "Noor",
        "last_name": "Lanterman",
        "email": email,
    }
    for field, typed in words.items():
        page.locator(f"#id_{field}").fill(typed)
    page.locator("#id_code_of_conduct").check()
    follow(page, page.locator(SUBMIT))


def address_of(page: Page) -> str:
    """Return where the page with what there is to pay stands, without the thanks for the request."""
    return page.url.partition("?")[0]


def enter(page: Page, *, language: str, email: str) -> None:
    """Log in with the code that is mailed, and come into the member zone."""
    page.goto(f"/{language}/account/login/code/?next={ZONE[language]}")
    audit_once(page)
    page.locator("#id_email").fill(email)
    follow(page, page.locator(SUBMIT).first)
    code = find_in_mail(page.context.new_page(), email, CODE)
    page.locator("#id_code").fill(code)
    follow(page, page.locator(SUBMIT).first)
    page.wait_for_url(lambda address: urlsplit(address).path == ZONE[language])
    expect(page.locator("h1")).to_have_text(WELCOME[language])
    assert_accessible(page)
