"""What search engines and shared links read in the head of a page."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client, RequestFactory
from django.utils.translation import override
from html5lib import parse
from pytest_django import DjangoAssertNumQueries
from wagtail.models import Locale

from cms.navigation import get_breadcrumbs, get_languages
from cms.schema_org import absolute
from home.models import ArticlePage, ContentPage, HomePage, NewsIndexPage

NS = "{http://www.w3.org/1999/xhtml}"


class Head:
    """The head of an answered page."""

    def __init__(self, client: Client, path: str) -> None:
        response = client.get(path)
        assert response.status_code == 200
        self.head = parse(response.content).find(f"{NS}head")

    def links(self, rel: str) -> list[dict[str, str]]:
        return [link.attrib for link in self.head.iter(f"{NS}link") if link.get("rel") == rel]

    def meta(self, name: str) -> str | None:
        for tag in self.head.iter(f"{NS}meta"):
            if name in (tag.get("name"), tag.get("property")):
                return str(tag.get("content"))
        return None

    @property
    def hreflang(self) -> dict[str, str]:
        return {link["hreflang"]: link["href"] for link in self.links("alternate") if "hreflang" in link}

    @property
    def data(self) -> dict[str, Any]:
        scripts = [
            each.text for each in self.head.iter(f"{NS}script") if each.get("type") == "application/ld+json"
        ]
        return {entry["@type"]: entry for entry in map(json.loads, scripts)}


@pytest.fixture
def article(home: HomePage) -> ArticlePage:
    news = home.add_child(instance=NewsIndexPage(title="Nieuws", slug="nieuws"))
    return news.add_child(
        instance=ArticlePage(title="Een </script><b>stad", slug="stad", lead="Wat & hoe", live=True)
    )


def test_a_page_with_one_language_tells_no_hreflang_and_with_two_it_tells_both(
    client: Client, home: HomePage, home_en: HomePage, article: ArticlePage
) -> None:
    assert Head(client, "/nl/nieuws/stad/").hreflang == {}
    both = {"nl": absolute("/nl/"), "en": absolute("/en/"), "x-default": absolute("/nl/")}
    assert Head(client, "/nl/").hreflang == both
    assert Head(client, "/en/").hreflang == both


def test_hreflang_names_only_what_is_published(client: Client, home: HomePage, home_en: HomePage) -> None:
    page = home.add_child(instance=ContentPage(title="Over", slug="over"))
    english = page.copy_for_translation(Locale.objects.get(language_code="en"))
    english.save_revision().publish()
    assert set(Head(client, "/nl/over/").hreflang) == {"nl", "en", "x-default"}
    english.refresh_from_db()
    english.unpublish()
    assert Head(client, "/nl/over/").hreflang == {}


def test_head_describes_the_page_and_can_not_be_broken_out_of(client: Client, article: ArticlePage) -> None:
    head = Head(client, "/nl/nieuws/stad/?utm_source=x")
    assert [link["href"] for link in head.links("canonical")] == [absolute("/nl/nieuws/stad/")]
    assert head.meta("description") == head.meta("og:description") == "Wat & hoe"
    assert head.meta("og:title") == article.title
    assert head.data["NewsArticle"]["headline"] == article.title
    assert [item["name"] for item in head.data["BreadcrumbList"]["itemListElement"]][1:] == [
        "Nieuws",
        article.title,
    ]


def test_home_describes_the_association(client: Client, home: HomePage) -> None:
    data = Head(client, "/nl/").data
    assert data["Organization"]["url"].endswith("/")
    assert "BreadcrumbList" not in data


def test_breadcrumbs_and_languages_ask_three_queries_at_most(
    article: ArticlePage, rf: RequestFactory, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    request = rf.get("/nl/nieuws/stad/")
    request.user = AnonymousUser()
    article.get_url(request)
    page = ArticlePage.objects.get(pk=article.pk)
    with override("nl"), django_assert_max_num_queries(3):
        trail = get_breadcrumbs(request, page)
        get_languages(request, page)
        languages = get_languages(request, page)
    assert [link.label for link in trail][1:] == ["Nieuws", article.title]
    english = next(link for link in languages if link.code == "en")
    assert (english.url, bool(english.nearest)) == ("/en/", True)


def test_the_language_switcher_keeps_what_a_list_is_asked(client: Client, home: HomePage) -> None:
    index = home.get_translations().first()
    assert index is not None
    page = client.get("/nl/?domain=smart-mobility&period=past&page=3&q=%22%3Cb%3E").content.decode()
    assert 'href="/en/?domain=smart-mobility&amp;period=past&amp;q=%22%3Cb%3E" lang="en"' in page
    assert 'hreflang="en" href="http://testserver/en/">' in page, "machines are told the page itself"
