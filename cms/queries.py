"""Answers about ledger rows and the pages that tell of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.translation import get_language
from wagtail.models import Page

from cms.gate import visible_pages
from cms.models import PublishedRow

RowT = TypeVar("RowT", bound=PublishedRow)


@dataclass(frozen=True)
class Told:
    """A ledger row with the page that tells of it, in the visitor's language where there is one."""

    row: Any
    url: str
    title: str
    lead: str
    language: str

    @property
    def is_in_other_language(self) -> bool:
        """Say whether the page is in another language than the visitor's."""
        return self.language != get_language()


def with_a_page(rows: "QuerySet[RowT]", *, request: HttpRequest) -> "QuerySet[RowT]":
    """Keep the rows of which some page is open to the visitor: the same rows in every language."""
    pages = visible_pages(Page.objects.filter(translation_key=OuterRef("translation_key")), request)
    return rows.filter(Exists(pages))


def tell(rows: Iterable[PublishedRow], *, request: HttpRequest) -> list[Told]:
    """Put each row beside its page, in one query: the visitor's language first, then the default one."""
    rows = list(rows)
    pages = Page.objects.filter(translation_key__in=[row.translation_key for row in rows])
    return tell_with(rows, visible_pages(pages, request).select_related("locale"), request=request)


def tell_with(rows: Iterable[PublishedRow], pages: Iterable[Page], *, request: HttpRequest) -> list[Told]:
    """Put each row beside its page out of pages that are known, with their locales."""
    preference = [get_language(), settings.LANGUAGE_CODE, *dict(settings.LANGUAGES)]
    best: dict[Any, Page] = {}
    for page in sorted(pages, key=lambda page: preference.index(page.locale.language_code), reverse=True):
        best[page.translation_key] = page
    return [_told(row, best[row.translation_key], request) for row in rows if row.translation_key in best]


def _told(row: PublishedRow, page: Page, request: HttpRequest) -> Told:
    language = page.locale.language_code
    return Told(
        row=row,
        url=page.get_url(request) or "",
        title=page.title,
        lead=getattr(row, f"lead_{language}", ""),
        language=language,
    )
