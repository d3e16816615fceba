"""Journey 4: a member reads what the tier opens; nobody else learns that it is there."""

import pytest

from tests.browser.pages import OpenWindow, assert_accessible, in_every_window, log_in

pytestmark = pytest.mark.browser
LIBRARY = {"nl": "/nl/ledenzone/bibliotheek/", "en": "/en/member-zone/library/"}


@in_every_window
def test_a_member_logs_in_from_the_404_page_and_downloads(
    window: OpenWindow, language: str, width: int, scheme: str
) -> None:
    page = window(width=width, scheme=scheme)
    closed = page.goto(LIBRARY[language])
    assert closed is not None
    assert closed.status == 404
    assert_accessible(page)
    page.locator("main a[href*='next=']").first.click()
    page.wait_for_load_state()
    log_in(page, "connect@demo.example", language=language, then=LIBRARY[language])
    assert page.url.endswith(LIBRARY[language])
    assert_accessible(page)
    links = page.locator(".download a")
    address = links.first.get_attribute("href")
    assert address
    assert page.request.get(address).body().startswith(b"%PDF")
    assert window().request.get(address).status == 404
    lapsed = window()
    log_in(lapsed, "gewezenlid@demo.example", language=language)
    assert lapsed.request.get(address).status == 404
