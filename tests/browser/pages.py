"""What every browser test may do with a page: audit it, log in on it, wait for its mail."""

import re
import time
from collections.abc import Callable, Sequence
from itertools import product
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page

PASSWORD = "demo-slimme-stad"
OpenWindow = Callable[..., Page]
SECONDS_TO_WORK = 60
"""For the worker to do what a page asked."""
POLL = 0.3
faults: list[str] = []
"""What the pages of the running test did that no page may do."""
AXE_OPTIONS = {"resultTypes": ["violations"], "preload": False}
"""Not preloading: it would look for the sheets that a sheet imports beside the page, where they are not."""

MILLISECONDS_TO_FADE = 1000
"""What fades in has not its colours yet: a violation counts when it is still there after this time."""
SETTLED = """most => Promise.race([
  new Promise(done => setTimeout(done, most)),
  Promise.allSettled(document.getAnimations()
    .filter(each => each.effect.getComputedTiming().endTime < Infinity).map(each => each.finished)),
])"""
"""What moves now has come to rest, or so many milliseconds are over."""

in_every_window = pytest.mark.parametrize(
    ("language", "width", "scheme"),
    [
        pytest.param(*window, id="-".join(map(str, window)))
        for window in product(("nl", "en"), (1280, 320), ("light", "dark"))
    ],
)
"""Each language in a wide and a narrow window, light and dark: the one place that says so."""

in_every_pair = pytest.mark.parametrize(
    ("language", "width", "scheme"),
    [
        pytest.param(*window, id="-".join(map(str, window)))
        for window in (("nl", 1280, "light"), ("nl", 320, "dark"), ("en", 1280, "dark"), ("en", 320, "light"))
    ],
)
"""Each two of language, width and scheme together once: for what takes the same way a second time."""


def assert_accessible(page: Page, *, without: Sequence[str] = ()) -> None:
    """Fail on any violation that axe finds on the page as it stands, and on sideways scrolling.

    `without` are selectors of what is not ours to mend.
    """
    context = {"exclude": [[selector] for selector in without]} if without else None
    page.evaluate(SETTLED, MILLISECONDS_TO_FADE)
    violations = find_violations(page, context)
    if violations:
        page.wait_for_timeout(MILLISECONDS_TO_FADE)
        violations = find_violations(page, context)
    assert violations == [], f"{page.url}: {violations}"
    overflow = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert overflow <= 0, f"{page.url} is {overflow} pixels too wide"


def find_violations(page: Page, context: dict[str, list[list[str]]] | None) -> list[str]:
    """What axe finds, a line a rule."""
    found = Axe().run(page, context=context, options=AXE_OPTIONS).response["violations"]
    return [
        f"{rule['id']}: {rule['help']} at {[node['target'] for node in rule['nodes']][:3]}" for rule in found
    ]


BEYOND = """() => {
  const out = each => each.getBoundingClientRect().right > innerWidth + 1;
  const above = (each, how) => {
    for (let box = each.parentElement; box && box !== document.body; box = box.parentElement)
      if (how(getComputedStyle(box))) return true;
    return false;
  };
  const scrolls = style => ["auto", "scroll"].includes(style.overflowX);
  const hidden = ".w-sr-only, svg *, .form-side, .w-minimap, .w-dialog, [data-tippy-root]";
  const seen = each => each.getClientRects().length && each.checkVisibility({ checkOpacity: true })
    && !each.closest(hidden) && !above(each, style => style.clip !== "auto");
  const beyond = [...document.querySelectorAll("main *")].filter(
    each => out(each) && !out(each.parentElement) && seen(each) && !above(each, scrolls));
  const cut = [...document.querySelectorAll("main :is(h1, h2, h3, .w-breadcrumbs li)")].filter(
    each => each.scrollWidth > each.clientWidth + 1 && getComputedStyle(each).overflowX !== "visible"
      && !each.hidden && seen(each));
  return [...beyond, ...cut].map(
    each => `${each.tagName}.${each.className}: ${each.textContent.trim().slice(0, 40)}`);
}"""
"""What begins within the window, ends past its right edge and stands in nothing that scrolls; cut headings.

The back office hides what overflows, so the page itself never seems too wide.
"""


def find_beyond(page: Page) -> list[str]:
    """What nobody can read or press, as it lies beyond the window."""
    found: list[str] = page.evaluate(BEYOND)
    return found


scriptless: set[Page] = set()
"""Windows in which no script runs: axe would wait there for ever."""
audited: set[tuple[object, ...]] = set()
"""Kinds of address and of window in which `audit_once` has been."""


def audit_once(page: Page) -> None:
    """Audit a page that a test passes on its way, unless one of its kind was in such a window."""
    if page in scriptless:
        return
    window = page.locator("html").evaluate(  # waits for a document that is only just coming
        "html => [html.lang, innerWidth, matchMedia('(prefers-color-scheme: dark)').matches]"
    )
    kind = (re.sub(r"\d+|(?<=/l/)[\w-]+", "#", urlsplit(page.url).path), *window)
    if kind not in audited:
        audited.add(kind)
        assert_accessible(page)


def follow(page: Page, target: Locator) -> None:
    """Press what leads to a page, wait for that page and audit it."""
    target.click()
    page.wait_for_load_state()
    audit_once(page)


def log_in(page: Page, email: str, *, language: str = "nl", then: str = "") -> None:
    """Log in through the form, as a person does."""
    page.goto(f"/{language}/account/login/" + (f"?next={then}" if then else ""))
    audit_once(page)
    page.get_by_label("E-mail", exact=False).first.fill(email)
    page.locator('input[type="password"]').first.fill(PASSWORD)
    page.locator('form:has(input[type="password"]) button[type="submit"]').first.click()
    page.wait_for_load_state()


def wait_for(page: Page, address: str, selector: str) -> None:
    """Open an address until the worker has done what makes the selector appear."""
    deadline = time.monotonic() + SECONDS_TO_WORK
    while time.monotonic() < deadline:
        page.goto(address)
        if page.locator(selector).count():
            return
        time.sleep(POLL)
    pytest.fail(f"{selector} never came on {address}")


def find_in_mail(page: Page, email: str, pattern: re.Pattern[str]) -> str:
    """Wait for a mail to somebody that holds the pattern, and return what its group matches."""
    deadline = time.monotonic() + SECONDS_TO_WORK
    while time.monotonic() < deadline:
        page.goto(f"/nl/demo/mail/?q={email}")
        for mail in page.locator("main a[href*='/demo/mail/']").all():
            link = mail.get_attribute("href") or ""
            if re.fullmatch(r"/nl/demo/mail/\d+/", link):
                html = page.request.get(f"{link}html/").text()
                if found := pattern.search(html):
                    return found[1]
        time.sleep(POLL)
    pytest.fail(f"no mail to {email} held {pattern.pattern}")
