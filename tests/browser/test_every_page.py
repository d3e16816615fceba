"""axe on every kind of page, once; the narrow and the dark window on those that matter most."""

import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

import pytest
from django.urls import NoReverseMatch, get_resolver, reverse
from django.utils import translation
from wagtail.models import get_page_models

from tests.browser.pages import OpenWindow, assert_accessible, audit_once, log_in
from tests.journeys.test_form_table import addresses

pytestmark = pytest.mark.browser

VIEWS = [
    "/nl/nieuws/?domain=smart-mobility&domain=smart-people",
    "/nl/agenda/?state=open&period=past",
    "/nl/leden/?q=bestaatniet",
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
"""What is no page of the tree; those come from the tree itself."""
NO_PAGES = ("feed", "sitemap", "robots", "health", "calendar", "picture", "download")
"""Parts of names of addresses that give a file, or nothing to look at."""
NARROW = ["/en/", "/en/events/", "/en/calls/", "/en/membership/", "/en/contact/", "/en/search/?q=city"]

PRINTED = ["/nl/", "/nl/agenda/", "/nl/contact/", "/nl/lid-worden/", "/nl/word-lid/?tier=connect&employees=5"]

PAGES = """
    SELECT type.app_label || '.' || type.model, MIN(page.url_path), EXISTS (
        SELECT 1 FROM wagtailcore_pageviewrestriction AS closed
        JOIN wagtailcore_page AS above ON above.id = closed.page_id
        WHERE page.path LIKE above.path || '%'
    ) AS is_closed
    FROM wagtailcore_page AS page
    JOIN wagtailcore_locale AS locale ON locale.id = page.locale_id
    JOIN django_content_type AS type ON type.id = page.content_type_id
    WHERE page.live AND page.depth > 1 AND locale.language_code = 'nl'
    GROUP BY type.id
"""
"""One page of each type, and whether visitors may not see it."""


@dataclass
class Examples:
    """The demo's pages, one of each type."""

    public: list[str]
    closed: list[str]


@pytest.fixture(scope="module")
def examples(demo_url: str, demo_folder: Path) -> Examples:
    """One page of each type that an editor can make; fails when the demo has none of a type."""
    with closing(sqlite3.connect(demo_folder / "db.sqlite3")) as database:
        rows = database.execute(PAGES).fetchall()
    creatable = {model._meta.label_lower for model in get_page_models() if model.is_creatable}
    assert creatable - {label for label, _path, _is_closed in rows} == set()
    address = {path: "/nl/" + path.split("/", 2)[2] for _label, path, _is_closed in rows}
    return Examples(
        public=[address[path] for _label, path, is_closed in rows if not is_closed],
        closed=[address[path] for _label, path, is_closed in rows if is_closed],
    )


def plain_addresses() -> list[str]:
    """The Dutch address of every page that needs no argument, out of the table of addresses itself."""
    found = []
    with translation.override("nl"):
        for name in sorted(set(addresses(get_resolver()))):
            if any(part in name for part in NO_PAGES):
                continue
            with suppress(NoReverseMatch):
                found.append(reverse(name))
    return found


def test_public_pages_hold_to_wcag(window: OpenWindow, examples: Examples) -> None:
    page = window()
    for address in examples.public:
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 200, address
        assert_accessible(page)
    for address in VIEWS:
        page.goto(address)
        assert_accessible(page)


def test_narrow_and_dark_pages_hold_to_wcag(window: OpenWindow) -> None:
    page = window(width=320, scheme="dark")
    for address in NARROW:
        page.goto(address)
        assert_accessible(page)


def test_paper_has_nothing_to_press(window: OpenWindow) -> None:
    page = window()
    page.emulate_media(media="print")
    buttons = "main :is(.button, .button-link, button, [type=submit])"
    fields = "main form:not(.form) :is(input, select, textarea)"
    pressed = page.locator(f"{buttons}, {fields}")
    for address in PRINTED:
        page.goto(address)
        assert pressed.count(), address
        shown = [each.text_content() for each in pressed.all() if each.is_visible()]
        assert shown == [], address
    page.goto("/nl/contact/")
    assert page.locator("main .form :is(input, textarea)").first.is_visible()


def test_the_member_zone_holds_to_wcag(window: OpenWindow, examples: Examples) -> None:
    page = window()
    log_in(page, "cultivate@demo.example")
    assert examples.closed != []
    for address in examples.closed:
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 200, address
        assert_accessible(page)


def test_what_a_main_contact_changes_holds_to_wcag(window: OpenWindow) -> None:
    page = window(width=320, scheme="dark")
    log_in(page, "connect@demo.example")
    page.goto("/nl/mijn-organisatie/")
    assert_accessible(page)
    links = page.locator("main a[href*='/mijn-organisatie/']")
    addresses = {link.get_attribute("href") or "" for link in links.all()}
    assert len(addresses) > 10
    for address in sorted(addresses):
        page.goto(address)
        assert_accessible(page)


@pytest.mark.parametrize("person", ["", "inform@demo.example"], ids=["visitor", "member"])
def test_every_page_without_an_argument_holds_to_wcag(window: OpenWindow, person: str) -> None:
    page = window()
    if person:
        log_in(page, person)
    names = plain_addresses()
    assert {"/nl/account/2fa/totp/activate/", "/nl/account/password/change/"} <= set(names)
    for address in names:
        answer = page.request.get(address)
        if answer.status != HTTPStatus.METHOD_NOT_ALLOWED and "text/html" in answer.headers["content-type"]:
            page.goto(address)
            audit_once(page)
