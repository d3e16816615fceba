"""The way to a page: found at once, and the same one that Wagtail finds step by step."""

from typing import Any
from unittest.mock import patch

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client, RequestFactory
from django.utils.translation import override
from pytest_django import DjangoAssertNumQueries
from wagtail.models import Locale, Page, Site
from wagtail.url_routing import RouteResult

from cms.views.pages import find_way
from home.models import ContentPage, HomePage


@pytest.fixture
def deep(home: HomePage) -> ContentPage:
    """A page two levels below the home page, its parent a draft, with a namesake elsewhere."""
    parent = home.add_child(instance=ContentPage(title="Over", slug="over", live=False))
    other = home.add_child(instance=ContentPage(title="Andere", slug="andere"))
    other.add_child(instance=ContentPage(title="Naamgenoot", slug="wij"))
    return parent.add_child(instance=ContentPage(title="Wij", slug="wij"))


def ways(rf: RequestFactory, path: str, host: str = "testserver") -> tuple[Any, Any]:
    """What is found at once, and what Wagtail finds."""
    ours, theirs = (rf.get(f"/nl/{path}", headers={"host": host}) for _ in range(2))
    find_way(ours, path)
    found = [Page.route_for_request(request, path) for request in (ours, theirs)]
    first, second = [result and (type(result[0]), result[0], result[1], result[2]) for result in found]
    return first, second


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize(
    "path",
    ["", "over/", "over/wij/", "andere/wij/", "wij/", "over/niets/", "over/wij/verder/", "home/", "a/b/c/d/"],
)
def test_each_address_leads_where_wagtail_leads(
    rf: RequestFactory, deep: ContentPage, home_en: HomePage, path: str, language: str
) -> None:
    english = home_en.add_child(instance=ContentPage(title="About", slug="over", locale=home_en.locale))
    assert english.live
    with override(language):
        ours, theirs = ways(rf, path)
    assert ours == theirs


def test_without_a_translated_home_the_other_language_is_wagtails(rf: RequestFactory, home: HomePage) -> None:
    home.get_translation(Locale.objects.get(language_code="en")).unpublish()
    with override("en"):
        ours, theirs = ways(rf, "")
    assert ours == theirs


def test_without_a_site_nothing_is_found(rf: RequestFactory, home: HomePage) -> None:
    Site.objects.all().delete()
    assert ways(rf, "") == (None, None)


def test_a_page_type_with_a_route_of_its_own_is_asked(rf: RequestFactory, deep: ContentPage) -> None:
    def route(self: ContentPage, request: object, components: list[str]) -> RouteResult:
        return RouteResult(self, kwargs={"rest": components})

    with patch.object(ContentPage, "route", route), override("nl"):
        ours, theirs = ways(rf, "over/2026/verder/")
    assert ours == theirs
    assert ours[3] == {"rest": ["2026", "verder"]}


def test_the_way_costs_five_queries_at_most_however_deep(
    rf: RequestFactory, deep: ContentPage, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    lower = deep.add_child(instance=ContentPage(title="Dieper", slug="dieper"))
    request = rf.get("/nl/over/wij/dieper/")
    request.user = AnonymousUser()
    with override("nl"), django_assert_max_num_queries(5):
        find_way(request, "over/wij/dieper/")
        found = Page.route_for_request(request, "over/wij/dieper/")[0]
        assert found.get_url(request) == "/nl/over/wij/dieper/"
        assert found.locale.language_code == "nl"
        assert found.get_parent().pk == deep.pk
    assert found == lower


def test_a_form_on_a_page_is_taken_from_this_site_only(deep: ContentPage) -> None:
    strict = Client(enforce_csrf_checks=True)
    for origin, status in (("http://testserver", 200), ("https://evil.example", 403)):
        assert strict.post("/nl/andere/", headers={"origin": origin}).status_code == status


@pytest.mark.parametrize("path", ["/nl/%00/", "/nl/" + "a/" * 300, "/nl/<script>/", "/nl/over/%F0%9F%98%80/"])
def test_odd_addresses_are_not_found(client: Client, home: HomePage, path: str) -> None:
    assert client.get(path).status_code == 404
