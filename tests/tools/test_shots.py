"""The scenes and extremes of the screenshots, against a site of two pages."""

import pytest

from accounts.models import User
from home.models import HomePage
from tools.shots.extremes import LONG_WORD, emptied, overfill
from tools.shots.scenes import PRIVATE_LINK, Scene, name_of, pages


@pytest.mark.django_db
def test_a_page_of_each_type_is_a_scene_in_its_own_language(home: HomePage, home_en: HomePage) -> None:
    assert list(pages("nl")) == [Scene("home", "/nl/")]
    assert list(pages("en")) == [Scene("home", "/en/")]


@pytest.mark.django_db
def test_texts_are_filled_to_their_length_and_what_is_no_text_stays(home: HomePage) -> None:
    person = User.objects.create_user("noor@demo.example", first_name="Noor")
    home.copy(update_attrs={"slug": "twin", "title": "Twin"}, to=home)
    overfill()
    filled, full = HomePage.objects.get(pk=home.pk), User.objects.get(pk=person.pk)
    assert (filled.title.count(LONG_WORD), filled.slug, filled.url_path) == (2, home.slug, home.url_path)
    assert full.first_name.startswith(LONG_WORD)
    assert full.password == person.password
    full.full_clean()


@pytest.mark.django_db
def test_an_emptied_site_keeps_its_front_page_and_lists_and_is_filled_again(home: HomePage) -> None:
    listed = home.copy(update_attrs={"slug": "list", "title": "List"}, to=home)
    row = listed.copy(update_attrs={"slug": "row", "title": "Row"}, to=listed)
    with emptied():
        assert row not in HomePage.objects.live()
        assert {home, listed} <= set(HomePage.objects.live())
    assert row in HomePage.objects.live()


def test_the_links_of_mails_are_told_from_other_addresses() -> None:
    text = "Open http://localhost:8000/nl/agenda/plaats/l/abc-1/ or https://demo.example/nl/agenda/ soon"
    assert PRIVATE_LINK.findall(text) == ["/nl/agenda/plaats/l/abc-1/"]


def test_a_page_type_names_its_pictures() -> None:
    assert name_of(HomePage) == "home"
