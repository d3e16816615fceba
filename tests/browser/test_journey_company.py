"""Journey 2: a company sees its price, joins, pays online or by transfer, and enters the member zone."""

import re
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import (
    OpenWindow,
    assert_accessible,
    audit_once,
    find_in_mail,
    follow,
    in_every_window,
    log_in,
    wait_for,
)

pytestmark = pytest.mark.browser
SUBMIT = "main form button[type=submit]"
JOIN = {"nl": "/nl/lid-worden/", "en": "/en/membership/"}
PRICE = {"nl": "1.000,00 euro", "en": "€1,000.00"}
ZONE = {"nl": "/nl/ledenzone/", "en": "/en/member-zone/"}
WELCOME = {"nl": "Ledenzone", "en": "Member zone"}
COMMUNICATION = re.compile(r"\+\+\+\d{3}/\d{4}/\d{5}\+\+\+")
CODE = re.compile(r'class="code"[^>]*>\s*(?:<[^>]*>)?([\w-]+)\s*<')


def enterprise_number(first: int) -> str:
    """Complete the first digits with the check digits that make it a number of an enterprise."""
    return f"0{first}{97 - first % 97:02}"


def join(page: Page, *, language: str, name: str, first: int, email: str) -> str:
    """Choose a membership, see its price, fill in the form, and return the communication to pay with."""
    page.goto(JOIN[language])
    assert_accessible(page)
    follow(page, page.locator("#prices a.button"))
    page.locator("input[name=tier][value=connect]").check()
    page.locator("input[name=kind][value=company]").check()
    page.locator("#id_employees").fill("25")
    follow(page, page.locator(SUBMIT))
    expect(page.locator("main")).to_contain_text(PRICE[language])
    assert_accessible(page)

    follow(page, page.locator(SUBMIT))
    assert page.locator(".error-summary a").count() > 5
    assert_accessible(page)
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
    communication = COMMUNICATION.search(page.locator("main").inner_text())
    assert communication
    assert_accessible(page)
    return communication[0]


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


def pay_online(page: Page) -> None:
    """Pay the invoice at the demo's Stripe, which tells of it by its webhook."""
    follow(page, page.locator(SUBMIT))
    follow(page, page.locator("button[value=card]"))


def record_transfer(desk: Page, *, communication: str, name: str) -> None:
    """Find the invoice by its communication, as on an account statement, and record the payment."""
    found = f"/admin/billing/invoices/?q={quote(communication)}"
    log_in(desk, "penningmeester@demo.example", then=quote(found))
    audit_once(desk)
    follow(desk, desk.locator("main tbody").get_by_role("link"))
    expect(desk.locator("main")).to_contain_text(name)
    follow(desk, desk.locator("main").get_by_role("link", name="Betaling registreren"))
    expect(desk.locator("main")).to_contain_text("1.210,00")
    follow(desk, desk.get_by_role("button", name="Betaling registreren"))
    expect(desk.locator("main dl")).to_contain_text("betaald")
    assert_accessible(desk)


@in_every_window
def test_a_company_joins_pays_and_enters_the_member_zone(
    window: OpenWindow, language: str, width: int, scheme: str
) -> None:
    """In the light one pays online; in the dark by transfer, and the treasurer records it."""
    page = window(width=width, scheme=scheme)
    who = f"{language}-{width}-{scheme}"
    name, email = f"Proefbedrijf {who}", f"bedrijf-{who}@demo.example"
    first = 9980010 + ["nl", "en"].index(language) * 4 + [1280, 320].index(width) * 2 + (scheme == "dark")
    communication = join(page, language=language, name=name, first=first, email=email)
    invoice = page.url.partition("?")[0]  # without the thanks for the request
    if scheme == "light":
        pay_online(page)
    else:
        record_transfer(window(width=width, scheme=scheme), communication=communication, name=name)
    wait_for(page, invoice, ".notice-good")
    assert_accessible(page)
    enter(page, language=language, email=email)
