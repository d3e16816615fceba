"""Whatever stands in the address of a list of the back office: searched for, filtered by, or not there."""

from collections.abc import Iterator
from contextlib import suppress
from html.parser import HTMLParser

import pytest
from django.test import Client
from django.urls import NoReverseMatch, reverse

from accounts.models import User
from home.models import HomePage
from tests.journeys.admin_addresses import menu_addresses
from tests.journeys.test_deeds import log_in
from tests.journeys.things import things_of

pytestmark = pytest.mark.django_db
CHOOSERS = (
    "wagtailadmin_choose_page_search",
    "wagtaildocs_chooser:choose_results",
    "wagtailimages_chooser:choose_results",
    "wagtailadmin_pages:search",
)
WORDS = ('"', "a\"b 'c %s", "a\0b")
NUMBER = "9" * 40


class Fields(HTMLParser):
    """The names of what a page searches and filters by."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.is_asking = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what a form that asks has to type or choose."""
        words = dict(attrs)
        if tag == "form":
            self.is_asking = (words.get("method") or "get").lower() == "get"
        elif tag in ("input", "select") and (self.is_asking or words.get("form")) and words.get("name"):
            self.names.add(str(words["name"]))


def addresses(client: Client, home: HomePage) -> Iterator[str]:
    """What the menu leads to, the list of pages under a page, and what one chooses from."""
    yield reverse("wagtailadmin_explore", args=[home.pk])
    for name in sorted({*menu_addresses(client), *CHOOSERS}):
        with suppress(NoReverseMatch):  # the settings, which are no lists
            yield reverse(name)


def test_no_list_breaks_over_what_is_searched_or_filtered(home: HomePage) -> None:
    things_of(home)
    client: Client = log_in(User.objects.create_superuser("boss@demo.example"))
    broken, asked = [], 0
    for url in addresses(client, home):
        page = client.get(url)
        names = Fields(page.content.decode()).names if page.status_code == 200 else set()
        for name in {"q", *names}:
            for value in WORDS if name == "q" else (NUMBER,):
                asked += 1
                if client.get(url, {name: value}).status_code >= 500:
                    broken.append(f"{url}?{name}={value[:20]!r}")
    assert not broken, "\n".join(broken)
    assert asked > 200
