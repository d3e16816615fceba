"""Answers about ledger rows and the pages that tell of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import Case, Exists, IntegerField, JSONField, OuterRef, QuerySet, Subquery, When
from django.db.models.functions import JSONObject
from django.http import HttpRequest
from django.utils.translation import get_language
from wagtail.models import Page

from cms.addresses import know_addresses
from cms.gate import may_open_page, visible_pages
from cms.models import PublishedRow

RowT = TypeVar("RowT", bound=PublishedRow)
PageT = TypeVar("PageT", bound=Page)


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


def with_a_page(rows: "QuerySet[RowT]", *, request: HttpRequest | None) -> "QuerySet[RowT]":
    """Keep the rows of which some page is open to the visitor: the same rows in every language.

    Without a request (in a mail) it is a visitor who is not logged in. Each row also gets what `tell` needs
    of its best page, so that telling costs no query of its own.
    """
    pages = visible_pages(
        Page.objects.filter(translation_key=OuterRef("translation_key")), request or AnonymousUser()
    )
    ranks = (When(locale__language_code=code, then=rank) for rank, code in enumerate(_preference()))
    facts = JSONObject(url_path="url_path", title="title", language="locale__language_code")
    best = pages.order_by(Case(*ranks, default=len(settings.LANGUAGES), output_field=IntegerField()))
    told: Any = rows.filter(Exists(pages)).annotate(
        best_page=Subquery(best.values(facts=facts)[:1], output_field=JSONField())
    )
    return cast("QuerySet[RowT]", told)


def tell(rows: Iterable[PublishedRow], *, request: HttpRequest | None) -> list[Told]:
    """Put each row beside its page: the visitor's language first, then the default one.

    Rows that do not come from `with_a_page` cost one query together; one without an open page is left out.
    """
    if request is not None:
        know_addresses(request)
    listed: list[Any] = list(rows)
    if all(hasattr(row, "best_page") for row in listed):
        pointer = Page()  # one goes along all addresses: making a page costs more than its address
        return [_told(row, pointer, request=request, **row.best_page) for row in listed if row.best_page]
    pages = Page.objects.filter(translation_key__in=[row.translation_key for row in listed])
    visible = visible_pages(pages, request or AnonymousUser())
    return tell_with(listed, visible.select_related("locale"), request=request)


def tell_with(
    rows: Iterable[PublishedRow], pages: Iterable[Page], *, request: HttpRequest | None
) -> list[Told]:
    """Put each row beside its page out of pages that are known, with their locales."""
    best: dict[Any, Page] = {}
    preference = _preference()
    for page in sorted(pages, key=lambda page: preference.index(page.locale.language_code), reverse=True):
        best[page.translation_key] = page
    return [
        _told(row, page, request=request, title=page.title, language=page.locale.language_code)
        for row in rows
        if (page := best.get(row.translation_key))
    ]


def in_own_language(pages: Iterable[PageT], request: HttpRequest) -> PageT | None:
    """Return, of pages that are each other's translations and that the visitor may open, the one to show.

    The visitor's language comes first; None when none is open. The pages need their locales.
    """
    open_ones = [page for page in pages if may_open_page(page, request)]
    return min(open_ones, key=lambda page: page.locale.language_code != get_language(), default=None)


def _preference() -> list[str]:
    """The languages in the order in which the visitor likes them, each once."""
    return list(dict.fromkeys((get_language() or "", settings.LANGUAGE_CODE, *dict(settings.LANGUAGES))))


def _told(
    row: PublishedRow,
    page: Page,
    *,
    request: HttpRequest | None,
    title: str,
    language: str,
    url_path: str = "",
) -> Told:
    page.url_path = url_path or page.url_path
    return Told(
        row=row,
        url=page.get_url(request) or "",
        title=title,
        lead=getattr(row, f"lead_{language}", ""),
        language=language,
    )
