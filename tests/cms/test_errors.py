"""The pages for what went wrong: valid, in the language of the address, and never in need of the database."""

import re
from html import unescape

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.utils.translation import override

from accounts.models import User
from cms.views.errors import forbidden, server_error
from home.models import HomePage
from tests.html import problems_of


@pytest.mark.parametrize(
    ("address", "words"),
    [("/nl/weg/", "Deze pagina vinden we niet"), ("/en/gone/", "We cannot find this page")],
)
def test_a_missing_page_offers_to_search_and_to_log_in(
    client: Client, home: HomePage, address: str, words: str
) -> None:
    answer = client.get(address)
    html = answer.content.decode()
    assert answer.status_code == 404
    assert problems_of(html) == []
    assert words in html
    assert f"next={address.replace('/', '%2F')}" in html
    assert 'name="q"' in html
    assert 'content="noindex"' in html
    assert "canonical" not in html


def test_who_is_logged_in_may_come_back_to_a_missing_page_as_somebody_else(
    client: Client, home: HomePage
) -> None:
    client.force_login(User.objects.create_user("lid@demo.example"))
    html = client.get("/nl/weg/?a=1").content.decode()
    assert problems_of(html) == []
    found = re.search(r'href="(/nl/[^"]*)">Aanmelden met een andere account', html)
    assert found
    out = client.get(unescape(found[1]))
    goal = re.search(r'name="next" value="([^"]*)"', out.content.decode())
    assert goal
    left = client.post("/nl/account/logout/", {"next": unescape(goal[1])})
    assert left["Location"] == "/nl/account/login/?next=%2Fnl%2Fweg%2F%3Fa%3D1"
    assert "_auth_user_id" not in client.session


def test_what_a_person_may_not_do_is_said(rf: RequestFactory, home: HomePage) -> None:
    request = rf.get("/nl/iets/")
    request.user = AnonymousUser()
    with override("nl"):
        answer = forbidden(request)
    assert answer.status_code == 403
    assert problems_of(answer.content.decode()) == []
    assert "Dit mag niet" in answer.content.decode()


def test_the_last_resorts_need_no_database() -> None:
    answer = server_error(RequestFactory().get("/en/"))
    assert answer.status_code == 500
    for html in (answer.content.decode(), render_to_string("maintenance.html")):
        assert problems_of(html) == []
        assert 'lang="en"' in html
