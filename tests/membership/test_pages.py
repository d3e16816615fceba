import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from cms.models import Term
from home.models import HomePage
from membership.models import Membership, MembershipPage, MembersPage, Organisation, Price, SizeBand, Tier

pytestmark = pytest.mark.django_db


def add_member(name: str, *, term: str = "smart-mobility", **fields: object) -> Organisation:
    organisation = Organisation.objects.create(name=name, **{"is_confirmed": True, "city": "Gent", **fields})
    organisation.terms.set(Term.objects.filter(slug=term))
    today = timezone.localdate()
    Membership.objects.create(
        organisation=organisation,
        tier=Tier.objects.get(slug="connect"),
        status=Membership.Status.ACTIVE,
        applied_at=timezone.now(),
        starts_on=today,
        ends_on=today + timedelta(days=364),
    )
    return organisation


@pytest.mark.parametrize(
    ("language", "amount", "years"), [("nl", "15.000", "vier jaar"), ("en", "15,000", "four years")]
)
def test_the_fees_of_the_matrix_stand_in_the_form_of_the_language(
    home: HomePage, home_en: HomePage, client: Client, language: str, amount: str, years: str
) -> None:
    parent = home if language == "nl" else home_en
    parent.add_child(
        instance=MembershipPage(title="Lid worden", slug="lid", locale=parent.locale)
    ).save_revision().publish()
    content = client.get(f"/{language}/lid/").content.decode()
    assert content.count(f"<td>{amount}</td>") == 3
    assert content.count("<td>135</td>") == 4
    assert years in content


def price_for(kind: str, fee: str, *sizes: int, on: date | None = None) -> None:
    for band in SizeBand.objects.all():
        if not sizes or band.employees_from in sizes:
            Price.objects.create(
                tier=Tier.objects.get(slug="inform"),
                size_band=band,
                kind=kind,
                yearly_fee=fee,
                valid_from=on or timezone.localdate(),
            )


def apart(content: str) -> list[tuple[str, str]]:
    """The rows of fees of other kinds on the page, as a person reads them."""
    _before, _there, rest = content.partition('id="prices-apart"')
    return re.findall(r"<dt>([^<]+)</dt><dd>([^<]+)</dd>", rest.partition("</dl>")[0])


def test_who_pays_another_fee_than_companies_reads_it_on_the_page(
    home: HomePage,
    home_en: HomePage,
    client: Client,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for parent, title in ((home, "Lid worden"), (home_en, "Join")):
        page = MembershipPage(title=title, slug="lid", locale=parent.locale)
        parent.add_child(instance=page).save_revision().publish()
    with CaptureQueriesContext(connection) as usual:
        for language in ("nl", "en"):
            assert apart(client.get(f"/{language}/lid/").content.decode()) == [], "all pay alike"
    price_for("local_government", "95")
    price_for("other", "1250.50", 250)
    price_for("knowledge_institution", "60", on=timezone.localdate() + timedelta(days=1))
    with django_assert_max_num_queries(len(usual)):
        dutch, english = (client.get(f"/{language}/lid/").content.decode() for language in ("nl", "en"))
    assert "Voor deze organisaties geldt een andere prijs" in dutch
    assert apart(dutch) == [
        ("Lokaal bestuur, Inform", "95"),
        ("Andere organisatie, Inform, minder dan 10 medewerkers", "135"),
        ("Andere organisatie, Inform, 10 tot 49 medewerkers", "135"),
        ("Andere organisatie, Inform, 50 tot 249 medewerkers", "135"),
        ("Andere organisatie, Inform, 250 medewerkers of meer", "1.250,50"),
    ]
    assert "A different fee applies to these organisations" in english
    assert apart(english)[0] == ("Local government, Inform", "95")
    assert apart(english)[-1] == ("Other organisation, Inform, 250 employees or more", "1,250.50")


def test_only_listed_members_with_a_running_membership_are_shown(home: HomePage, client: Client) -> None:
    home.add_child(instance=MembersPage(title="Leden", slug="leden"))
    assert "/nl/word-lid/" in client.get("/nl/leden/").content.decode()
    for query in ("", "?q=qqqqqq"):
        assert '<a href="/nl/leden/">Leden</a>.' in client.get(f"/nl/zoeken/{query}").content.decode()
    add_member("Lantaarnwerk")
    add_member("Stil Bedrijf", is_listed=False)
    add_member("Onbevestigd", is_confirmed=False)
    lapsed = add_member("Oud Lid")
    lapsed.memberships.update(status=Membership.Status.LAPSED)
    content = client.get("/nl/leden/").content.decode()
    assert "Lantaarnwerk" in content
    for name in ("Stil Bedrijf", "Onbevestigd", "Oud Lid"):
        assert name not in content


def test_members_are_filtered_by_words_kind_and_term_within_the_budget(
    home: HomePage,
    client: Client,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    home.add_child(instance=MembersPage(title="Leden", slug="leden"))
    for number in range(30):
        add_member(f"Bedrijf {number:02}")
    add_member("Stad Wilgenmonde", kind="local_government", term="smart-living")

    def names(**query: str) -> list[str]:
        return [member.name for member in client.get("/nl/leden/", query).context["listing"]]

    assert names(q="wilgen GENT", kind="local_government", domain="smart-living") == ["Stad Wilgenmonde"]
    assert names(page="2") == [f"Bedrijf {number}" for number in range(24, 30)] + ["Stad Wilgenmonde"]
    with django_assert_max_num_queries(12):
        client.get("/nl/leden/")


def test_a_filter_gives_the_same_members_in_both_languages(
    home: HomePage, home_en: HomePage, client: Client
) -> None:
    page = home.add_child(instance=MembersPage(title="Leden", slug="leden"))
    english = page.copy_for_translation(home_en.locale)
    english.save_revision().publish()
    add_member("Lantaarnwerk")
    add_member("Stad Wilgenmonde", kind="local_government", city="Wilgenmonde")
    add_member("Sluis en Co", term="smart-living")

    def names(address: str, query: dict[str, str]) -> list[str]:
        return [member.name for member in client.get(address, query).context["listing"]]

    for query, found in (
        ({}, ["Lantaarnwerk", "Sluis en Co", "Stad Wilgenmonde"]),
        ({"domain": "smart-mobility"}, ["Lantaarnwerk", "Stad Wilgenmonde"]),
        ({"kind": "local_government"}, ["Stad Wilgenmonde"]),
        ({"kind": "company", "domain": "smart-living"}, ["Sluis en Co"]),
        ({"q": "gent"}, ["Lantaarnwerk", "Sluis en Co"]),
        ({"q": "gent", "kind": "local_government"}, []),
    ):
        assert names(page.url, query) == names(english.url, query) == found, query


def test_the_membership_page_changes_at_midnight(home: HomePage) -> None:
    noon = datetime(2026, 11, 23, 12, tzinfo=UTC)
    assert timezone.localtime(MembershipPage().next_change_at(noon)).date() == date(2026, 11, 24)
