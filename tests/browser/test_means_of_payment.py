"""A member saves what it pays with, sees it, and stops it again; in each window, without JavaScript too."""

import re
from typing import Literal

import pytest
import stripe

from tests.browser.pages import OpenWindow, assert_accessible, in_every_window, log_in
from tests.browser.till import Till

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


def test_what_is_agreed_to_leads_to_stripes_page_and_the_box_is_never_ticked(
    window: OpenWindow, till: Till
) -> None:
    page = window(till=till)
    log_in(page, "inform@demo.example", language="nl", then=OWN["nl"])
    page.goto(OWN["nl"])
    page.locator("main a[href$='/betaalmiddel/']").first.click()
    page.wait_for_load_state()
    page.locator("main a[href$='/bewaren/']").click()
    page.wait_for_load_state()
    page.locator("main form button[type=submit]").click()
    page.wait_for_url(re.compile("cs_test_"))
    till.go_back(page)
    assert page.url.endswith("/betaalmiddel/")


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_page_to_pay_on_of_the_demo_itself_is_accessible(
    window: OpenWindow, demo_url: str, stripe_settings: dict[str, str], language: Literal["nl", "en"]
) -> None:
    account = stripe.StripeClient(
        stripe_settings["STRIPE_SECRET_KEY"], base_addresses={"api": f"{demo_url}/demo/stripe"}
    ).v1
    back = f"{demo_url}/{language}/"
    to_pay = account.checkout.sessions.create(
        {
            "mode": "payment",
            "line_items": [
                {
                    "price_data": {
                        "currency": "eur",
                        "unit_amount": 121_000,
                        "product_data": {"name": "Factuur 2026-00001"},
                    },
                    "quantity": 1,
                }
            ],
            "locale": language,
            "success_url": back,
            "cancel_url": back,
        }
    )
    to_save = account.checkout.sessions.create(
        {"mode": "setup", "currency": "eur", "locale": language, "success_url": back, "cancel_url": back}
    )
    page = window(width=320, scheme="dark")
    for session in (to_pay, to_save):
        page.goto(session.url or "")
        assert_accessible(page)
        page.locator("button[value=cancel]").click()
        page.wait_for_load_state()
        assert page.url == back
