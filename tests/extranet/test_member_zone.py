from urllib.parse import quote

import pytest
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries
from wagtail.models import Collection

from accounts.models import User
from cms.models import SiteDocument
from cms.registries import Landmark, Registry
from extranet.models import LibraryPage, MemberHomePage
from extranet.operations.library import collection_name, load_library
from home.models import HomePage
from membership.models import Membership, Tier
from membership.operations.access import update_access
from tests.html import crumbs_of
from tests.membership.test_pages import add_member

pytestmark = pytest.mark.django_db
PAGE_QUERIES = 10


def person(*tiers: str) -> User:
    user = User.objects.create_user(f"{'-'.join(tiers) or 'niemand'}@example.be")
    user.groups.set(Group.objects.filter(name__in=[f"tier-{tier}" for tier in tiers]))
    return user


def add_document(tier: str, title: str = "Verslag") -> SiteDocument:
    collection = Collection.objects.get(name=collection_name(Tier.objects.get(slug=tier)))
    document = SiteDocument(title=f"{title} {tier}", collection=collection, language="nl")
    document.file.save(f"{tier}.txt", ContentFile(b"geheim"), save=True)
    return document


@pytest.fixture
def zone(home: HomePage) -> MemberHomePage:
    page = home.add_child(instance=MemberHomePage(title="Ledenzone", slug="ledenzone"))
    page.add_child(instance=LibraryPage(title="Bibliotheek", slug="bibliotheek"))
    return page


def body(client: Client, address: str) -> tuple[int, str]:
    response = client.get(address)
    html = b"".join(response).decode()
    for said in (quote(quote(address, safe=""), safe=""), quote(address, safe="")):
        html = html.replace(said, "ADRES")
    return response.status_code, html


def test_the_tier_opens_documents_and_everybody_else_sees_an_address_that_never_was(
    zone: MemberHomePage, client: Client
) -> None:
    document = add_document("cultivate")
    address = document.url
    client.force_login(person("inform", "connect", "cultivate"))
    assert body(client, address) == (200, "geheim")
    assert b"Verslag cultivate" in client.get("/nl/ledenzone/bibliotheek/").content

    client.force_login(person("inform", "connect"))
    lower = body(client, address)
    assert lower == body(client, "/documents/99999/cultivate.txt")
    assert lower[0] == 404
    assert b"Verslag cultivate" not in client.get("/nl/ledenzone/bibliotheek/").content


@pytest.mark.parametrize("address", ["/nl/ledenzone/", "/nl/ledenzone/bibliotheek/"])
def test_visitors_and_lapsed_members_see_a_page_that_never_was(
    zone: MemberHomePage, client: Client, address: str
) -> None:
    organisation = add_member("Lantaarnwerk")
    user = person()
    organisation.affiliations.create(user=user)
    update_access(organisation=organisation)
    client.force_login(user)
    assert client.get(address).status_code == 200

    organisation.memberships.update(status=Membership.Status.LAPSED)
    update_access(organisation=organisation)
    assert body(client, address)[0] == 404
    client.logout()
    status, text = body(client, address)
    assert status == 404
    assert body(client, "/nl/nooit-bestaan/")[0] == 404
    assert "?next=" in text or "next" in text


