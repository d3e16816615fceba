"""What goes wrong on the page to pay on: it is said, nothing is lost, and nothing is charged twice."""

import os
import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.joining import STEP_1, SUBMIT, address_of, choose, fill_in
from tests.browser.pages import OpenWindow, assert_accessible, wait_for
from tests.browser.till import FOREIGN, REFUSED_CARD, Till

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("from_elsewhere"),
    pytest.mark.skipif(FOREIGN in os.environ, reason="asks for the page of our own stand-in"),
]
FIRST = 9_980_300
GROSS = 60_500


def apply(page: Page, *, language: str, number: int) -> str:
    """Join as a small company; return where what there is to pay stands."""
    page.goto(STEP_1[language])
    choose(page, employees=5)
    fill_in(page, name=f"Kassaproef {number}", first=FIRST + number, email=f"kassa-{number}@demo.example")
    return address_of(page)


def go_and_pay(page: Page) -> None:
    """Press the button that leads to the page to pay on."""
    page.locator(SUBMIT).click()
    page.wait_for_url(re.compile("cs_test_"))


def test_a_refused_card_is_said_on_the_page_and_another_means_pays(window: OpenWindow, till: Till) -> None:
    page = window(till=till)
    invoice = apply(page, language="nl", number=0)
    go_and_pay(page)
    session = till.session_of(page)
    till.pay(page, card=REFUSED_CARD)
    expect(page.get_by_role("alert")).to_contain_text("geweigerd")
    assert (till.session_of(page), till.charged(session)) == (session, [])
    till.pay(page, means="bancontact")
    page.wait_for_url(re.compile("paid=1"))
    wait_for(page, invoice, ".notice-good")
    assert till.charged(session) == [GROSS]


def test_who_gives_up_or_comes_too_late_pays_after_all(window: OpenWindow, till: Till) -> None:
    page = window(till=till)
    invoice = apply(page, language="en", number=1)
    go_and_pay(page)
    session = till.session_of(page)
    till.go_back(page)
    expect(page.locator(".notice")).to_contain_text("We have not received a payment yet")
    assert_accessible(page)
    go_and_pay(page)
    assert till.session_of(page) == session, "it is still open"

    till.let_expire(session)
    till.pay(page)
    expect(page.get_by_role("alert")).to_contain_text("expired")
    till.go_back(page)
    wait_for(page, page.url, ".notice-mind:has-text('The payment page has expired')")
    assert_accessible(page)
    go_and_pay(page)
    other = till.session_of(page)
    assert other != session
    till.pay(page)
    page.wait_for_url(re.compile("paid=1"))
    wait_for(page, invoice, ".notice-good")
    assert till.charged(other) == [GROSS]


def test_who_pays_in_one_tab_is_not_charged_in_the_other(window: OpenWindow, till: Till) -> None:
    page = window(till=till)
    invoice = apply(page, language="nl", number=2)
    other, late = page.context.new_page(), page.context.new_page()
    for tab in (other, late):
        tab.goto(invoice)
    for tab in (page, other):
        go_and_pay(tab)
    session = till.session_of(page)
    till.pay(page)
    page.wait_for_url(re.compile("paid=1"))
    wait_for(page, invoice, ".notice-good")
    till.pay_if_possible(other)
    assert till.charged(session) == [GROSS]
    other.goto(invoice)
    expect(other.locator(".notice-good")).to_be_visible()
    late.locator(SUBMIT).click()  # it still shows the button
    late.wait_for_load_state()
    expect(late.locator(".notice-good")).to_be_visible()
    assert late.url.startswith(invoice)
    assert till.charged(session) == [GROSS]
