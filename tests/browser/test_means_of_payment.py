"""A member saves what it pays with, sees it, and stops it again; in each window, without JavaScript too."""

import re

import pytest

from tests.browser.pages import OpenWindow, assert_accessible, in_every_window, log_in

pytestmark = pytest.mark.browser
OWN = {"nl": "/nl/mijn-organisatie/", "en": "/en/my-organisation/"}
MEANS = {"nl": "betaalmiddel", "en": "means-of-payment"}


@in_every_window
def test_a_member_sees_the_saved_card_and_how_to_replace_or_stop_it(
    window: OpenWindow, language: str, width: int, scheme: str
) -> None:
    page = window(width=width, scheme=scheme)
    log_in(page, "connect@demo.example", language=language, then=OWN[language])
    page.goto(OWN[language])
    page.locator(f"main a[href$='/{MEANS[language]}/']").first.click()
    page.wait_for_load_state()
    assert page.locator("main h2").first.inner_text().endswith("4242")
    assert_accessible(page)
    for part in ({"nl": "bewaren", "en": "save"}, {"nl": "stopzetten", "en": "stop"}):
        page.locator(f"main a[href$='/{MEANS[language]}/{part[language]}/']").click()
        page.wait_for_load_state()
        assert page.locator("main form button[type=submit]").count() == 1
        assert_accessible(page)
        page.go_back()


def test_what_is_agreed_to_leads_to_stripes_page_and_the_box_is_never_ticked(window: OpenWindow) -> None:
    page = window(width=1280, scheme="light")
    log_in(page, "inform@demo.example", language="nl", then=OWN["nl"])
    page.goto(OWN["nl"])
    page.locator("main a[href$='/betaalmiddel/']").first.click()
    page.wait_for_load_state()
    page.locator("main a[href$='/bewaren/']").click()
    page.wait_for_load_state()
    page.locator("main form button[type=submit]").click()
    page.wait_for_load_state()
    assert re.search(r"/demo/stripe/pay/cs_test_", page.url)
    assert_accessible(page)
    page.locator("button[value=cancel]").click()
    page.wait_for_load_state()
    assert page.url.endswith("/betaalmiddel/")
