"""The pictures of shared links: made once, for what everybody may open, and never for anything else."""

from pathlib import Path

import pytest
from django.test import Client
from django.utils.translation import override
from wagtail.models import PageViewRestriction

from cms.models import Term
from cms.social import picture_url
from home.models import ContentPage, HomePage

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def page(home: HomePage, settings, tmp_path: Path) -> ContentPage:
    settings.DATA_DIR = tmp_path
    page = home.add_child(instance=ContentPage(title="Slimme straat", slug="straat", locale=home.locale))
    page.terms.set(Term.objects.filter(slug__in=["layer-2", "smart-living"]))
    page.save()
    return page


def test_a_public_page_has_a_picture_and_a_private_or_missing_one_none(
    client: Client, page: ContentPage, tmp_path: Path
) -> None:
    with override("en"):
        address = picture_url(page)
    assert address == picture_url(page), "the language is the page's, not the reader's"
    answer = client.get(address)
    content = answer.getvalue()
    assert answer["Content-Type"] == "image/png"
    assert content.startswith(PNG)
    assert (int.from_bytes(content[16:20]), int.from_bytes(content[20:24])) == (1200, 630)
    assert "immutable" in answer["Cache-Control"]
    assert len(list(tmp_path.glob("og/*"))) == 1
    restriction = PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)
    assert client.get(address).status_code == 404
    restriction.delete()
    page.unpublish()
    assert client.get(address).status_code == 404
    assert client.get("/og/999999-abc.png").status_code == 404
    assert client.get(f"/og/{'9' * 40}-abc.png").status_code == 404


def test_another_title_gives_another_address_and_the_earlier_picture_goes(
    client: Client, page: ContentPage, tmp_path: Path
) -> None:
    earlier = picture_url(page)
    client.get(earlier).getvalue()
    page.title = "Een " + "heel" * 60
    page.save()
    present = picture_url(page)
    assert present != earlier
    assert client.get(earlier)["Location"] == present
    client.get(present).getvalue()
    assert len(list(tmp_path.glob("og/*"))) == 1
