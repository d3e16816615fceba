"""What is kept of whole pages, for whom, and until when."""

import gzip
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone
from pytest_django import Settings
from wagtail.models import PageViewRestriction, Site

from accounts.models import User
from cms import page_cache
from cms.page_cache.middleware import PageCacheMiddleware, normalised, without_tracking
from cms.page_cache.store import Store, accepts_gzip, make_entry
from cms.stamp import get_stamp
from home.models import HomePage

WORDS = "Een stad leest beter dan een brochure. " * 40
View = Callable[[HttpRequest], HttpResponse]


class Edge:
    """The middleware around one view that counts how often it is asked."""

    def __init__(self, view: View) -> None:
        self.view, self.asked = view, 0
        self.middleware = PageCacheMiddleware(self.count)
        self.factory = RequestFactory()

    def count(self, request: HttpRequest) -> HttpResponse:
        self.asked += 1
        return self.view(request)

    def get(self, path: str = "/nl/", method: str = "GET", **meta: Any) -> HttpResponse:
        response = self.middleware(self.factory.generic(method, path, **meta))
        assert isinstance(response, HttpResponse)
        return response


@pytest.fixture(autouse=True)
def _on(settings: Settings) -> None:
    settings.PAGE_CACHE_BYTES = 1_000_000


def plain(request: HttpRequest) -> HttpResponse:
    return HttpResponse(WORDS)


def test_a_page_is_made_once_and_a_bump_makes_it_anew() -> None:
    edge = Edge(plain)
    assert [edge.get()["X-Cache"] for _ in range(3)] == ["miss", "hit", "hit"]
    assert edge.asked == 1
    get_stamp().bump()
    assert edge.get()["X-Cache"] == "miss"
    assert edge.get().content == WORDS.encode()


def test_a_change_committed_while_a_page_is_made_leaves_that_page_behind() -> None:
    def slow(request: HttpRequest) -> HttpResponse:
        get_stamp().bump()
        return HttpResponse(WORDS)

    edge = Edge(slow)
    assert [edge.get()["X-Cache"] for _ in range(2)] == ["miss", "miss"]


@pytest.mark.parametrize(
    "meta",
    [
        {"HTTP_COOKIE": "sessionid=abc"},
        {"HTTP_COOKIE": "csrftoken=abc; sessionid=abc"},
        {"HTTP_COOKIE": "messages=abc"},
        {"HTTP_AUTHORIZATION": "Basic abc"},
        {"method": "POST"},
        {"path": "/admin/"},
    ],
)
def test_one_who_may_be_known_is_never_answered_from_it(meta: dict[str, str]) -> None:
    edge = Edge(plain)
    edge.get()
    response = edge.get(**meta)
    assert response["X-Cache"] == "bypass"
    assert response["Cache-Control"] == "private, no-cache"
    assert edge.get(HTTP_COOKIE="theme=dark")["X-Cache"] == "hit"


def test_one_who_opened_a_form_before_gets_what_is_kept_and_leaves_nothing() -> None:
    edge = Edge(plain)
    form_cookie = {"HTTP_COOKIE": "a=b; csrftoken=abc"}
    assert [edge.get(**form_cookie)["X-Cache"] for _time in range(2)] == ["miss", "miss"]
    assert edge.get()["X-Cache"] == "miss"
    assert edge.get(**form_cookie)["X-Cache"] == "hit"


def _with_cookie(request: HttpRequest) -> HttpResponse:
    response = HttpResponse(WORDS)
    response.set_cookie("a", "b")
    return response


def _kept_out(request: HttpRequest) -> HttpResponse:
    page_cache.keep_out(request)
    return HttpResponse(WORDS)


