"""Every list, form and page of details in the back office says its values as people write them."""

import re
from collections.abc import Iterator
from typing import Any

import django_filters
import pytest
from django.db.models import Model
from django.test import Client
from django.urls import resolve, reverse
from html5lib import HTMLParser
from wagtail.users.models import UserProfile

from billing.models import PaymentMeans
from billing.queries import pro_formas
from home.models import HomePage
from tests.desk import person, plain
from tests.journeys.admin_addresses import admin_addresses
from tests.journeys.things import things_of

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
RAW = {
    "nl": re.compile(r"\b(None|True|False|Name|Year|\d+\.\d\d(?!\.|\d| uur| tot))\b"),
    "en": re.compile(r"\b(None|True|False|Jaar|Naam|\d+,\d\d)\b"),
}
"""What no value, heading or filter says: words of the code, words and amounts of the other language."""
RAW_WORDS = {"connect", "cultivate", "inform", "large", "medium", "fees", "grant", "infosession"}
"""Keys of the code that nothing shows where people have a name for it."""
SPACES = re.compile(r"billing|membership|newsletter|events|kpi|\w+target|planned|work")


def models_of(kind: str) -> Iterator[tuple[str, type[Model]]]:
    """The addresses of our own back office that end on this kind, each with the model it shows."""
    for name in sorted(set(admin_addresses())):
        space, _colon, last = name.rpartition(":")
        if last == kind and SPACES.match(space):
            url = reverse(name, args=[1] if kind != "index" else [])
            view: Any = resolve(url).func
            if model := view.view_initkwargs.get("model"):
                yield name, model


def parts(answer: Any, *tags: str) -> list[str]:
    """What the elements of these kinds in the midst of a page say."""
    page = HTMLParser(namespaceHTMLElements=False).parse(answer.content.decode()).find(".//main")
    return [plain("".join(each.itertext())) for tag in tags for each in page.iter(tag)]


def typed_in(answer: Any) -> list[str]:
    """What the fields of a page's forms hold that people type in."""
    page = HTMLParser(namespaceHTMLElements=False).parse(answer.content.decode()).find(".//main")
    typed = [each for each in page.iter("input") if each.get("type") not in ("hidden", "checkbox", "radio")]
    return [each.get("value") or "" for each in typed]


@pytest.mark.parametrize("language", ["nl", "en"])
def test_details_say_values_as_people_write_them(client: Client, home: HomePage, language: str) -> None:
    things = things_of(home)
    PaymentMeans.objects.filter(pk=things["means"].pk).update(brand="visa", expires_year=2031)
    user = person("administrator")
    UserProfile.objects.create(user=user, preferred_language=language)
    client.force_login(user)
    found = []
    for name, model in models_of("inspect"):
        for thing in pro_formas() if "pro_forma" in name else model._default_manager.all()[:5]:
            answer: Any = client.get(reverse(name, args=[thing.pk]), follow=True)
            said = parts(answer, "dt", "dd", "td", "h1", "h2")
            found += [f"{name}: {each}" for each in said if RAW[language].search(each)]
            found += [f"{name}: nothing behind a label" for each in parts(answer, "dd") if not each]
            assert "ID" not in said
    assert found == []
    shown: Any = client.get(reverse("billing_means:inspect", args=[things["means"].pk]))
    assert {"2031", "Visa", "Kaart" if language == "nl" else "Card"} <= set(parts(shown, "dd"))


def test_filters_that_are_on_say_yes_or_no(client: Client, home: HomePage) -> None:
    user = person("administrator")
    client.force_login(user)
    seen = 0
    for name, _model in models_of("index"):
        url = reverse(name)
        filters = getattr(client.get(url).context["view"], "filters", None)
        for each in filters.filters if filters else ():
            if isinstance(filters.filters[each], django_filters.BooleanFilter):
                for value, word in (("true", "Ja"), ("false", "Nee")):
                    answer = client.get(url, {each: value})
                    assert any(said.endswith(f": {word}") for said in parts(answer, "button")), (name, each)
                    seen += 1
    assert seen > 20


@pytest.mark.parametrize("language", ["nl", "en"])
def test_lists_and_forms_say_what_they_hold_in_the_language_of_staff(
    client: Client, home: HomePage, language: str
) -> None:
    things_of(home)
    user = person("administrator")
    UserProfile.objects.create(user=user, preferred_language=language)
    client.force_login(user)
    pages = {name: reverse(name) for name, _model in models_of("index")}
    pages |= {
        name: reverse(name, args=[thing.pk])
        for name, model in models_of("edit")
        if (thing := model._default_manager.first())
    }
    pages |= {name: reverse(f"wagtailsnippets_cms_{name}:list") for name in ("menu", "term")}
    pages["charge rules"] = reverse("wagtailsettings:edit", args=["billing", "chargerules", 1])
    found = []
    for name, url in pages.items():
        answer: Any = client.get(url, follow=True)
        said = [*parts(answer, "h1", "h2", "th", "td"), *typed_in(answer)]
        found += [f"{name}: {each}" for each in said if RAW[language].search(each)]
        if language == "nl" and name != "term":  # there the slug has a column of its own
            found += [f"{name}: {each}" for each in said if each in RAW_WORDS]
    assert "\n".join(found) == ""
    locale = parts(client.get(pages["menu"]), "th")
    assert ("Taal" if language == "nl" else "Language") in locale
