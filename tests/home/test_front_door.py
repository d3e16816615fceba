"""A new installation has a front door of its own, not Wagtail's welcome page."""

import pytest
from django.core.management import call_command
from django.test import Client
from wagtail.models import Page, Site

from home.models import HomePage

pytestmark = pytest.mark.django_db


def test_setup_leaves_a_home_page_a_language_for_editors_to_fill(client: Client) -> None:
    for language in ("nl", "en"):
        response = client.get(f"/{language}/", headers={"host": "testserver"})
        assert response.status_code == 200
        assert f'<html lang="{language}"' in response.content.decode()
        assert "Wagtail" not in response.content.decode()
    assert Page.objects.filter(depth=2).count() == HomePage.objects.live().count() == 2
    assert Page.find_problems() == ([], [], [], [], [])


def test_a_later_setup_keeps_what_editors_made_of_it() -> None:
    home = Site.objects.get(is_default_site=True).root_page.specific
    home.title = "Onze stad"
    home.save_revision().publish()
    call_command("setup", verbosity=0)
    assert [page.title for page in HomePage.objects.order_by("path")] == [
        "Onze stad",
        "Smart Cities Vlaanderen",
    ]