@pytest.mark.parametrize(
    "view",
    [
        _with_cookie,
        _kept_out,
        lambda request: HttpResponse(WORDS, status=404),
        lambda request: HttpResponse(WORDS, headers={"Cache-Control": "private"}),
        lambda request: HttpResponse(WORDS, headers={"Cache-Control": "no-store"}),
        lambda request: HttpResponse(WORDS, headers={"Vary": "User-Agent"}),
        lambda request: HttpResponse(WORDS, headers={"Vary": "Accept-Language"}),
        lambda request: HttpResponse(WORDS, headers={"Vary": "*"}),
    ],
)
def test_what_is_not_the_same_for_everyone_is_not_kept(view: View) -> None:
    edge = Edge(view)
    assert [edge.get()["X-Cache"] for _ in range(2)] == ["miss", "miss"]


def test_host_scheme_language_and_path_are_kept_apart() -> None:
    edge = Edge(lambda request: HttpResponse(request.build_absolute_uri()))
    edge.get()
    for path, meta in (
        ("/en/", {}),
        ("/nl/", {"HTTP_HOST": "localhost"}),
        ("/nl/", {"wsgi.url_scheme": "https"}),
        ("/robots.txt", {"HTTP_ACCEPT_LANGUAGE": "nl"}),
        ("/robots.txt", {"HTTP_ACCEPT_LANGUAGE": "en"}),
    ):
        assert edge.get(path, **meta)["X-Cache"] == "miss"
        assert edge.get(path, **meta)["X-Cache"] == "hit"


def test_only_known_parameters_make_a_page_of_their_own_and_tracking_never_does() -> None:
    def listing(request: HttpRequest) -> HttpResponse:
        page_cache.knows_query(request, "domain", "page")
        return HttpResponse(repr(sorted(request.GET.items())))

    edge = Edge(listing)
    assert edge.get("/nl/x/?domain=energy&page=2")["X-Cache"] == "miss"
    assert edge.get("/nl/x/?page=2&utm_source=mail&domain=energy&theme=")["X-Cache"] == "hit"
    assert edge.get("/nl/x/?page=3&domain=energy")["X-Cache"] == "miss"
    assert [edge.get("/nl/x/?q=a")["X-Cache"] for _ in range(2)] == ["miss", "miss"]
    tracked = edge.get("/nl/y/?utm_source=<b>&fbclid=1")
    assert b"utm_source" not in tracked.content
    assert edge.get("/nl/y/")["X-Cache"] == "hit"


def test_a_page_lives_until_its_next_clock_event_and_never_longer_than_a_minute() -> None:
    now = datetime(2026, 11, 23, 12, tzinfo=UTC)

    def closing(request: HttpRequest) -> HttpResponse:
        page_cache.expires_at(request, now + timedelta(hours=1))
        page_cache.expires_at(request, now + timedelta(seconds=20))
        page_cache.expires_at(request, None)
        return HttpResponse(WORDS)

    for view, last_second in ((closing, 19), (plain, 59)):
        edge = Edge(view)
        with patch("cms.page_cache.middleware.time.time") as clock:
            for second, expected in ((0, "miss"), (last_second, "hit"), (last_second + 1, "miss")):
                clock.return_value = now.timestamp() + second
                assert edge.get()["X-Cache"] == expected


def test_browsers_get_it_compressed_and_304_while_nothing_changed() -> None:
    edge = Edge(plain)
    first = edge.get(HTTP_ACCEPT_ENCODING="gzip, deflate, br")
    again = edge.get(HTTP_ACCEPT_ENCODING="gzip, deflate, br")
    for response in (first, again):
        assert response["Content-Encoding"] == "gzip"
        assert int(response["Content-Length"]) == len(response.content) < len(WORDS) / 5
        assert gzip.decompress(response.content) == WORDS.encode()
        assert "Accept-Encoding" in response["Vary"]
        assert "Cookie" in response["Vary"]
    refused = edge.get(HTTP_ACCEPT_ENCODING="gzip;q=0")
    assert refused.content == WORDS.encode()
    unchanged = edge.get(HTTP_IF_NONE_MATCH=again["ETag"])
    assert (unchanged.status_code, unchanged.content, unchanged["ETag"]) == (304, b"", again["ETag"])
    assert edge.get(HTTP_IF_NONE_MATCH='W/"other"').status_code == 200
    get_stamp().bump()
    made_anew = edge.get(HTTP_IF_NONE_MATCH=again["ETag"])
    assert (made_anew.status_code, made_anew["X-Cache"]) == (304, "miss")


