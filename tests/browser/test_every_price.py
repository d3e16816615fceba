"""Each of the sixteen prices, bought through the form: what the choice says is what the invoice asks."""

from decimal import Decimal

import pytest

from tests.browser.pages import OpenWindow, follow
from tests.browser.test_journey_company import SUBMIT, enterprise_number

pytestmark = pytest.mark.browser
TIERS = ("inform", "connect", "cultivate", "stuurgroep")
FEES = {
    9: (135, 500, 1000, 2500),
    10: (135, 1000, 3000, 15000),
    249: (135, 1500, 5000, 15000),
    250: (135, 3000, 10000, 15000),
}
"""EUR a year without VAT, by a number of employees at the edge of its band, as the plan has them."""
FIRST = 9_980_200


def in_dutch(amount: Decimal) -> str:
    """Return 1.250,00 euro for 1250."""
    return f"{amount:,.2f} euro".translate(str.maketrans(",.", ".,"))


def test_each_price_is_what_the_invoice_asks(window: OpenWindow) -> None:
    page, wrong = window(), []
    rows = [(employees, *pair) for employees, fees in FEES.items() for pair in zip(TIERS, fees, strict=True)]
    for number, (employees, tier, fee) in enumerate(rows):
        page.goto(f"/nl/word-lid/?tier={tier}&kind=company&employees={employees}")
        chosen = page.locator("main").inner_text().replace("\N{NO-BREAK SPACE}", " ")
        words = {
            "name": f"Prijsproef {number}",
            "enterprise_number": enterprise_number(FIRST + number),
            "street": "Proefstraat 1",
            "postcode": "9000",
            "city": "Gent",
            "first_name": "Noor",
            "last_name": "Lanterman",
            "email": f"prijs-{number}@demo.example",
        }
        for field, typed in words.items():
            page.locator(f"#id_{field}").fill(typed)
        page.locator("#id_code_of_conduct").check()
        follow(page, page.locator(SUBMIT))
        invoice = page.locator("main").inner_text().replace("\N{NO-BREAK SPACE}", " ")
        net = Decimal(fee)
        asked = (in_dutch(net) in chosen, in_dutch(net) in invoice, in_dutch(net * 121 / 100) in invoice)
        if not all(asked):
            wrong.append((tier, employees, asked))
    assert len(rows) == 16
    assert wrong == []
