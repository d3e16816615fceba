import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from pytest_django import DjangoAssertNumQueries

from cms.dates import NO_BREAK
from cms.models import Menu, MenuItem, Term
from events.models import Activity, ActivityPage, EventIndexPage, FocusGroupPage, MasterclassPage, Signup
from events.queries import next_change_of_all, with_state
from events.rules import activity_state
from home.models import ContactPage, HomePage
from tests.factories.events import ActivityFactory, SignupFactory, activity_of, announce
from tests.html import problems_of

pytestmark = pytest.mark.django_db
NOW = timezone.now()
DAY = timedelta(days=1)
PAGE_QUERIES, LIST_QUERIES = 10, 12


@pytest.mark.parametrize("capacity", [None, 1, 2])
@pytest.mark.parametrize("closes", [None, -DAY, DAY])
@pytest.mark.parametrize("opens", [None, -DAY * 40, DAY * 2])
@pytest.mark.parametrize("start", [-DAY * 9, -timedelta(hours=1), DAY * 9])
@pytest.mark.parametrize("is_cancelled", [True, False])
def test_the_database_and_the_rules_agree_on_the_state(
    start: timedelta,
    opens: timedelta | None,
    closes: timedelta | None,
    capacity: int | None,
    is_cancelled: bool,
) -> None:
    activity = ActivityFactory.create(
        starts_at=NOW + start,
        signup_opens_at=None if opens is None else NOW + opens,
        signup_closes_at=None if closes is None else NOW + closes,
        capacity=capacity,
        is_cancelled=is_cancelled,
    )
    SignupFactory.create(activity=activity)
    SignupFactory.create(activity=activity, status=Signup.Status.CANCELLED)
    row = with_state(Activity.objects.all(), at=NOW).get()
    assert row.taken == 1
    assert row.state == activity_state(activity.schedule(taken=1), at=NOW)


def test_a_list_is_right_until_the_clock_next_changes_one_of_its_activities() -> None:
    ActivityFactory.create(starts_at=NOW + DAY, ends_at=NOW + 2 * DAY, is_cancelled=True)
    ActivityFactory.create(starts_at=NOW - 3 * DAY, ends_at=NOW - 2 * DAY)
    assert next_change_of_all(at=NOW) is None
    ActivityFactory.create(
        starts_at=NOW + 9 * DAY,
        ends_at=NOW + 10 * DAY,
        signup_closes_at=NOW + 5 * DAY,
        signup_opens_at=NOW - DAY,
    )
    assert next_change_of_all(at=NOW) == NOW + 5 * DAY
    assert next_change_of_all(at=NOW + 5 * DAY) == NOW + 9 * DAY
    assert next_change_of_all(at=NOW + 10 * DAY) is None


def test_a_row_of_the_calendar_says_what_it_is_when_and_where(client: Client, home: HomePage) -> None:
    page = announce(home)
    Activity.objects.update(place="De Krook, Gent", is_online=True, kind=Activity.Kind.INFOSESSION)
    index = page.get_parent()
    html = client.get(index.url).content.decode()
    assert "<span>Infosessie, " in html
    assert f", De{NO_BREAK}Krook,{NO_BREAK}Gent</span>" in html
    assert "1 resultaat" in html
    assert "<br>De Krook, Gent en online</p>" in client.get(page.url).content.decode()
    assert re.search(rf"Infosessie, \w+{NO_BREAK}\d+{NO_BREAK}\w+{NO_BREAK}\d{{4}},", html), (
        "a day on one line"
    )
    Activity.objects.update(place="Wijkhuis De Lichtbak, Noorderleie")
    html = client.get(index.url).content.decode()
    assert f"Wijkhuis{NO_BREAK}De{NO_BREAK}Lichtbak, Noorderleie</span>" in html
    Activity.objects.update(place="")
    assert ", online</span>" in client.get(index.url).content.decode()


