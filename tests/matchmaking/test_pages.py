import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from wagtail.models import Locale

from cms.models import LedgerPage, SitePage, Term
from home.models import HomePage
from matchmaking.models import CallIndexPage, CallPage, CaseIndexPage, CasePage

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def add_calls(home: HomePage, **deadlines: int | None) -> CallIndexPage:
    index = home.add_child(instance=CallIndexPage(title="Oproepen", slug="oproepen"))
    for slug, days in deadlines.items():
        closes_at = None if days is None else NOW + timedelta(days=days)
        facts: dict[str, Any] = {"kind": "flemish", "funder_nl": "VLAIO", "funder_en": "VLAIO"}
        page = CallPage(title=slug, slug=slug.replace("_", "-"), closes_at=closes_at, **facts)
        index.add_child(instance=page)
        page.terms.set(Term.objects.filter(slug="smart-mobility" if days else "smart-living"))
        page.save_revision().publish()
    return index


def test_what_can_still_be_done_comes_first(home: HomePage, client: Client) -> None:
    add_calls(home, gisteren=-1, morgen=1, zonder=None, later=40)
    rows = client.get("/nl/oproepen/").context["listing"]
    assert [row["told"].title for row in rows] == ["morgen", "later", "zonder", "gisteren"]
    assert [row["state"] for row in rows] == ["last", "open", "open", "closed"]


def test_filters_narrow_by_state_and_domain_and_ignore_nonsense(home: HomePage, client: Client) -> None:
    add_calls(home, gisteren=-1, morgen=1, zonder=None)

    def titles(query: dict[str, str]) -> set[str]:
        return {row["told"].title for row in client.get("/nl/oproepen/", query).context["listing"]}

    assert titles({"state": "closed"}) == {"gisteren"}
    assert titles({"domain": "smart-mobility"}) == {"gisteren", "morgen"}
    assert titles({"state": "x", "domain": "\x00", "page": "99999999999"}) == {"gisteren", "morgen", "zonder"}
    empty = client.get("/nl/oproepen/", {"state": "soon", "domain": "smart-people"})
    assert empty.status_code == 200
    assert empty.context["listing"].count == 0


