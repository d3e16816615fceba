"""Forms of visitors: posted from this site only, without a token in the page."""

from typing import Any

import pytest
from django import forms
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template import Context, Template
from django.test import Client, RequestFactory
from django.urls import path
from django.utils.translation import override
from pytest_django import Settings

from accounts.models import User
from cms.protection import TRAP, HoneypotMixin, public_form
from cms.urls import urlpatterns as site_patterns

OWN = "http://testserver"


@public_form
def form_view(request: HttpRequest) -> HttpResponse:
    if request.GET.get("token"):
        return HttpResponse(get_token(request))
    return HttpResponse(f"{request.method} arrived")


urlpatterns = [path("try/", form_view), *site_patterns]


@pytest.fixture
def browser(settings: Settings, db: None) -> Client:
    """A client that is checked as a browser is."""
    settings.ROOT_URLCONF = __name__
    return Client(enforce_csrf_checks=True)


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": OWN, "sec-fetch-site": "same-origin"},
        {"origin": OWN},
        {"origin": "null", "sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "same-origin"},
        {"referer": f"{OWN}/nl/"},
        {"origin": OWN, "sec-fetch-site": "none"},
        {"origin": OWN, "cookie": "csrftoken=old; sessionid=gone"},
    ],
)
def test_a_visitors_post_from_this_site_arrives_without_a_token(
    browser: Client, headers: dict[str, str]
) -> None:
    assert browser.post("/try/", headers=headers).content == b"POST arrived"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "https://evil.example", "sec-fetch-site": "cross-site"},
        {"origin": "https://evil.example"},
        {"origin": OWN, "sec-fetch-site": "cross-site"},
        {"origin": OWN, "sec-fetch-site": "same-site"},
        {"origin": f"{OWN}.evil.example"},
        {"origin": f"{OWN}:81"},
        {"origin": "https://testserver"},
        {"origin": "null"},
        {"origin": "null", "referer": f"{OWN}/nl/"},
        {"origin": "http://[broken"},
        {"sec-fetch-site": "none"},
        {"referer": "https://evil.example/?http://testserver/"},
    ],
)
def test_a_post_from_elsewhere_gets_a_page_that_says_what_to_do(
    browser: Client, headers: dict[str, str]
) -> None:
    with override("en"):
        response = browser.post("/try/", headers={**headers, "accept-language": "en"})
    assert response.status_code == 403
    assert "This form was not sent" in response.text
    assert "no-store" in response["Cache-Control"]
    assert browser.get("/try/", headers=headers).content == b"GET arrived"


def test_one_who_is_logged_in_needs_the_token_besides(browser: Client) -> None:
    browser.force_login(User.objects.create_user("a@example.org"))
    headers = {"origin": OWN, "sec-fetch-site": "same-origin"}
    assert browser.post("/try/", headers=headers).status_code == 403
    token = browser.get("/try/?token=1").text
    assert browser.post("/try/", {"csrfmiddlewaretoken": token}, headers=headers).status_code == 200
    # A page behind a private link sends no referrer, and its forms no origin.
    hidden = {"origin": "null", "sec-fetch-site": "same-origin"}
    assert browser.post("/try/", {"csrfmiddlewaretoken": token}, headers=hidden).status_code == 200
    assert browser.post("/try/", headers=hidden).status_code == 403
    elsewhere = {"origin": "https://evil.example"}
    assert browser.post("/try/", {"csrfmiddlewaretoken": token}, headers=elsewhere).status_code == 403


def test_the_tag_prints_a_token_for_the_known_and_the_trap_for_all(rf: RequestFactory) -> None:
    def printed(user: Any) -> str:
        request = rf.get("/")
        request.user = user
        html = Template("{% load protection %}{% form_protection %}").render(Context({"request": request}))
        assert ("CSRF_COOKIE" in request.META) is user.is_authenticated
        return html

    assert "csrfmiddlewaretoken" in printed(User(email="a@example.org"))
    visitor = printed(AnonymousUser())
    assert "csrfmiddlewaretoken" not in visitor
    assert f'name="{TRAP}" value="" tabindex="-1" autocomplete="off"' in visitor
    assert 'aria-hidden="true"' in visitor


class TryForm(HoneypotMixin):
    name = forms.CharField()


def test_who_fills_the_trap_in_is_refused_and_a_person_is_not() -> None:
    assert TryForm({"name": "An"}).is_valid()
    assert TryForm({"name": "An", TRAP: ""}).is_valid()
    caught = TryForm({"name": "An", TRAP: "http://spam.example"})
    assert not caught.is_valid()
    assert caught.has_error("__all__", "honeypot")
