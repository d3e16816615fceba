"""The search page: one GET address in each language, which keeps what was asked."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise, lazy
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cms.gate import accessible_keys
from cms.listing import FilterField, ListFilters, Listing
from cms.models import SearchEntry, Term
from cms.registries import search_kinds
from cms.search.excerpts import excerpt, mark
from cms.search.queries import Answer, Found, count_kinds, find
from cms.search.sources import PAGES

PAGE_SIZE = 10


@dataclass(frozen=True)
class Result:
    """A row of the results page."""

    url: str
    title: SafeString
    text: SafeString
    kind: str | Promise
    language: str
    language_name: str
    """Only when it is not the visitor's."""
    shown_on: date | None
    is_past: bool


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Show what answers the words in `q`, narrowed by kind and terms, ten at a time."""
    language = get_language() or settings.LANGUAGE_CODE
    labels = {kind.name: kind.label for kind in search_kinds}
    counts: dict[str, int] = {}
    say_kind = lazy(lambda name: f"{labels[name]} ({counts.get(name, 0)})", str)  # when all are counted
    filters = ListFilters(
        request.GET,
        text="q",
        extra=[FilterField("kind", _("Kind of content"), [(name, say_kind(name)) for name in labels])],
        kinds=Term.Kind,
    )
    entries = filters.filter_terms(SearchEntry.objects.all()) if filters.terms() else None
    keys = accessible_keys(request) if request.user.is_authenticated else frozenset()
    answer = find(filters.text, language=language, keys=keys, entries=entries)
    counts |= count_kinds(answer.found)
    kinds = filters.selected("kind")
    found = [one for one in answer.found if not kinds or one.kind in kinds]
    listing = filters.paginate(found, PAGE_SIZE)
    context = {
        "filters": filters,
        "listing": listing,
        "answer": answer,
        "words_url": f"?{urlencode({'q': filters.text})}",
        "results": _results(listing, answer, language, {kind.name: kind.one for kind in search_kinds}),
        "subjects": [
            option.term
            for group in filters.groups
            for option in group.options
            if group.name == Term.Kind.DOMAIN
        ],
        "crumbs": [(_("Home"), f"/{language}/"), (_("Search"), request.path)],
    }
    return render(request, "cms/search.html", context)


def _results(listing: Listing, answer: Answer, language: str, labels: dict[str, Promise]) -> list[Result]:
    found: list[Found] = list(listing)
    entries = SearchEntry.objects.in_bulk([one.entry_id for one in found]) if found else {}
    names = dict(settings.LANGUAGES)
    past = _past(entries.values())
    return [
        Result(
            url=entry.url,
            title=mark(entry.title, entry.language, answer.tokens)[0],
            text=excerpt(entry, one.position, answer.tokens),
            kind=labels.get(entry.kind, ""),
            language=entry.language,
            language_name="" if entry.language == language else names.get(entry.language, ""),
            shown_on=entry.shown_on,
            is_past=entry.pk in past,
        )
        for one in found
        if (entry := entries.get(one.entry_id)) is not None
    ]


def _past(entries: Collection[SearchEntry]) -> set[int]:
    """Which entries tell of what is over: one query a kind that knows."""
    at = timezone.now()
    past: set[int] = set()
    for kind in search_kinds:
        pages = {one.object_id: one.pk for one in entries if one.kind == kind.name and one.source == PAGES}
        if kind.past and pages:
            past |= {pages[page_id] for page_id in kind.past(pages, at)}
    return past
