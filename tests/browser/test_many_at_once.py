"""The treasurer ticks rows of a list, reads what will happen to them, confirms, and reads what was done."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import OpenWindow, assert_accessible, log_in

pytestmark = pytest.mark.browser
OPEN = "/admin/billing/invoices/?held=false&status=issued&status=overdue"
WAGTAILS_OWN = ("h2[role=alert]", ".filter-title")
"""Levels of headings in its lists."""


def number_of(page: Page, row: int) -> str:
    """The number of the invoice in a row."""
    return page.locator("td.title a").nth(row).inner_text().strip()


def open_list(page: Page, address: str) -> None:
    log_in(page, "penningmeester@demo.example", then=address)
    page.goto(address)
    expect(page.locator("html")).to_have_attribute("lang", "nl")


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (320, "dark")])
def test_two_rows_are_ticked_with_the_keys_and_done_at_once(
    window: OpenWindow, width: int, scheme: str
) -> None:
    page = window(width=width, scheme=scheme)
    open_list(page, OPEN)
    footer = page.locator("[data-bulk-action-footer]")
    expect(footer).to_be_hidden()
    numbers = [number_of(page, row) for row in range(2)]
    for row in range(2):
        box = page.locator("[data-bulk-action-checkbox]").nth(row)
        described = box.get_attribute("aria-describedby") or ""
        assert page.locator(f"#{described}").inner_text().strip() == numbers[row]
        box.focus()
        page.keyboard.press("Space")
    expect(footer).to_be_visible()
    assert_accessible(page, without=WAGTAILS_OWN)
    action = footer.get_by_role("link", name="Herinneringen opschorten")
    action.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/admin/bulk/billing/invoice/hold/"))
    main = page.locator("main")
    expect(main).to_contain_text("Voor 2 facturen vertrekt geen enkele herinnering")
    for number in numbers:
        expect(main).to_contain_text(number)
    assert_accessible(page)
    button = main.get_by_role("button", name="Herinneringen opschorten")
    button.click()
    expect(main.locator("[name=reason]")).to_have_attribute("aria-invalid", "true")
    assert_accessible(page)
    main.locator("[name=reason]").fill("belt volgende week terug")
    button.click()
    expect(page.locator(".messages")).to_contain_text("De herinneringen van 2 facturen zijn opgeschort.")
    assert page.url.endswith(OPEN), "back to the list as it was filtered"
    expect(page.locator("td.title a").first).not_to_have_text(numbers[0])


def test_all_that_a_search_leaves_are_chosen_over_the_pages(window: OpenWindow) -> None:
    page = window(width=1280, scheme="light")
    open_list(page, "/admin/billing/invoices/")
    whole = page.locator("[data-bulk-action-num-objects-in-listing]")
    page.locator("[data-bulk-action-select-all-checkbox]").first.check()
    whole.click()
    page.locator("[data-bulk-action-footer]").get_by_role("link", name="UBL-bestanden downloaden").click()
    page.wait_for_url(re.compile("/admin/bulk/billing/invoice/ubl/"))
    assert "id=all" in page.url
    count = page.locator("main details li").count()
    assert count > 50
    search = page.locator("#id_q")
    page.go_back()
    search.fill("2026-00001")
    expect(page.locator("td.title a")).to_have_count(1)  # the list is drawn anew
    page.locator("[data-bulk-action-checkbox]").first.check()
    page.locator("[data-bulk-action-footer]").get_by_role("link", name="Pdf’s downloaden").click()
    page.wait_for_url(re.compile("/admin/bulk/billing/invoice/pdf/"))
    expect(page.locator("main details li")).to_have_count(1)
    with page.expect_download() as download:
        page.locator("main").get_by_role("button", name="Pdf’s downloaden").click()
    assert download.value.suggested_filename.endswith(".zip")
