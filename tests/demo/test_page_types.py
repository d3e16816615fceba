"""Every page type, found from the models, with the demo's content: valid, bounded, in both languages."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.models import Page, get_page_models

from accounts.models import User
from billing.models import Invoice
from cms.emails import render_email
from cms.models import SitePage
from events.models import Signup
from tests.html import problems_of

pytestmark = pytest.mark.django_db
MAILS = settings.BASE_DIR / "templates" / "emails"
PAGE_TYPES = [each for each in get_page_models() if issubclass(each, SitePage)]
PAGE_BUDGET, LIST_BUDGET = 10, 12
STRANGE_QUERIES = (
    "page=0&domain=%00&q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
    "page=99999999999999999999&period=none&q=%00&layer=%F0%9F%99%82",
    f"q={'x' * 5_000}&kind=none&domain=none&state=%FF&page=-1",
)


@pytest.fixture(scope="module", autouse=True)
def demo(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The demo, loaded once for this module and rolled back after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_demo", verbosity=0)
        yield
        transaction.set_rollback(True)


def pages_of(page_type: type[SitePage], language: str) -> list[SitePage]:
    """Up to two live pages of the type."""
    return list(page_type.objects.live().filter(locale__language_code=language).order_by("pk")[:2])


def is_private(page: Page) -> bool:
    return bool(page.get_view_restrictions().exists())


def test_there_are_page_types_to_look_at() -> None:
    assert len(PAGE_TYPES) > 12


@pytest.mark.usefixtures("memory")
@pytest.mark.parametrize("page_type", PAGE_TYPES, ids=lambda each: each.__name__)
def test_a_page_of_each_type_is_valid_and_within_its_budget(page_type: type[SitePage]) -> None:
    dutch, english = pages_of(page_type, "nl"), pages_of(page_type, "en")
    assert dutch, "the demo shows each page type"
    assert english, "in both languages"
    for page in (*dutch, *english):
        client = Client()
        if is_private(page):
            client.force_login(User.objects.get(email="connect@demo.example"))
        address = page.get_url()
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(address)
        html = answer.content.decode()
        assert answer.status_code == 200, address
        assert problems_of(html) == [], address
        assert f'<html lang="{page.locale.language_code}"' in html
        budget = LIST_BUDGET if "filters" in (answer.context or {}) else PAGE_BUDGET
        budget += 4 if is_private(page) else 0  # session, person, groups and what the gate asks
        assert len(queries) <= budget, "\n".join(query["sql"][:150] for query in queries)
        for query in STRANGE_QUERIES:
            strange = client.get(f"{address}?{query}")
            assert strange.status_code == 200, (address, query[:80])
            assert problems_of(strange.content.decode()) == [], (address, query[:80])
            assert "<script>alert" not in strange.content.decode()


@pytest.mark.parametrize("language", ["nl", "en"])
def test_error_pages_are_valid(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*words: Any, **more: Any) -> None:
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr("cms.search.views.find", fail)
    breaks = "zoeken" if language == "nl" else "search"
    answers = [
        Client().get(f"/{language}/bestaat-niet/"),
        Client(enforce_csrf_checks=True).post(f"/{language}/account/login/"),
        Client(raise_request_exception=False).get(f"/{language}/{breaks}/"),
    ]
    assert [answer.status_code for answer in answers] == [404, 403, 500]
    for answer in answers:
        assert problems_of(answer.content.decode()) == []


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_mail_is_valid_html_whatever_people_are_called(language: str) -> None:
    """A mail carries its style inside, for there is nowhere else; all else is as on a page."""
    messages = [path.parent.relative_to(MAILS) for path in MAILS.glob("*/*/body.txt")]
    assert len(messages) > 10
    signup = Signup.objects.select_related("activity").first()
    assert signup is not None
    signup.first_name = '<script>alert(1)</script> & "Zoë"'
    context = {
        "signup": signup,
        "activity": signup.activity,
        "user": User(first_name=signup.first_name, email="noor@demo.example"),
        "invoice": Invoice.objects.first(),
        "url": "https://demo.example/?a=1&b=2",
        "name": signup.first_name,
        "answers": [(signup.first_name, signup.first_name)],
        "subject": signup.first_name,
        "change": signup.first_name,
        "reset_days": 3,
    }
    for message in messages:
        subject, _text, html = render_email(template=str(message), language=language, context=context)
        assert subject, message
        assert [each for each in problems_of(html) if each != "inline style in <style>"] == [], message
        assert f'<html lang="{language}"' in html
        assert "<script>alert" not in html, message
