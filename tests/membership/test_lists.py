"""The lists of organisations, memberships and prices: what filters, search and sorting leave, with totals."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import Site

from accounts.models import User
from membership.models import Charge, Membership, Organisation, Price, SizeBand, Tier
from membership.operations.changes import announce_tier
from membership.operations.ladder import fall_past_due
from tests.desk import person, sums_of, titles_of, words_of
from tests.factories.billing import fill_in_issuer
from tests.membership.life import FIRST, join, live, member, morning, pay_all, pay_invoice

pytestmark = pytest.mark.django_db
MEMBERSHIPS, ORGANISATIONS, PRICES = (
    "/admin/memberships/",
    "/admin/organisations/",
    "/admin/memberships/prices/",
)


@pytest.fixture(autouse=True)
def treasurer(client: Client, site: Site) -> User:
    user = person("finance")
    client.force_login(user)
    fill_in_issuer()
    return user


@pytest.fixture
def memberships() -> dict[str, Membership]:
    """One in most states, each of an organisation that is called so."""
    today, made = timezone.localdate(), {}
    for name, number, tier, days, is_paid in (
        ("Actief", "0999666543", "connect", 100, True),
        ("Achterstallig", "0999555431", "connect", 90, True),
        ("Groter", "0999444319", "cultivate", 10, True),
        ("Wachtend", "0999101384", "connect", 3, False),
        ("Gesloten", "0999777655", "inform", 2, False),
    ):
        membership = join(today - timedelta(days=days), tier=tier, number=number)
        if is_paid:
            pay_all(today - timedelta(days=days))
        Organisation.objects.filter(pk=membership.organisation_id).update(name=name, city=f"{name}stad")
        made[name] = membership
    fall_past_due(membership=made["Achterstallig"], at=timezone.now(), by=None)
    Membership.objects.filter(pk=made["Gesloten"].pk).update(status="closed")
    Organisation.objects.filter(name="Gesloten").update(is_confirmed=False, kind="knowledge_institution")
    made["Gesloten"].application.last_name = "Zeldzaam"
    made["Gesloten"].application.save()
    return made


MEMBERSHIP_FILTERS: list[tuple[dict[str, Any], set[str]]] = [
    ({}, {"Actief", "Achterstallig", "Groter", "Wachtend", "Gesloten"}),
    ({"status": "active"}, {"Actief", "Groter"}),
    ({"status": ["past_due", "awaiting_payment"]}, {"Achterstallig", "Wachtend"}),
    ({"tier": "{cultivate}"}, {"Groter"}),
    ({"tier": "{connect}", "status": "active"}, {"Actief"}),
    ({"ends_on_to": "{soon}"}, {"Actief", "Achterstallig"}),
    ({"q": "stad"}, set()),
    ({"q": "achterst"}, {"Achterstallig"}),
    ({"q": "Zeldzaam"}, {"Gesloten"}),
    ({"q": "noor@lantaarnwerk.example", "status": "awaiting_payment"}, {"Wachtend"}),
]
FEES = {"Actief": "1000", "Achterstallig": "1000", "Groter": "3000", "Wachtend": "1000"}


@pytest.mark.parametrize(
    ("query", "left"), MEMBERSHIP_FILTERS, ids=[str(query) for query, _left in MEMBERSHIP_FILTERS]
)
def test_filters_and_search_leave_these_memberships_with_their_totals(
    client: Client, memberships: dict[str, Membership], query: dict[str, Any], left: set[str]
) -> None:
    known = {each.slug: str(each.pk) for each in Tier.objects.all()}
    known["soon"] = (timezone.localdate() + timedelta(days=300)).isoformat()
    asked = {key: text.format_map(known) if isinstance(text, str) else text for key, text in query.items()}
    answer = client.get(MEMBERSHIPS, asked)
    assert sorted(titles_of(answer)) == sorted(left)
    sums = sums_of(answer)
    running, waits = left & {"Actief", "Achterstallig", "Groter"}, left & {"Wachtend"}
    for name, some in (("Jaarbijdragen van leden", running), ("Jaarbijdragen van aanvragers", waits)):
        total = sum((Decimal(FEES[each]) for each in some), Decimal(0))
        assert sums[name].replace(".", "") == f"{total:.2f} euro".replace(".", ",")
    counted = {
        status.label.capitalize(): sum(
            Membership.objects.get(pk=memberships[each].pk).status == status for each in left
        )
        for status in Membership.Status
    }
    assert {name: int(sums[name]) for name in counted if name in sums} == {
        name: count for name, count in counted.items() if count
    }


@pytest.mark.parametrize(
    ("ordering", "ends"),
    [
        ("yearly_fee", ("Gesloten", "Groter")),
        ("-yearly_fee", ("Groter", "Gesloten")),
        ("organisation", None),
        ("-applied_at", ("Gesloten", "Actief")),
        ("nonsense", ("Gesloten", "Actief")),
    ],
)
def test_memberships_are_sorted(
    client: Client, memberships: dict[str, Membership], ordering: str, ends: tuple[str, str] | None
) -> None:
    found = titles_of(client.get(MEMBERSHIPS, {"ordering": ordering}))
    assert len(found) == 5
    if ends:
        assert (found[0], found[-1]) == ends


def exported(client: Client, url: str, **query: Any) -> list[str]:
    answer: Any = client.get(url, {"export": "csv", **query})
    return b"".join(answer.streaming_content).decode().splitlines()[1:]


def test_the_yearly_fee_is_that_of_the_term_that_runs_until_the_next_one_begins(client: Client) -> None:
    membership = member(tier="cultivate")
    announce_tier(membership=membership, tier=Tier.objects.get(slug="inform"), at=morning(FIRST), by=None)
    ends_on = membership.ends_on
    assert ends_on
    for day, fee, said in (
        (ends_on - timedelta(days=30), 3000, "3.000,00"),
        (ends_on, 3000, "3.000,00"),
        (ends_on + timedelta(days=1), 135, "135,00"),
    ):
        live(day, day)
        assert Charge.objects.filter(purpose="renewal").exists()
        assert sums_of(client.get(MEMBERSHIPS))["Jaarbijdragen van leden"] == f"{said} euro"
        (row,) = exported(client, MEMBERSHIPS)
        assert Decimal(row.split(",")[-1]) == fee


def test_an_application_of_which_a_part_was_paid_waits_at_the_desk(client: Client) -> None:
    membership = join(FIRST)
    invoice = Charge.objects.get().invoice
    assert invoice

    def waiting() -> list[int]:
        rows = client.get("/admin/billing/desk/").context["waiting_rows"]
        return [row.count for row in rows if "paid_in_part" in row.url]

    close = f"/admin/memberships/close/{membership.pk}/"
    assert waiting() in ([], [0])
    assert "moet dan worden terugbetaald" not in client.get(close).content.decode()
    pay_invoice(invoice, FIRST, Decimal("0.01"))
    assert waiting() == [1]
    assert titles_of(client.get(MEMBERSHIPS, {"paid_in_part": "true"})) == ["Lantaarnwerk"]
    assert "moet dan worden terugbetaald" in client.get(close).content.decode()
    pay_all(FIRST + timedelta(days=1))
    assert waiting() in ([], [0])
    assert titles_of(client.get(MEMBERSHIPS, {"paid_in_part": "true"})) == []


def test_exports_hold_what_the_filters_leave(client: Client, memberships: dict[str, Membership]) -> None:
    assert len(exported(client, MEMBERSHIPS)) == 5
    found = exported(client, MEMBERSHIPS, status="active", q="Groter")
    assert [each.split(",")[0] for each in found] == ["Groter"]
    assert Decimal(found[0].split(",")[-1]) == 3000
    found = exported(client, ORGANISATIONS, is_confirmed="false")
    assert sorted(each.split(",")[0] for each in found) == ["Gesloten", "Wachtend"]
    assert client.get(ORGANISATIONS, {"export": "xlsx"}).status_code == 200
    connect = Tier.objects.get(slug="connect")
    found = exported(client, PRICES, tier=str(connect.pk), kind="company")
    assert len(found) == Price.objects.filter(tier=connect, kind="company").count() > 0
    assert all(each.startswith("connect,") for each in found)


ORGANISATION_FILTERS: list[tuple[dict[str, str], set[str], tuple[int, int]]] = [
    ({}, {"Actief", "Achterstallig", "Groter", "Wachtend", "Gesloten", "Buitenstaander"}, (3, 3)),
    ({"is_confirmed": "false"}, {"Gesloten", "Wachtend", "Buitenstaander"}, (0, 3)),
    ({"kind": "knowledge_institution"}, {"Gesloten"}, (0, 1)),
    ({"q": "Groterstad"}, {"Groter"}, (1, 0)),
    ({"q": "0999666543"}, {"Actief"}, (1, 0)),
    ({"q": "act", "is_confirmed": "true"}, {"Actief"}, (1, 0)),
    ({"q": "niemand"}, set(), (0, 0)),
]


@pytest.mark.parametrize(
    ("query", "left", "counts"),
    ORGANISATION_FILTERS,
    ids=[str(query) for query, _left, _counts in ORGANISATION_FILTERS],
)
def test_filters_and_search_leave_these_organisations_with_their_totals(
    client: Client,
    memberships: dict[str, Membership],
    query: dict[str, str],
    left: set[str],
    counts: tuple[int, int],
) -> None:
    Organisation.objects.create(name="Buitenstaander", enterprise_number="0403170701")
    answer = client.get(ORGANISATIONS, query)
    assert sorted(title.split(" Meer")[0].split(" Opties")[0] for title in titles_of(answer)) == sorted(left)
    assert sums_of(answer) == {
        "Organisaties": str(len(left)),
        "Waarvan lid": str(counts[0]),
        "Waarvan niet bevestigd": str(counts[1]),
    }


def test_organisations_are_sorted_by_name_or_as_asked(
    client: Client, memberships: dict[str, Membership]
) -> None:
    answer = client.get(ORGANISATIONS)
    titles = titles_of(answer)
    assert "True" not in words_of(answer)
    assert titles == sorted(titles)
    assert titles_of(client.get(ORGANISATIONS, {"ordering": "-name"})) == titles[::-1]


def price_rows(client: Client, **query: str) -> tuple[Any, int]:
    answer = client.get(PRICES, query)
    return answer, len(titles_of(answer))


def test_prices_are_found_by_tier_size_and_kind_in_either_language(client: Client) -> None:
    band = SizeBand.objects.order_by("-employees_from")[0]
    connect = Tier.objects.get(slug="connect")
    of_connect = Price.objects.filter(tier=connect)
    companies = Price.objects.filter(kind="company")
    for typed, rows in (
        ("connect", of_connect),
        ("CONNECT", of_connect),
        (connect.name_en, of_connect),
        ("bedrijf", companies),
        ("bedr connect", companies.filter(tier=connect)),
        ("Steering", Price.objects.filter(tier__slug="stuurgroep")),
        (band.name_nl, Price.objects.filter(size_band=band)),
        ("connect niemand", Price.objects.none()),
    ):
        answer, _count = price_rows(client, q=typed)
        found = int(sums_of(answer)["Prijzen, oude inbegrepen"])
        assert found >= rows.count(), typed
        if typed != band.name_nl:  # its words may stand in other sizes too
            assert found == rows.count(), typed
    assert price_rows(client, q="connect niemand")[1] == 0


def test_filters_leave_these_prices_with_their_totals(client: Client) -> None:
    today = timezone.localdate()
    price = Price.objects.filter(kind="company", tier__slug="connect").order_by("pk")[0]
    count = Price.objects.count()
    same = {"tier": price.tier, "size_band": price.size_band, "kind": price.kind}
    Price.objects.create(**same, valid_from=today, yearly_fee=Decimal("1111.00"))
    Price.objects.create(**same, valid_from=date(today.year + 1, 12, 31), yearly_fee=Decimal("1222.00"))
    assert sums_of(client.get(PRICES)) == {
        "Prijzen, oude inbegrepen": str(count + 2),
        "Die nu gelden": str(count),
        "Die nog komen": "1",
    }
    query = {"tier": str(price.tier_id), "size_band": str(price.size_band_id), "kind": "company"}
    answer, shown = price_rows(client, **query)
    assert shown == 3
    assert sums_of(answer) == {
        "Prijzen, oude inbegrepen": "3",
        "Die nu gelden": "1",
        "Die nog komen": "1",
    }
    page = answer.content.decode().replace("\N{NO-BREAK SPACE}", " ")
    assert page.find("1.222,00 euro") < page.find("1.111,00 euro"), "the newest first"
    page = (
        client.get(PRICES, {**query, "ordering": "yearly_fee"})
        .content.decode()
        .replace("\N{NO-BREAK SPACE}", " ")
    )
    assert page.find("1.222,00 euro") > page.find("1.111,00 euro")


@pytest.mark.parametrize("url", [MEMBERSHIPS, ORGANISATIONS, PRICES])
def test_each_list_asks_the_same_however_long_it_is(
    client: Client, memberships: dict[str, Membership], url: str
) -> None:
    counts = []
    for is_longer in (False, False, True):
        if is_longer:
            for number in range(12):
                organisation = Organisation.objects.create(name=f"Meer {number}")
                membership = Membership.objects.create(
                    organisation=organisation, tier=Tier.objects.all()[0], applied_at=timezone.now()
                )
                assert membership
        with CaptureQueriesContext(connection) as queries:
            client.get(url)
        counts.append(len(queries))
    assert counts[1] == counts[2] <= 30


@pytest.mark.parametrize("url", [MEMBERSHIPS, ORGANISATIONS, PRICES])
def test_odd_questions_break_no_list(client: Client, memberships: dict[str, Membership], url: str) -> None:
    odd = [
        {"q": "\0"}, {"q": "x" * 10_000}, {"q": "%_'\""}, {"p": "99"}, {"p": "x"}, {"ordering": "-"},
        {"status": "nonsense"}, {"ends_on_from": "31/02/2026"}, {"tier": "x"}, {"kind": "\0"},
        {"size_band": "9" * 30}, {"is_confirmed": "maybe"}, {"q": " "},
    ]  # fmt: skip
    for query in odd:
        assert client.get(url, query).status_code in (200, 404), query
        assert client.get(f"{url}results/", query).status_code in (200, 404), query
