"""Journey 2: a company sees its price, joins, pays online or by transfer, and enters the member zone."""

import re
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.browser.joining import SUBMIT, address_of, begin, choose, enter, fill_in
from tests.browser.pages import (
    OpenWindow,
    assert_accessible,
    audit_once,
    follow,
    in_every_window,
    log_in,
    wait_for,
)
from tests.browser.till import Till

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("from_elsewhere")]
PRICE = {"nl": "1.000,00 euro", "en": "€1,000.00"}
ORGANISATION = {"nl": "/nl/mijn-organisatie/", "en": "/en/my-organisation/"}
RUNS_UNTIL, PAID = {"nl": "Loopt tot en met", "en": "Runs until"}, {"nl": "Betaald", "en": "Paid"}
COMMUNICATION = re.compile(r"\+\+\+\d{3}/\d{4}/\d{5}\+\+\+")


def join(page: Page, *, language: str, name: str, first: int, email: str) -> str:
    """Choose a membership, see its price, fill in the form, and return the communication to pay with."""
    begin(page, language=language)
    choose(page)
    expect(page.locator("main")).to_contain_text(PRICE[language])
    assert_accessible(page)

    follow(page, page.locator(SUBMIT))
    assert page.locator(".error-summary a").count() > 5
    assert_accessible(page)
    fill_in(page, name=name, first=first, email=email)
    communication = COMMUNICATION.search(page.locator("main").inner_text())
    assert communication
    assert_accessible(page)
    return communication[0]


def pay_online(page: Page, till: Till) -> str:
    """Pay the invoice on the page of Stripe's stand-in, which tells the platform; return the session."""
    page.locator(SUBMIT).click()
    page.wait_for_url(re.compile("cs_test_"))
    session = till.session_of(page)
    till.pay(page)
    page.wait_for_url(re.compile("paid=1"))
    audit_once(page)
    return session


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
    window: OpenWindow, till: Till, language: str, width: int, scheme: str
) -> None:
    """In the light one pays online; in the dark by transfer, and the treasurer records it."""
    page = window(width=width, scheme=scheme, till=till)
    who = f"{language}-{width}-{scheme}"
    name, email = f"Proefbedrijf {who}", f"bedrijf-{who}@demo.example"
    first = 9980010 + ["nl", "en"].index(language) * 4 + [1280, 320].index(width) * 2 + (scheme == "dark")
    communication = join(page, language=language, name=name, first=first, email=email)
    invoice, session = address_of(page), ""
    if scheme == "light":
        session = pay_online(page, till)
    else:
        record_transfer(window(width=width, scheme=scheme), communication=communication, name=name)
    wait_for(page, invoice, ".notice-good")
    assert_accessible(page)
    enter(page, language=language, email=email)
    page.goto(ORGANISATION[language])
    for words in (name, RUNS_UNTIL[language], PAID[language]):
        expect(page.locator("main")).to_contain_text(words)
    if session:
        assert till.charged(session) == [121_000]