def test_the_list_costs_the_same_for_two_calls_and_for_twelve(
    home: HomePage,
    client: Client,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    add_calls(home, **{f"oproep_{number}": number for number in range(1, 13)})
    client.get("/nl/oproepen/")
    with django_assert_max_num_queries(12):
        client.get("/nl/oproepen/")


def test_a_call_page_tells_funder_and_state_and_expires_at_its_deadline(
    home: HomePage,
    client: Client,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    index = add_calls(home, later=40)
    page = CallPage.objects.get()
    client.get("/nl/oproepen/later/")
    with django_assert_max_num_queries(10):
        response = client.get("/nl/oproepen/later/")
    assert "VLAIO" in response.content.decode()
    assert page.closes_at is not None
    assert page.next_change_at(NOW) == index.next_change_at(NOW) == page.closes_at - timedelta(days=14)


def test_a_case_lists_its_partners(
    home: HomePage,
    client: Client,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    index = home.add_child(instance=CaseIndexPage(title="Cases", slug="cases"))
    page = CasePage(
        title="Mobicon", slug="mobicon", place="Hasselt", state="running", partners="UHasselt\n\n PXL \n"
    )
    index.add_child(instance=page)
    page.terms.set(Term.objects.filter(slug="layer-2"))
    page.save_revision().publish()
    assert page.partner_list == ["UHasselt", "PXL"]
    client.get("/nl/cases/")
    for address, limit in (("/nl/cases/", 12), ("/nl/cases/mobicon/", 10)):
        with django_assert_max_num_queries(limit):
            assert client.get(address).status_code == 200
    assert "<span>Hasselt, loopt</span>" in client.get("/nl/cases/").content.decode()
    assert "<dd>Loopt</dd>" in client.get("/nl/cases/mobicon/").content.decode()
    in_english(index)
    drawn = [
        re.findall(r'<svg class="city".*?</svg>', client.get(each.url).content.decode(), re.DOTALL)
        for each in (page, in_english(page))
    ]
    assert len(drawn[0]) == 1
    assert drawn[0] == drawn[1]


def in_english(page: SitePage) -> SitePage:
    """Publish the translation of a page."""
    translation: SitePage = page.copy_for_translation(Locale.objects.get(language_code="en"))
    translation.title = f"{page.title} (English)"
    translation.save_revision().publish()
    return translation


def add_told(index: SitePage, page: LedgerPage, *terms: str, is_translated: bool) -> None:
    """Publish a page with terms below a list, in Dutch, or in both languages."""
    index.add_child(instance=page)
    page.terms.set(Term.objects.filter(slug__in=terms))
    page.save_revision().publish()
    if is_translated:
        in_english(page)


def test_a_filter_gives_the_same_calls_in_both_languages(home: HomePage, client: Client) -> None:
    index = home.add_child(instance=CallIndexPage(title="Oproepen", slug="oproepen"))
    addresses = {"nl": index.url, "en": in_english(index).url}
    for slug, days, kind, term, is_translated in (
        ("beide", 5, "flemish", "smart-mobility", True),
        ("dutch", 5, "flemish", "smart-mobility", False),
        ("ver", 50, "european", "smart-mobility", True),
        ("voorbij", -5, "flemish", "smart-living", False),
    ):
        page = CallPage(title=slug, slug=slug, kind=kind, closes_at=NOW + timedelta(days=days))
        page.funder_nl = page.funder_en = "VLAIO"
        add_told(index, page, term, is_translated=is_translated)

    def told(language: str, query: dict[str, str]) -> dict[str, str]:
        listing = client.get(addresses[language], query).context["listing"]
        assert listing.count == len(listing)
        return {row["told"].row.name_nl: row["told"].title for row in listing}

    for query, names in (
        ({}, {"beide", "dutch", "ver", "voorbij"}),
        ({"domain": "smart-mobility"}, {"beide", "dutch", "ver"}),
        ({"state": "closing_soon"}, {"beide", "dutch"}),
        ({"state": "closed"}, {"voorbij"}),
        ({"kind": "european"}, {"ver"}),
        ({"kind": "flemish", "domain": "smart-mobility", "state": "closing_soon"}, {"beide", "dutch"}),
        ({"kind": "european", "state": "closed"}, set()),
    ):
        assert set(told("nl", query)) == set(told("en", query)) == names, query
    assert told("en", {"state": "closing_soon"}) == {"beide": "beide (English)", "dutch": "dutch"}
    assert told("nl", {"state": "closing_soon"}) == {"beide": "beide", "dutch": "dutch"}


def test_a_filter_gives_the_same_cases_in_both_languages(home: HomePage, client: Client) -> None:
    index = home.add_child(instance=CaseIndexPage(title="Cases", slug="cases"))
    addresses = {"nl": index.url, "en": in_english(index).url}
    for slug, state, terms, is_translated in (
        ("beide", "running", ("smart-mobility", "layer-1"), True),
        ("dutch", "running", ("smart-mobility",), False),
        ("klaar", "finished", ("smart-living", "layer-1"), True),
    ):
        add_told(index, CasePage(title=slug, slug=slug, state=state), *terms, is_translated=is_translated)

    def told(language: str, query: dict[str, str]) -> dict[str, str]:
        listing = client.get(addresses[language], query).context["listing"]
        assert listing.count == len(listing)
        return {case.row.name_nl: case.title for case in listing}

    for query, names in (
        ({}, {"beide", "dutch", "klaar"}),
        ({"state": "running"}, {"beide", "dutch"}),
        ({"domain": "smart-mobility"}, {"beide", "dutch"}),
        ({"layer": "layer-1"}, {"beide", "klaar"}),
        ({"layer": "layer-1", "domain": "smart-mobility", "state": "running"}, {"beide"}),
        ({"layer": "layer-1", "domain": "smart-people"}, set()),
    ):
        assert set(told("nl", query)) == set(told("en", query)) == names, query
    assert told("en", {"state": "running"}) == {"beide": "beide (English)", "dutch": "dutch"}
