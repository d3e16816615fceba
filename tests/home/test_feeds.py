"""What a feed reader gets of the news and the calls."""

from datetime import date
from xml.etree import ElementTree

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from wagtail.models import PageViewRestriction

from home.models import ArticlePage, HomePage, NewsIndexPage
from matchmaking.models import CallIndexPage, CallPage

ATOM = "{http://www.w3.org/2005/Atom}"


def read(client: Client, address: str) -> ElementTree.Element:
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/atom+xml; charset=utf-8"
    return ElementTree.fromstring(answer.content)


def texts(feed: ElementTree.Element, path: str) -> list[str | None]:
    return [found.text for found in feed.findall("/".join(f"{ATOM}{part}" for part in path.split("/")))]


@pytest.fixture
def index(home: HomePage) -> NewsIndexPage:
    """Three Dutch articles: an old one, a draft and a new one with signs that XML must escape."""
    index = home.add_child(instance=NewsIndexPage(title="Nieuws", slug="nieuws"))
    for title, day, is_live in (("Oud", 1, True), ("Kladversie", 2, False), ("Nieuw & <goed>", 3, True)):
        article = ArticlePage(
            title=title,
            lead=f"Over {title}",
            published_on=date(2026, 11, day),
            live=is_live,
            locale=home.locale,
        )
        index.add_child(instance=article)
    return index


def test_the_newest_article_comes_first_and_no_draft(client: Client, index: NewsIndexPage) -> None:
    feed = read(client, "/nl/nieuws.atom")
    assert texts(feed, "entry/title") == ["Nieuw & <goed>", "Oud"]
    assert texts(feed, "entry/summary") == ["Over Nieuw & <goed>", "Over Oud"]
    assert texts(feed, "entry/published") == ["2026-11-03T00:00:00+01:00", "2026-11-01T00:00:00+01:00"]
    assert texts(feed, "title") == ["Smart Cities Vlaanderen: Nieuws"]
    links = [link.get("href") or "" for link in feed.iter(f"{ATOM}link")]
    assert links[0].endswith("/nl/nieuws/")
    assert all(link.startswith("http://testserver/nl/nieuws") for link in links), links


def test_an_entry_stays_the_same_when_its_address_changes(client: Client, index: NewsIndexPage) -> None:
    before = texts(read(client, "/nl/nieuws.atom"), "entry/id")
    article = ArticlePage.objects.get(title="Oud")
    article.slug = "anders"
    article.save_revision().publish()
    assert texts(read(client, "/nl/nieuws.atom"), "entry/id") == before
    assert len(set(before)) == 2


def test_what_is_closed_or_in_the_other_language_is_not_told(client: Client, index: NewsIndexPage) -> None:
    PageViewRestriction.objects.create(page=index, restriction_type=PageViewRestriction.LOGIN)
    assert texts(read(client, "/nl/nieuws.atom"), "entry/title") == []
    english = read(client, "/en/news.atom")
    assert texts(english, "entry/title") == []
    assert texts(english, "title") == ["Smart Cities Vlaanderen: News"]


def test_calls_have_a_feed_and_their_list_and_the_home_page_name_theirs(
    client: Client, home: HomePage, index: NewsIndexPage
) -> None:
    calls = home.add_child(instance=CallIndexPage(title="Oproepen", slug="oproepen"))
    facts = {"kind": "flemish", "funder_nl": "VLAIO", "funder_en": "VLAIO", "lead": "Geld voor steden"}
    calls.add_child(instance=CallPage(title="City of Things", **facts, locale=home.locale))
    assert texts(read(client, "/nl/oproepen.atom"), "entry/title") == ["City of Things"]
    for page, address in (("oproepen/", "oproepen"), ("nieuws/", "nieuws"), ("", "nieuws")):
        html = client.get(f"/nl/{page}").content.decode()
        assert f'type="application/atom+xml" title="Smart Cities Vlaanderen: {address.title()}"' in html
        assert f'href="http://testserver/nl/{address}.atom">' in html


def test_a_feed_costs_few_queries(
    client: Client, index: NewsIndexPage, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client.get("/nl/nieuws.atom")
    for number in range(40):
        index.add_child(instance=ArticlePage(title=f"Artikel {number}", locale=index.locale))
    with django_assert_max_num_queries(6):
        assert len(texts(read(client, "/nl/nieuws.atom"), "entry/title")) == 30
    assert client.post("/nl/nieuws.atom").status_code == 405
