"""What every browser test may do with a page: audit it, log in on it."""

from collections.abc import Callable

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

PASSWORD = "demo-slimme-stad"
OpenWindow = Callable[..., Page]
faults: list[str] = []
"""What the pages of the running test did that no page may do."""


def assert_accessible(page: Page) -> None:
    """Fail on any violation that axe finds on the page as it stands, and on sideways scrolling."""
    violations = [
        f"{rule['id']}: {rule['help']} at {[node['target'] for node in rule['nodes']][:3]}"
        for rule in Axe().run(page).response["violations"]
    ]
    assert violations == [], page.url
    overflow = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert overflow <= 0, f"{page.url} is {overflow} pixels too wide"


def log_in(page: Page, email: str, *, language: str = "nl", then: str = "") -> None:
    """Log in through the form, as a person does."""
    page.goto(f"/{language}/account/login/" + (f"?next={then}" if then else ""))
    page.get_by_label("E-mail", exact=False).first.fill(email)
    page.locator('input[type="password"]').first.fill(PASSWORD)
    page.locator('form:has(input[type="password"]) button[type="submit"]').first.click()
    page.wait_for_load_state()
