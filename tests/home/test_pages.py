"""Each page type of the public site: valid HTML in both languages, within its budget of queries."""

import datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.models import Locale, Page

from cms.models import Menu, MenuItem, Term
from home.models import (
    ArticlePage,
    ContactFormField,
    ContactPage,
    ContentPage,
    HomePage,
    NewsIndexPage,
    PeoplePage,
    Person,
)
from membership.models import MembershipPage
from tests.html import problems_of

BODY: list[tuple[str, Any]] = [
    ("heading", "Why"),
    ("paragraph", "<p>Because <b>cities</b>.</p>"),
    ("quote", {"text": "A city <is> people.", "source": "The plan"}),
    ("key_figures", {"items": [{"value": "75", "label": "companies"}]}),
    (
        "call_to_action",
        {"text": "Join", "link": {"label": "Join us", "page": None, "url": "https://x.example/"}},
    ),
    ("questions", {"items": [{"question": "How?", "answer": "<p>So.</p>"}]}),
]


def add(parent: Page, kind: type[Any], title: str, **fields: Any) -> Any:
    body = kind._meta.get_field("body").stream_block
    content = body.to_python([{"type": name, "value": value} for name, value in BODY])
    return parent.add_child(
        instance=kind(
            title=title,
            slug=title.lower().replace(" ", "-"),
            lead="What it is about.",
            body=content,
            locale=parent.locale,
            **fields,
        )
    )


def add_articles(index: Page, count: int) -> None:
    terms = list(Term.objects.filter(slug__in=["smart-mobility", "layer-2", "verkeer", "sdg-7"]))
    for number in range(count):
        day = datetime.date(2026, 1, 1) + datetime.timedelta(days=number)
        page = add(index, ArticlePage, f"Article {number}", published_on=day)
        page.terms.set(terms)
        page.save()


@pytest.fixture
def pages(home: HomePage) -> dict[str, Page]:
    english = Locale.objects.get(language_code="en")
    home.lead = "The cluster."
    home.save()
    news = add(home, NewsIndexPage, "News")
    add_articles(news, 3)
    content = add(home, ContentPage, "Privacy")
    people = add(home, PeoplePage, "People")
    people.people.add(Person(name="A. Fiction", role="Adviser", locale=home.locale))
    people.save()
    contact = add(home, ContactPage, "Contact", thanks="Thank you.", to_address="", subject="")
    for order, (label, kind) in enumerate(
        [
            ("Name", "singleline"),
            ("Mail", "email"),
            ("About", "radio"),
            ("Ways", "checkboxes"),
            ("Words", "multiline"),
            ("Agree", "checkbox"),
        ]
    ):
        contact.form_fields.add(
            ContactFormField(
                label=label, field_type=kind, choices="a,b", sort_order=order, locale=home.locale
            )
        )
    contact.save()
    for place, page in [("header", news), ("footer", content), ("footer", contact)]:
        menu, _made = Menu.objects.get_or_create(place=place, locale=home.locale)
        MenuItem.objects.create(menu=menu, heading="More", label=page.title, page=page)
    for page in (news, content):
        page.copy_for_translation(english).save_revision().publish()
    article = news.get_children().first()
    return {each.slug: each for each in (home, news, article, content, people, contact)}


@pytest.mark.parametrize("slug", ["", "news/", "news/article-0/", "privacy/", "people/", "contact/"])
def test_a_page_is_valid_and_within_its_budget(client: Client, pages: dict[str, Page], slug: str) -> None:
    url = f"/nl/{slug}"
    client.get(url)  # fills Wagtail's cache of site roots
    with CaptureQueriesContext(
        connection,
    ) as queries:
        response = client.get(url)
    html = response.content.decode()
    assert response.status_code == 200
    assert problems_of(html) == []
    budget = 12 if slug == "news/" else 10
    assert len(queries) <= budget, "\n".join(query["sql"][:200] for query in queries)
    assert 'lang="nl"' in html
    assert 'href="/nl/news/"' in html
    english = client.get(url.replace("/nl/", "/en/"))
    if slug in {"", "news/", "privacy/"}:
        assert problems_of(english.content.decode()) == []
        assert 'hreflang="en"' in html


