"""A page that is kept shows a call's state by the clock: nothing but time passes between two answers."""

from datetime import datetime, timedelta
from unittest.mock import patch

import pytest
from django.test import Client
from django.utils import timezone
from wagtail.models import Locale, Site

from matchmaking.models import CallIndexPage, CallPage

pytestmark = pytest.mark.usefixtures("kept_pages")

SECOND = timedelta(seconds=1)


def publish_call(site: Site, **moments: datetime) -> tuple[str, str, str, str]:
    """Publish a call in both languages; the addresses of its pages and of the lists, Dutch first."""
    english = Locale.objects.get(language_code="en")
    index = site.root_page.add_child(instance=CallIndexPage(title="Oproepen", slug="oproepen"))
    page = CallPage(title="Slimme wijken", slug="slimme-wijken", kind="flemish", **moments)
    page.funder_nl = page.funder_en = "VLAIO"
    index.add_child(instance=page)
    page.save_revision().publish()
    translations = []
    for each in (index, page):
        translation = each.copy_for_translation(english)
        translation.save_revision().publish()
        translations.append(translation)
    return page.url, index.url, *(each.url for each in reversed(translations))


def test_a_kept_call_closes_at_its_deadline_in_both_languages(committed_site: Site) -> None:
    closes_at = timezone.now() + timedelta(seconds=40)
    addresses = publish_call(committed_site, closes_at=closes_at)
    visitor = Client()

    def answers(at: datetime) -> list[tuple[str, str]]:
        """Whether each page came from the cache, and the state in it, as at a moment."""
        with (
            patch("cms.page_cache.middleware.time.time", return_value=at.timestamp()),
            patch("django.utils.timezone.now", return_value=at),
        ):
            found = [visitor.get(address) for address in addresses]
        return [
            (answer["X-Cache"], answer.text.split('<span class="state ')[1].split("</span>")[0])
            for answer in found
        ]

    def all_are(cache: str, dutch: str, english: str, shape: str) -> list[tuple[str, str]]:
        return [(cache, f'state-{shape}">{word}') for word in (dutch, dutch, english, english)]

    now = timezone.now()
    assert answers(now) == all_are("miss", "Sluit binnenkort", "Closes soon", "last")
    assert answers(closes_at - SECOND) == all_are("hit", "Sluit binnenkort", "Closes soon", "last")
    assert answers(closes_at) == all_are("miss", "Gesloten", "Closed", "closed")
    assert answers(closes_at + SECOND) == all_are("hit", "Gesloten", "Closed", "closed")
