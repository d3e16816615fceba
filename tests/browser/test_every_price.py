"""Each of the sixteen prices, bought through the form and paid: what the choice says is what is charged."""

import re
from decimal import Decimal
from itertools import product

import pytest
from playwright.sync_api import Page

from tests.browser.joining import STEP_1, SUBMIT, address_of, choose, fill_in
from tests.browser.pages import OpenWindow, wait_for
from tests.browser.till import Till

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("from_elsewhere")]
TIERS = ("inform", "connect", "cultivate", "stuurgroep")
FEES = {
    9: (135, 500, 1000, 2500),
    10: (135, 1000, 3000, 15000),
    249: (135, 1500, 5000, 15000),
    250: (135, 3000, 10000, 15000),
}
"""EUR a year without VAT, by a number of employees at the edge of its band, as the plan has them."""
FIRST = 9_980_200


def in_words(amount: Decimal, language: str) -> str:
    """Return 1.250,00 euro, or €1,250.00, for 1250."""
    english = f"{amount:,.2f}"
    return f"€{english}" if language == "en" else f"{english.translate(str.maketrans(',.', '.,'))} euro"


@pytest.mark.parametrize("language", ["nl", "en"])
def test_each_price_is_what_is_charged_and_what_the_invoice_says(
    window: OpenWindow, till: Till, language: str
) -> None:
    """Half of them in each language: of each tier two sizes, of each size two tiers."""
    page, rows = window(till=till), []
    for number, (employees, tier) in enumerate(product(FEES, TIERS)):
        place = TIERS.index(tier)
        if (number // len(TIERS) + place) % 2 != (language == "en"):
            continue
        net = Decimal(FEES[employees][place])
        page.goto(STEP_1[language])
        choose(page, tier=tier, employees=employees)
        assert in_words(net, language) in text_of(page), (tier, employees)
        fill_in(page, name=f"Prijsproef {number}", first=FIRST + number, email=f"prijs-{number}@demo.example")
        address = address_of(page)
        page.locator(SUBMIT).click()
        page.wait_for_url(re.compile("cs_test_"))
        session = till.session_of(page)
        till.pay(page)
        page.wait_for_url(re.compile("paid=1"))
        rows.append((tier, employees, net, address, session))
    wrong: list[tuple[object, ...]] = []
    for tier, employees, net, address, session in rows:
        gross = net * 121 / 100
        wait_for(page, address, ".notice-good")
        said, charged = text_of(page), till.charged(session)
        if in_words(net, language) not in said or in_words(gross, language) not in said:
            wrong.append((tier, employees, said))
        if charged != [int(gross * 100)]:
            wrong.append((tier, employees, charged))
    assert len(rows) == 8
    assert wrong == []


def text_of(page: Page) -> str:
    """What the page says, its spaces all of one kind."""
    return page.locator("main").inner_text().replace("\N{NO-BREAK SPACE}", " ")
