"""Many organisations at once: confirmed, shown on the members page or kept off it, as was told and once."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.models import ModelLogEntry, Site

from accounts.models import User
from membership.models import Organisation
from tests.desk import chosen_on, confirm, many, person, words_of
from tests.membership.test_pages import add_member

pytestmark = pytest.mark.django_db
LIST = "/admin/organisations/"


@pytest.fixture(autouse=True)
def treasurer(client: Client, site: Site) -> User:
    user = person("finance")
    client.force_login(user)
    return user


def address(action: str, *rows: Organisation) -> str:
    return many(action, *rows, model="membership/organisation")


def made(name: str, number: str = "", **fields: bool) -> Organisation:
    organisation: Organisation = Organisation.objects.create(
        name=name, enterprise_number=number, city="Gent", **fields
    )
    return organisation


def lines(action: str, user: User) -> int:
    return ModelLogEntry.objects.filter(action=f"membership.{action}", user=user).count()


def test_organisations_are_confirmed_after_each_was_told_of(client: Client, treasurer: User) -> None:
    made("De Kaai", "0403170701", is_confirmed=True)
    first, alike = made("Brug", "0999101384"), made("de kaai bv")
    same, double = made("Kaai Gent", "0403170701"), made("Brug twee", "0999101384")
    there = made("Al bevestigd", is_confirmed=True)
    url = address("confirm", first, alike, same, double, there)
    page = words_of(client.get(url))
    assert "2 organisaties worden bevestigd." in page
    assert "0999101384, Gent." in page
    assert "geen ondernemingsnummer, Gent. “De Kaai” is al bevestigd: voeg ze samen" in page
    assert "De Kaai heeft hetzelfde ondernemingsnummer" in page
    assert "Brug heeft hetzelfde ondernemingsnummer" in page
    assert "Ze is al bevestigd." in page
    assert not Organisation.objects.get(pk=first.pk).is_confirmed, "nothing is done yet"
    sealed = {"chosen": chosen_on(client.get(url))}
    said = words_of(client.post(url, sealed, follow=True))
    assert "2 organisaties zijn bevestigd." in said
    assert set(Organisation.objects.filter(is_confirmed=True)) >= {first, alike}
    assert Organisation.objects.filter(is_confirmed=False).count() == 2
    assert lines("confirm", treasurer) == 2
    assert "Ze is al bevestigd." in words_of(client.post(url, sealed, follow=True))
    assert lines("confirm", treasurer) == 2


def test_a_number_that_is_taken_or_changed_meanwhile_is_refused(client: Client, treasurer: User) -> None:
    first, second = made("Brug", "0999101384"), made("Kaai", "0403170701")
    url = address("confirm", first, second)
    sealed = {"chosen": chosen_on(client.get(url))}
    made("Snelle", "0999101384", is_confirmed=True)
    Organisation.objects.filter(pk=second.pk).update(enterprise_number="0123456749")
    said = words_of(client.post(url, sealed, follow=True))
    assert "Snelle heeft hetzelfde ondernemingsnummer" in said
    assert "Er is intussen iets gewijzigd." in said
    assert lines("confirm", treasurer) == 0


def test_they_are_shown_and_kept_off(client: Client, treasurer: User) -> None:
    member, stranger = add_member("Lantaarnwerk"), made("Brug", is_listed=False)
    page = words_of(client.get(address("list", member, stranger)))
    assert "ze verschijnt zodra ze bevestigd en lid is." in page
    assert "Ze mag al op de ledenpagina staan." in page
    assert "1 organisatie mag" in confirm(client, address("list", member, stranger))
    page = words_of(client.get(address("unlist", member, stranger)))
    assert "Lantaarnwerk: ze verdwijnt meteen." in page or "ze verdwijnt meteen." in page
    assert "2 organisaties blijven" in confirm(client, address("unlist", member, stranger))
    assert not Organisation.objects.filter(is_listed=True).exists()
    assert "verschijnt meteen" in words_of(client.get(address("list", member)))
    assert (lines("list", treasurer), lines("unlist", treasurer)) == (1, 2)


def test_all_that_the_filters_leave_are_taken(client: Client) -> None:
    made("Brug"), made("Brug bis"), made("Kaai")
    url = many("confirm", "all", model="membership/organisation", q="Brug")
    assert "2 organisaties zijn bevestigd." in confirm(client, url)
    assert Organisation.objects.get(is_confirmed=False).name == "Kaai"
    hidden = many("list", "all", model="membership/organisation", is_listed="false")
    assert "Er zijn geen rijen gekozen" in words_of(client.get(hidden))


def test_who_may_not_change_organisations_is_sent_away_and_sees_no_boxes(client: Client) -> None:
    organisation = made("Brug")
    assert "bulk-actions-choices" in client.get(LIST).content.decode()
    client.force_login(person("editor"))
    for action in ("confirm", "list", "unlist"):
        assert client.get(address(action, organisation)).status_code == 302
        assert (
            client.post(address(action, organisation), {"chosen": f"{organisation.pk}="}).status_code == 302
        )
    assert not Organisation.objects.get().is_confirmed


def test_the_page_asks_the_same_however_many_are_chosen(client: Client) -> None:
    chosen = [made(f"Brug {number}") for number in range(8)]
    for action in ("confirm", "unlist"):
        counts = []
        for some in (chosen[:1], chosen[:1], chosen):
            with CaptureQueriesContext(connection) as queries:
                client.get(address(action, *some))
            counts.append(len(queries))
        assert counts[1] == counts[2] <= 25
