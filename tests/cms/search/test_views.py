from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wagtail.models import PageViewRestriction

from accounts.models import User
from cms.models import Term
from tests.factories.events import announce
from tests.html import problems_of


def search(client, query="", language="nl", **filters):
    with override(language):
        address = reverse("search")
    return client.get(address, {"q": query, **filters})


def texts(response):
    return [str(result.title) for result in response.context["results"]]


def test_the_address_is_of_the_language(client, site):
    assert client.get("/nl/zoeken/").status_code == 200
    assert client.get("/en/search/").status_code == 200
    assert client.post("/nl/zoeken/").status_code == 405


def test_words_are_marked_in_title_and_excerpt_and_nothing_else_is_markup(client, write):
    write("Steden & <b>data</b>", "Een slimme stad meet.")
    response = search(client, "stad")
    assert texts(response)[0] == ("<mark>Steden</mark> &amp; &lt;b&gt;data&lt;/b&gt;")
    assert "Een slimme <mark>stad</mark> meet." in response.content.decode()


def test_an_excerpt_stands_around_the_word_even_late_in_a_long_text(client, write):
    write("Lang", "Vooraf. " * 300 + "Hier staat de vondst. " + "Achteraf. " * 300)
    text = str(search(client, "vondst").context["results"][0].text)
    assert "<mark>vondst</mark>" in text
    assert text.startswith("… ")
    assert text.endswith(" …")
    assert len(text) < 320


def test_a_corrected_word_is_said(client, write):
    write("Mobiliteit voor iedereen")
    page = search(client, "mobilitiet").content.decode()
    assert "results for <strong>mobiliteit</strong>" in page or "voor <strong>mobiliteit</strong>" in page


def test_filters_narrow_count_and_keep_the_question(client, write, article):
    term = Term.objects.get(slug="smart-mobility")
    tagged = write("Stad op wielen")
    tagged.terms.add(term)
    tagged.save()
    write("Stad te voet")
    everything = search(client, "stad")
    assert len(texts(everything)) >= 3
    assert len(texts(search(client, "stad", kind="news"))) == 1
    assert texts(search(client, "stad", domain="smart-mobility")) == ["<mark>Stad</mark> op wielen"]
    page = search(client, "stad", kind="news", domain="smart-mobility").content.decode()
    assert '<input type="hidden" name="kind" value="news">' in page
    assert 'href="?q=stad"' in page
    assert texts(search(client, "stad", kind="nonsense", domain="nonsense")) == texts(everything)


def test_results_come_ten_a_page_and_a_wrong_page_is_the_nearest(client, write):
    for number in range(12):
        write(f"Zonnedak {number}")
    assert len(texts(search(client, "zonnedak"))) == 10
    assert len(texts(search(client, "zonnedak", page=2))) == 2
    assert texts(search(client, "zonnedak", page=99)) == texts(search(client, "zonnedak", page=2))
    assert len(texts(search(client, "zonnedak", page="x"))) == 10
    answer = search(client, "zonnedak")
    assert answer.context["listing"].count == 12
    assert "12 resultaten voor “zonnedak”" in answer.content.decode()


def test_a_result_in_the_other_language_says_so(client, write):
    write("Only in English", "citizens", language="en")
    page = search(client, "citizens").content.decode()
    assert '<li lang="en">' in page
    assert "<span>In het Engels</span>" in page


def test_a_page_for_members_is_found_by_members_alone(client, write):
    page = write("Ledenhoek", "Geheime plannen")
    group = Group.objects.create(name="kernleden")
    restriction = PageViewRestriction.objects.create(page=page, restriction_type="groups")
    restriction.groups.add(group)
    member = User.objects.create_user(email="member@example.com", password="x")
    other = User.objects.create_user(email="other@example.com", password="x")
    member.groups.add(group)
    assert texts(search(client, "geheime")) == []
    client.force_login(other)
    assert texts(search(client, "geheime")) == []
    client.force_login(member)
    assert texts(search(client, "geheime")) == ["Ledenhoek"]


def test_a_search_costs_eight_queries_at_most(client, write, django_assert_max_num_queries):
    for number in range(12):
        write(f"Zonnedak {number}", "Panelen")
    with django_assert_max_num_queries(8):
        search(client, "zonndak")
    with django_assert_max_num_queries(7):
        search(client, "zonnedak panelen", domain="smart-mobility")


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("query", ["", "stad", "xqzwvk"])
def test_the_page_is_valid_html_in_every_state(client, write, language, query):
    write("Stad")
    response = search(client, query, language)
    assert problems_of(response.content.decode()) == []
    assert '<meta name="robots" content="noindex' in response.content.decode()


ODD = [
    '"><script>alert(1)</script>', "\x00", " ", "a" * 10_000, "word " * 2_000, "😀👩", "שלום עולם",
    "%", "' OR 1=1 --", "AND OR NOT", "*", "(", "{{ 7*7 }}", "\ud83d".encode("utf-8", "surrogatepass"),
    "\u202estad", "𝔰𝔱𝔞𝔡", "ﬁ",
]  # fmt: skip


@pytest.mark.parametrize("query", ODD)
def test_odd_input_breaks_nothing(client, write, query):
    write("Stad")
    response = search(client, query, kind=query, domain=query, page=query)
    assert response.status_code == 200
    assert problems_of(response.content.decode()) == []


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60))
def test_no_text_whatever_breaks_the_page(client, site, query):
    assert search(client, query).status_code == 200


def test_who_finds_nothing_is_led_on_and_gets_no_filters_for_nothing(client, write):
    nothing = search(client, "qqqqqq").content.decode().split("<main")[1]
    assert 'class="filters"' not in nothing
    assert 'href="/nl/account/login/?next=%2Fnl%2Fzoeken%2F%3Fq%3Dqqqqqq"' in nothing
    assert "?q=Smart%20Mobility" in nothing
    assert 'class="filters"' in search(client, "qqqqqq", kind="news").content.decode()


def test_a_result_says_when_it_is_over(client, home):
    announce(home, title="Waterdag", starts_at=timezone.now() - timedelta(days=9))
    announce(home, title="Waternacht")
    assert [result.is_past for result in search(client, "water").context["results"]] == [False, True]