@pytest.mark.parametrize("page_class", [None, FocusGroupPage, MasterclassPage])
def test_an_activity_page_is_valid_in_both_languages_and_costs_few_queries(
    client: Client,
    home: HomePage,
    page_class: type[ActivityPage] | None,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    terms = list(Term.objects.all()[:6])
    words = {FocusGroupPage: {"question": "Hoe dan?"}, MasterclassPage: {"learning_goals": "Een\nTwee"}}
    extra: dict[str, Any] = {"page_class": page_class, **words[page_class]} if page_class else {}
    page = announce(home, terms=terms, **extra)
    for _number in range(4):
        announce(home, terms=terms, english=False)
    SignupFactory.create(activity=activity_of(page))
    english = page.get_translations().get().url
    for url in (page.url, english):
        client.get(url)
    for url in (page.url, english):
        with django_assert_max_num_queries(PAGE_QUERIES):
            response = client.get(url)
        html = response.content.decode()
        assert response.status_code == 200
        assert problems_of(html) == []
        assert f"/{activity_of(page).pk}/" in html
        assert "19" in html


def test_an_activity_page_tells_whom_it_is_for_apart_from_what_it_is_about(
    client: Client, home: HomePage
) -> None:
    terms = Term.objects.filter(slug__in=("smart-mobility", "companies"))
    page = announce(home, terms=list(terms))
    for address, subject, kind, audience in (
        (page.url, "Onderwerpen", "Domein", "Doelgroep"),
        (page.url.replace("/nl/", "/en/", 1), "Subjects", "Domain", "Audience"),
    ):
        text = " ".join(client.get(address).content.decode().split())
        begin = f'<h3>{kind}</h3> <ul class="marks" aria-label="{kind}">'
        about, whom = text.split(begin)[1].split("</ul>")[:2]
        assert f"<h2>{subject}</h2>" in text
        assert "?domain=smart-mobility" in about
        assert "companies" not in about
        assert f'<h2>{audience}</h2> <ul class="marks" aria-label="{audience}">' in " ".join(whom.split())
        assert "?audience=companies" in whom


def test_the_index_shows_the_same_set_in_both_languages_with_few_queries(
    client: Client, home: HomePage, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    terms = list(Term.objects.all()[:8])
    both = announce(home, terms=terms)
    announce(home, title="Alleen Nederlands", terms=terms, english=False)
    ActivityFactory.create(name_nl="Zonder pagina", name_en="Without a page")
    for number in range(30):
        announce(home, title=f"Voorbij {number}", english=False, starts_at=NOW - DAY * (number + 2))
    dutch = EventIndexPage.objects.get(locale__language_code="nl")
    addresses = dutch.url, dutch.get_translations().get().url
    for url in addresses:
        client.get(url)
    for url in addresses:
        with django_assert_max_num_queries(LIST_QUERIES):
            response = client.get(url)
        html = response.content.decode()
        assert problems_of(html) == []
        assert "Alleen Nederlands" in html
        assert "Zonder pagina" not in html
        assert response.context["listing"].count == 32
        past = client.get(url, {"period": "past", "domain": "onbekend"})
        assert past.context["listing"].count == 30
        assert (
            client.get(url, {"period": "coming", terms[0].kind: terms[0].slug}).context["listing"].count == 2
        )
        assert client.get(url, {"state": "full"}).context["listing"].count == 0
    english = client.get(dutch.get_translations().get().url).content.decode()
    assert "In Dutch" in english
    assert 'lang="nl" hreflang="nl">Alleen Nederlands</a>' in english
    assert both.title not in english


def test_who_cannot_sign_up_reads_why_and_calendars_take_what_takes_place(
    client: Client, home: HomePage
) -> None:
    for fields, said, goes_on in (
        ({}, "", True),
        ({"signup_closes_at": NOW - DAY}, "De inschrijvingen zijn afgesloten", False),
        ({"starts_at": NOW - DAY * 9}, "Deze activiteit is voorbij", False),
        ({"is_cancelled": True}, "Deze activiteit is geannuleerd", False),
    ):
        is_cancelled = fields.pop("is_cancelled", False)
        page = announce(home, **fields)
        Activity.objects.filter(pk=activity_of(page).pk).update(is_cancelled=is_cancelled)
        main = client.get(page.url).text.split("<main")[1]
        assert ('class="notice' in main) == bool(said), fields
        assert said in main
        assert (f"/{activity_of(page).pk}.ics" in main) == goes_on, fields


def test_who_is_too_late_reads_no_free_places_and_whom_to_ask(client: Client, home: HomePage) -> None:
    contact = ContactPage(title="Contact", slug="contact", thanks="Dank u.", to_address="", subject="")
    home.add_child(instance=contact)
    for closes_at, is_open in ((NOW + DAY, True), (NOW - DAY, False)):
        main = client.get(announce(home, signup_closes_at=closes_at).url).text.split("<main")[1]
        assert ("<dt>Plaatsen</dt>" in main) == is_open
        assert (f'href="{contact.url}"' in main) != is_open


def test_the_calendar_counts_what_comes_apart_from_what_has_been(client: Client, home: HomePage) -> None:
    for days in (3, 5, -9):
        page = announce(home, starts_at=NOW + DAY * days)
    html = client.get(page.get_parent().url).text
    assert 'Komende activiteiten <span class="rows-part-count">(2)</span>' in html
    assert 'Voorbije activiteiten <span class="rows-part-count">(1)</span>' in html
    assert "3 resultaten: 2 komende en 1 voorbije</p>" in html
    for period, words in (("coming", "2 resultaten</p>"), ("past", "1 resultaat</p>")):
        assert words in client.get(f"{page.get_parent().url}?period={period}").text


def test_what_is_full_or_closed_leads_nobody_on_while_there_is_enough_else(
    client: Client, home: HomePage
) -> None:
    shown = announce(home)
    closed = announce(home, starts_at=NOW + DAY * 5, signup_closes_at=NOW - DAY)
    open_ones = {activity_of(announce(home, starts_at=NOW + DAY * (days + 6))).pk for days in range(2)}
    related = client.get(shown.url).context["related"]
    assert {told.row.pk for told in related} == {*open_ones, activity_of(closed).pk}
    later = activity_of(announce(home, starts_at=NOW + DAY * 9, signup_opens_at=NOW + DAY, capacity=1))
    SignupFactory.create(activity=later)  # by staff, before anybody else may
    open_ones.add(later.pk)
    related = client.get(shown.url).context["related"]
    assert {told.row.pk for told in related} == open_ones


def test_a_front_page_says_how_the_next_activities_stand(client: Client, home: HomePage) -> None:
    announce(home, title="Gesloten", signup_closes_at=NOW - DAY)
    announce(home, title="Open", signup_closes_at=NOW + DAY)
    main = client.get("/nl/").text.split("<main")[1]
    assert 'class="state state-closed">Inschrijvingen afgesloten<' in main
    assert 'class="state state-open">Inschrijven kan<' in main


def test_the_form_stands_below_the_calendar_and_says_when_and_where(client: Client, home: HomePage) -> None:
    page = announce(home, place="De Krook, Gent")
    index = page.get_parent()
    menu, _is_new = Menu.objects.get_or_create(locale=home.locale, place=Menu.Place.HEADER)
    MenuItem.objects.create(menu=menu, label="Agenda", page=index)
    with override("nl"):
        html = client.get(reverse("events:sign_up", args=[activity_of(page).pk])).text
    assert f'<a href="{index.url}" aria-current="true">Agenda</a>' in html
    assert f'<li><a href="{index.url}">Agenda</a></li><li><a href="{page.url}">' in html
    head = html.split("<main")[1].split("<form")[0]
    assert "De Krook, Gent" in head
    assert "<time" in head
