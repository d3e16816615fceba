"""A page that is kept shows at once what a sign-up, a cancellation or the clock changes."""

from datetime import timedelta
from unittest.mock import patch

import pytest
from django.test import Client
from django.utils import timezone
from wagtail.models import Site

from accounts.models import User
from events.operations.activities import cancel_activity
from events.operations.signups import cancel_signup, sign_up
from tests.factories.events import activity_of, announce, attendee

pytestmark = pytest.mark.usefixtures("kept_pages")


def test_full_free_and_cancelled_show_at_once(committed_site: Site) -> None:
    page = announce(committed_site.root_page.specific, capacity=1)
    activity, visitor = activity_of(page), Client()
    addresses = (page.url, page.get_parent().get_url(), page.get_translations().get().url)

    def shows(dutch: str, english: str) -> bool:
        answers = [visitor.get(address) for address in addresses]
        again = [visitor.get(address) for address in addresses]
        assert [answer["X-Cache"] for answer in again] == ["hit"] * 3
        words = (dutch, dutch, english)
        return all(
            f">{word}</span>" in answer.content.decode()
            for pair in (answers, again)
            for word, answer in zip(words, pair, strict=True)
        )

    assert shows("Nog 1 plaats", "1 place left")
    signup = sign_up(activity_id=activity.pk, attendee=attendee(), at=timezone.now())
    assert shows("Volzet", "Full")
    cancel_signup(signup=signup, at=timezone.now())
    assert shows("Nog 1 plaats", "1 place left")
    cancel_activity(activity=activity, by=User.objects.create_user("staff@demo.example"))
    assert shows("Geannuleerd", "Cancelled")


def test_a_kept_page_ends_at_the_moment_sign_up_closes(committed_site: Site) -> None:
    closes_at = timezone.now() + timedelta(seconds=30)
    page = announce(committed_site.root_page.specific, signup_closes_at=closes_at, english=False)
    visitor = Client()
    for address in (page.url, page.get_parent().get_url()):
        assert "Inschrijven kan" in visitor.get(address).content.decode()
        assert visitor.get(address)["X-Cache"] == "hit"
        after = closes_at + timedelta(seconds=1)
        with (
            patch("cms.page_cache.middleware.time.time", return_value=after.timestamp()),
            patch("django.utils.timezone.now", return_value=after),
        ):
            answer = visitor.get(address)
        assert answer["X-Cache"] == "miss"
        assert "Inschrijvingen afgesloten" in answer.content.decode()
