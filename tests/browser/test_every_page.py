"""axe on every kind of page, once; the narrow and the dark window on those that matter most."""

import pytest
from playwright.sync_api import Page

from tests.browser.pages import OpenWindow, assert_accessible, log_in

pytestmark = pytest.mark.browser

PUBLIC = [
    "/nl/",
    "/nl/over-ons/",
    "/nl/nieuws/",
    "/nl/nieuws/?domain=smart-mobility&domain=smart-people",
    "/nl/agenda/",
    "/nl/agenda/?state=open&period=past",
    "/nl/oproepen/",
    "/nl/cases/",
    "/nl/cases/mobicon-hasselt/",
    "/nl/lid-worden/",
    "/nl/leden/",
    "/nl/leden/?q=bestaatniet",
    "/nl/contact/",
    "/nl/nieuwsbrief/",
    "/nl/nieuwsbrief-aanvragen/bekijk-uw-mail/",
    "/nl/word-lid/",
    "/nl/word-lid/?tier=connect&kind=company&employees=25",
    "/nl/word-lid/?tier=connect&kind=company&employees=-1",
    "/nl/zoeken/?q=mobiliteit",
    "/nl/zoeken/?q=qqqqqq",
    "/nl/account/login/",
    "/nl/account/password/reset/",
    "/nl/bestaat-niet/",
    "/styleguide/",
    "/demo/mail/",
]
MEMBERS = ["/nl/ledenzone/", "/nl/ledenzone/bibliotheek/", "/nl/account/"]
NARROW = ["/en/", "/en/events/", "/en/calls/", "/en/membership/", "/en/contact/", "/en/search/?q=city"]


def first_links(page: Page, prefix: str, selector: str) -> list[str]:
    """The first page of each list, so that every page type is met."""
    page.goto(prefix)
    address = page.locator(selector).first.get_attribute("href")
    assert address
    return [address]


def test_public_pages_hold_to_wcag(window: OpenWindow) -> None:
    page = window()
    more = [
        *first_links(page, "/nl/agenda/", ".rows h2 a"),
        *first_links(page, "/nl/oproepen/", ".rows h2 a"),
        *first_links(page, "/nl/nieuws/", ".rows h2 a"),
    ]
    for address in [*PUBLIC, *more]:
        page.goto(address)
        assert_accessible(page)


def test_narrow_and_dark_pages_hold_to_wcag(window: OpenWindow) -> None:
    page = window(width=320, scheme="dark")
    for address in NARROW:
        page.goto(address)
        assert_accessible(page)


def test_the_member_zone_holds_to_wcag(window: OpenWindow) -> None:
    page = window()
    log_in(page, "cultivate@demo.example")
    for address in MEMBERS:
        page.goto(address)
        assert_accessible(page)