def test_the_member_home_names_organisation_and_tier_within_the_budget(
    zone: MemberHomePage,
    memory: None,
    client: Client,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    organisation = add_member("Lantaarnwerk")
    user = person()
    organisation.affiliations.create(user=user)
    update_access(organisation=organisation)
    for number in range(8):
        add_document("connect", f"Nota {number}")
    client.force_login(user)
    client.get("/nl/ledenzone/")
    with django_assert_max_num_queries(PAGE_QUERIES):
        content = client.get("/nl/ledenzone/").content.decode()
    assert "Lantaarnwerk is lid met de formule Connect" in content
    assert content.count("Nota ") == 5


def test_ones_own_organisation_stands_below_the_member_zone_while_that_is_open(
    zone: MemberHomePage, client: Client
) -> None:
    organisation = add_member("Lantaarnwerk")
    user = person()
    organisation.affiliations.create(user=user)
    update_access(organisation=organisation)
    client.force_login(user)
    content = client.get("/nl/mijn-organisatie/").content.decode()
    assert crumbs_of(content) == ["Home", "Ledenzone", "Mijn organisatie"]

    organisation.memberships.update(status=Membership.Status.LAPSED)
    update_access(organisation=organisation)
    content = client.get("/nl/mijn-organisatie/").content.decode()
    assert crumbs_of(content) == ["Home", "Mijn organisatie"]


def test_standing_below_the_member_zone_costs_ones_own_organisation_no_query(
    zone: MemberHomePage,
    memory: None,
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    client.force_login(person("inform"))
    client.get("/nl/mijn-organisatie/")
    with monkeypatch.context() as patch, CaptureQueriesContext(connection) as without:
        patch.setattr("cms.navigation.landmarks", Registry[Landmark]())
        assert "Ledenzone" not in crumbs_of(client.get("/nl/mijn-organisatie/").content.decode())
    with django_assert_max_num_queries(len(without)):
        assert "Ledenzone" in crumbs_of(client.get("/nl/mijn-organisatie/").content.decode())


def test_the_library_costs_the_same_for_two_documents_and_for_twelve(
    zone: MemberHomePage,
    memory: None,
    client: Client,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    client.force_login(person("inform"))
    client.get("/nl/ledenzone/bibliotheek/")
    for number, added in enumerate((2, 10)):
        for each in range(added):
            add_document("inform", f"Nota {number}-{each}")
        with django_assert_max_num_queries(PAGE_QUERIES):
            content = client.get("/nl/ledenzone/bibliotheek/").content.decode()
    assert content.count("Nota ") == 12


def test_the_library_filters_by_words_and_language(zone: MemberHomePage, client: Client) -> None:
    for title, language in (("Gids over sensoren", "nl"), ("Guide", "en"), ("Kaart", "")):
        added = add_document("inform", title)
        SiteDocument.objects.filter(pk=added.pk).update(language=language)
    client.force_login(person("inform"))

    def titles(**query: str | list[str]) -> set[str]:
        listing = client.get("/nl/ledenzone/bibliotheek/", query).context["listing"]
        return {document.title.removesuffix(" inform") for document in listing}

    assert titles(q="SENSOREN") == {"Gids over sensoren"}
    assert titles(language="en") == {"Guide", "Kaart"}
    assert titles(language=["nl", "en"]) == {"Gids over sensoren", "Guide", "Kaart"}


def test_the_library_shows_ones_own_language_and_leads_to_the_other(
    zone: MemberHomePage, client: Client
) -> None:
    for title, language in (("Gids over sensoren", "nl"), ("Guide to sensors", "en"), ("Kaart", "")):
        added = add_document("inform", title)
        SiteDocument.objects.filter(pk=added.pk).update(language=language)
    client.force_login(person("inform"))

    def library(query: str = "") -> tuple[set[str], list[tuple[str, str]]]:
        context = client.get(f"/nl/ledenzone/bibliotheek/{query}").context
        shown = {document.title.removesuffix(" inform") for document in context["listing"]}
        return shown, context["elsewhere"]

    assert library() == ({"Gids over sensoren", "Kaart"}, [("Ook 1 document in het Engels", "?language=en")])
    assert library("?q=sensor")[1] == [("Ook 1 document in het Engels", "?q=sensor&language=en")]
    assert library("?language=en") == ({"Guide to sensors", "Kaart"}, [])
    assert library("?q=guide") == ({"Guide to sensors"}, []), "what is in the other language only is shown"


def test_loading_the_library_again_keeps_what_staff_closed_otherwise() -> None:
    tier = Tier.objects.get(slug="inform")
    restriction = Collection.objects.get(name=collection_name(tier)).view_restrictions.get()
    board = Group.objects.create(name="test-bestuur")
    restriction.groups.set([board])
    load_library()
    assert list(restriction.groups.all()) == [board]


def test_the_way_in_leads_members_to_their_zone_and_others_to_their_account(
    zone: MemberHomePage, client: Client
) -> None:
    address = "/nl/naar-de-ledenzone/"
    assert "next=" in client.get(address)["Location"]
    client.force_login(person("inform"))
    assert client.get(address)["Location"] == "/nl/ledenzone/"
    client.force_login(person())
    assert client.get(address)["Location"].startswith("/nl/account/")


def test_every_page_links_to_the_zone_or_to_the_account_of_whom_it_is_closed_to(
    zone: MemberHomePage, client: Client
) -> None:
    def tools(path: str) -> str:
        html = client.get(path).content.decode()
        return html[: html.index("<main")]

    client.force_login(person("inform"))
    assert '<a href="/nl/ledenzone/">Ledenzone</a>' in tools("/nl/")
    assert '<a href="/nl/ledenzone/" aria-current="page">Ledenzone</a>' in tools("/nl/ledenzone/")
    client.force_login(person())
    assert "Ledenzone" not in tools("/nl/")
    assert tools("/nl/").count(">Mijn account<") == 2, "once in the wide head and once in the menu"
    assert '<a href="/nl/account/" aria-current="true">Mijn account</a>' in tools("/nl/account/data/")
    assert '<a href="/nl/account/" aria-current="page">Mijn account</a>' in tools("/nl/account/")
