"""Where a browser test pays: the stand-in for Stripe, by its page and by Stripe's own API.

Nothing here knows how the stand-in works inside, so that another one may stand there.
"""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

import stripe
from playwright.sync_api import Page

FOREIGN = "STRIPE_API_BASE"
"""Names a stand-in for Stripe that runs already, with its two keys beside it and the demo's PORT."""
GOOD_CARD = "4242 4242 4242 4242"
REFUSED_CARD = "4000 0000 0000 0002"
PAYS = re.compile("^(pay|betaal|betalen)", re.IGNORECASE)
GOES_BACK = re.compile("(back|terug)", re.IGNORECASE)
SESSION = re.compile(r"cs_test_\w+")


class Till:
    """One account at the stand-in."""

    def __init__(self, settings: Mapping[str, str]) -> None:
        base = settings["STRIPE_API_BASE"].rstrip("/")
        self.api = stripe.StripeClient(settings["STRIPE_SECRET_KEY"], base_addresses={"api": base}).v1
        parts = urlsplit(base)
        self.addresses = tuple(
            f"{parts.scheme}://{host}:{parts.port}/" for host in ("127.0.0.1", "localhost")
        )
        """What its page may be called: this machine has two names."""

    def pay(self, page: Page, *, card: str = GOOD_CARD, means: str = "card") -> None:
        """Pay on its page: by a card, or by another means."""
        if (choice := page.locator(f"input[type=radio][value={means}]")).count():
            choice.check()
        for name, typed in (("cardNumber", card), ("cardExpiry", "12 / 31"), ("cardCvc", "123")):
            if means == "card" and (box := page.locator(f"#{name}")).count():
                box.fill(typed)
        page.get_by_role("button", name=PAYS).first.click()
        page.wait_for_load_state()

    def pay_if_possible(self, page: Page) -> None:
        """Press the button that the page still shows; whether that does something, `charged` says."""
        if page.get_by_role("button", name=PAYS).count():
            self.pay(page)

    def go_back(self, page: Page) -> None:
        """Leave its page without paying."""
        page.get_by_role("link", name=GOES_BACK).first.click()
        page.wait_for_load_state()

    def session_of(self, page: Page) -> str:
        """Return the number of the session on whose page somebody is."""
        found = SESSION.search(page.url)
        assert found, page.url
        return found[0]

    def charged(self, session_id: str) -> list[int]:
        """Return what was taken of the customer of a session, in cents, one by one."""
        customer = self.api.checkout.sessions.retrieve(session_id).customer
        assert isinstance(customer, str)
        intents = self.api.payment_intents.list({"customer": customer, "limit": 100}).data
        return [intent.amount for intent in intents if intent.status == "succeeded"]

    def let_expire(self, session_id: str) -> None:
        """Close the session, as its time does: Stripe tells the platform."""
        self.api.checkout.sessions.expire(session_id)
