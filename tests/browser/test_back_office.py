"""axe on what stands in the menu of the back office, narrow and dark, and on some of its forms."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import OpenWindow, assert_accessible, log_in

pytestmark = pytest.mark.browser
ADDRESS = re.compile(r'"(/admin/[\w/-]*/)"')
WAGTAILS_OWN = (
    "h2[role=alert]",
    ".filter-title",
    ".workflow-tasks",
    ".workflow-tasks__name",
    "td > h2:empty",
)
"""The results of its search and its list of workflows: roles and levels of headings. Its report of workflows:
a heading without the name that it is for."""
NOT_PAGES = ("/logout/",)
FORMS = (
    "/admin/memberships/prices/new/",
    "/admin/bestaat-niet/",
)


def addresses_in_menu(page: Page) -> list[str]:
    """Every address that the menu leads to, those of submenus too."""
    menu = page.locator("#wagtail-sidebar-props").text_content() or ""
    return [each for each in dict.fromkeys(ADDRESS.findall(menu)) if not each.endswith(NOT_PAGES)]


def test_all_that_the_menu_leads_to_holds_to_wcag(window: OpenWindow) -> None:
    page = window(width=320, scheme="dark")
    log_in(page, "beheer@demo.example", then="/admin/")
    expect(page.locator("html")).to_have_attribute("lang", "nl")
    addresses = addresses_in_menu(page)
    assert len(addresses) > 30
    for address in [*addresses, *FORMS]:
        page.goto(address)
        assert_accessible(page, without=WAGTAILS_OWN)
