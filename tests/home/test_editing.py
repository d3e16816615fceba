"""What an editor meets in the back office while writing a page and sending it to be translated."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from wagtail.models import Locale

from accounts.models import User
from cms.models import Term
from home.models import ArticlePage, HomePage, NewsIndexPage

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(client: Client) -> Client:
    user = User.objects.create_user("redactie@demo.example", is_staff=True)
    user.groups.add(Group.objects.get(name="editor"))
    client.force_login(user)
    return client


@pytest.fixture
def index(home: HomePage) -> NewsIndexPage:
    page: NewsIndexPage = home.add_child(
        instance=NewsIndexPage(title="Nieuws", slug="nieuws", locale=home.locale)
    )
    return page


def test_a_page_sent_to_be_translated_stays_a_draft_until_it_is_published(
    editor: Client, index: NewsIndexPage
) -> None:
    english = Locale.objects.get(language_code="en")
    article = index.add_child(instance=ArticlePage(title="Slimme straat", slug="straat", locale=index.locale))
    assert article.live
    address = reverse("wagtail_localize:submit_page_translation", args=[article.pk])
    assert editor.post(address, {"locales": [english.pk]}).status_code == 302
    translation = article.get_translation(english)
    assert not translation.live
    assert translation.url not in editor.get(article.url).content.decode()
    translation.get_latest_revision().publish()
    translation.refresh_from_db()
    assert translation.live
    assert translation.url in editor.get(article.url).content.decode()


def test_terms_are_boxes_by_kind_and_menus_are_not_promised(editor: Client, index: NewsIndexPage) -> None:
    shown = editor.get(reverse("wagtailadmin_pages:add", args=["home", "articlepage", index.pk]))
    text = shown.content.decode()
    assert text.count('name="terms"') == Term.objects.count()
    assert text.count('<legend class="w-label-3">') == len(Term.Kind.values)
    for words in ("Domein", "Laag", "Duurzame-ontwikkelingsdoelstelling"):
        assert f'<legend class="w-label-3">{words}</legend>' in text
    assert 'name="slug"' in text
    assert 'name="show_in_menus"' not in text


def test_the_preview_panel_counts_and_checks_and_the_site_does_not(
    editor: Client, index: NewsIndexPage
) -> None:
    article = index.add_child(instance=ArticlePage(title="Slimme straat", slug="straat", locale=index.locale))
    article.save_revision()
    address = reverse("wagtailadmin_pages:preview_on_edit", args=[article.pk])
    form = {
        "title": article.title,
        "slug": "straat",
        "published_on": "24/11/2026",
        "lead": "",
        "body-count": "0",
        "comments-TOTAL_FORMS": "0",
        "comments-INITIAL_FORMS": "0",
    }
    assert editor.post(address, form).json()["is_valid"]
    assert "<wagtail-userbar" in editor.get(address, {"in_preview_panel": "true"}).content.decode()
    assert "<wagtail-userbar" not in editor.get(article.url).content.decode()
