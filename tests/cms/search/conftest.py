from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from wagtail.models import Locale

from home.models import ArticlePage, ContentPage, HomePage, NewsIndexPage


@pytest.fixture
def write(home: HomePage, home_en: HomePage) -> Callable[..., ContentPage]:
    """Publish a content page: `write("Titel", "Tekst")`, `write("Title", "Text", language="en")`."""

    def publish(title: str, text: str = "", *, language: str = "nl", **fields: Any) -> ContentPage:
        parent = home_en if language == "en" else home
        body = [("paragraph", f"<p>{text}</p>")] if text else []
        locale = Locale.objects.get(language_code=language)
        page: ContentPage = parent.add_child(
            instance=ContentPage(title=title, locale=locale, body=body, **fields)
        )
        return page

    return publish


@pytest.fixture
def article(home: HomePage) -> ArticlePage:
    """A published article."""
    news = home.add_child(instance=NewsIndexPage(title="Nieuws", slug="nieuws"))
    page: ArticlePage = news.add_child(
        instance=ArticlePage(
            title="Sensoren in de binnenstad", slug="sensoren", published_on=date(2026, 11, 3)
        )
    )
    return page