def test_head_is_answered_from_what_a_get_left_and_leaves_nothing() -> None:
    edge = Edge(plain)
    assert edge.get(method="HEAD")["X-Cache"] == "miss"
    assert edge.get()["X-Cache"] == "miss"
    assert edge.get(method="HEAD")["X-Cache"] == "hit"


def test_a_hit_can_be_changed_without_changing_what_is_kept() -> None:
    edge = Edge(plain)
    edge.get()
    edge.get()["X-Cache"] = "spoilt"
    edge.get().content = b"spoilt"
    assert (edge.get()["X-Cache"], edge.get().content) == ("hit", WORDS.encode())


def test_the_store_never_holds_more_than_its_bytes_and_lets_the_least_used_go() -> None:
    store = Store(30_000)
    entry = make_entry(HttpResponse("x" * 300), stamp=1, expires=10)
    for number in range(30):
        store.put((number,), entry)
        store.get((0,), stamp=1, now=0)
        assert store.bytes <= 30_000
    assert store.get((0,), stamp=1, now=0) is entry
    assert store.get((1,), stamp=1, now=0) is None
    assert store.get((0,), stamp=2, now=0) is None
    store.put(("big",), make_entry(HttpResponse("x" * 20_000), stamp=1, expires=10))
    assert store.get(("big",), stamp=1, now=0) is None


def test_queries_have_one_spelling() -> None:
    assert normalised("b=2&a=1&c=&a=0") == "a=1&a=0&b=2"
    assert without_tracking("utm_source=x&a=1&fbclid=2&reference=3") == "a=1&reference=3"
    assert accepts_gzip("br, gzip;q=0.5")
    assert not accepts_gzip("br")


class TestSite:
    """The whole platform behind the cache: a visitor's page after a change."""

    @pytest.fixture
    def home(self, committed_site: Site, settings: Settings, tmp_path: Path) -> HomePage:
        (tmp_path / "home").mkdir()
        (tmp_path / "home" / "home_page.html").write_text("{{ page.title }}")
        settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path, *settings.TEMPLATES[0]["DIRS"]]}]
        page: HomePage = committed_site.root_page.specific
        return page

    def test_a_visitor_sees_a_committed_change_at_once_and_a_draft_never(self, home: HomePage) -> None:
        visitor = Client()
        assert [visitor.get("/nl/")["X-Cache"] for _ in range(2)] == ["miss", "hit"]
        home.title = "Nieuwe naam"
        home.save_revision()
        assert b"Nieuwe naam" not in visitor.get("/nl/").content
        home.save_revision().publish()
        assert b"Nieuwe naam" in visitor.get("/nl/").content
        assert visitor.get("/nl/")["X-Cache"] == "hit"
        PageViewRestriction.objects.create(page=home, restriction_type=PageViewRestriction.LOGIN)
        assert b"Nieuwe naam" not in visitor.get("/nl/").content

    def test_a_logged_in_person_is_answered_anew(self, home: HomePage, django_user_model: type[User]) -> None:
        Client().get("/nl/")
        person = Client()
        person.force_login(django_user_model.objects.create_user("a@example.org"))
        assert person.get("/nl/")["X-Cache"] == "bypass"
        assert "no-cache" in person.get("/nl/")["Cache-Control"]

    def test_a_page_tells_its_next_clock_event(self, home: HomePage) -> None:
        visitor, soon = Client(), timezone.now() + timedelta(seconds=30)
        with patch.object(HomePage, "next_change_at", return_value=soon, autospec=True):
            visitor.get("/nl/")
        with patch("cms.page_cache.middleware.time.time", return_value=soon.timestamp() - 1):
            assert visitor.get("/nl/")["X-Cache"] == "hit"
        with patch("cms.page_cache.middleware.time.time", return_value=soon.timestamp()):
            assert visitor.get("/nl/")["X-Cache"] == "miss"