def test_a_list_asks_no_more_when_it_is_longer(client: Client, pages: dict[str, Page]) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get("/nl/news/?domain=smart-mobility&layer=layer-2")
        return len(queries)

    count()
    few = count()
    for page in Page.objects.child_of(pages["news"]):
        page.delete()
    add_articles(Page.objects.get(pk=pages["news"].pk).specific, 12)
    assert count() <= few


def test_a_filtered_list_says_what_it_shows_or_what_to_do(client: Client, pages: dict[str, Page]) -> None:
    shown = client.get("/nl/news/?domain=smart-mobility&domain=nonsense").content.decode()
    assert "3 resultaten" in shown
    assert 'class="chip" href="."' in shown
    empty = client.get("/nl/news/?domain=smart-economy&page=7").content.decode()
    assert "Niets gevonden" in empty
    assert "Alle filters wissen" in empty
    assert problems_of(empty) == []


def test_an_empty_list_leads_on_and_does_not_speak_of_what_is_not_there(
    client: Client, pages: dict[str, Page]
) -> None:
    assert "Because <b>cities</b>." in client.get("/nl/news/").content.decode()
    for page in Page.objects.child_of(pages["news"]):
        page.delete()
    empty = client.get("/nl/news/").content.decode()
    assert '<p class="link-list-lead">Ga verder naar:</p>' in empty
    assert "Because <b>cities</b>." not in empty
    assert problems_of(empty) == []


def test_paper_says_where_a_page_stands_and_keeps_the_words_that_were_asked(
    client: Client, pages: dict[str, Page]
) -> None:
    html = client.get("/nl/zoeken/?q=stad").content.decode()
    assert '<p class="print-only">Deze pagina: http://testserver/nl/zoeken/?q=stad</p>' in html
    assert "“stad”" in html.split("<main")[1].split("</main>")[0]
    assert "Deze pagina:" not in client.get("/nl/nergens/").content.decode()


def test_the_switch_leads_to_the_translation_or_says_where_else(
    client: Client, pages: dict[str, Page]
) -> None:
    translated = client.get("/nl/privacy/").content.decode()
    assert '<a href="/en/privacy/" lang="en" hreflang="en">' in translated
    article = client.get("/nl/news/article-0/").content.decode()
    assert '<a href="/en/news/" lang="en" hreflang="en">' in article
    assert "(News)" in article
    assert 'rel="alternate" hreflang="en"' not in article


def test_the_contact_form_says_what_is_wrong_and_keeps_what_was_typed(
    client: Client, pages: dict[str, Page]
) -> None:
    refused = client.post(
        "/nl/contact/", {"name": "Jan 🙂 \u202eabc", "mail": "no-domain@", "words": "x" * 10_000}
    )
    html = refused.content.decode()
    assert refused.status_code == 200
    assert problems_of(html) == []
    assert "fouten in het formulier" in html
    assert 'href="#id_mail"' in html
    assert 'aria-describedby="id_mail_error"' in html
    assert "Jan 🙂" in html
    accepted = client.post(
        "/nl/contact/",
        {
            "name": "Jan",
            "mail": "jan@demo.example",
            "about": "a",
            "ways": ["a"],
            "words": "Hi",
            "agree": "on",
        },
        follow=True,
    )
    assert "Thank you." in accepted.content.decode()


def test_the_front_page_leads_to_all_news_and_an_article_to_others(
    client: Client, pages: dict[str, Page]
) -> None:
    assert 'href="/nl/news/">Al het nieuws' in client.get("/nl/").text
    aside = client.get("/nl/news/article-0/").text.split("Meer nieuws")[1].split("</section>")[0]
    assert aside.count('href="/nl/news/article-') == 2
    assert "/article-0/" not in aside


def test_who_has_no_account_is_shown_how_to_become_a_member(client: Client, home: HomePage) -> None:
    assert "Lid worden</a></p>" not in client.get("/nl/account/login/").text
    home.add_child(instance=MembershipPage(title="Lid worden", slug="lid")).save_revision().publish()
    assert '<a class="onward" href="/nl/lid/">Lid worden</a></p>' in client.get("/nl/account/login/").text
