"""Keeps the search index equal to its sources. The only module that writes to it."""

import hashlib
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from functools import cache
from importlib.metadata import version

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.utils import timezone
from wagtail.models import Page

from cms.gate import gate_for
from cms.models import SearchEntry, SearchWord, SiteDocument, Term
from cms.registries import SearchItem, SearchSource, search_sources
from cms.search import analyser
from cms.search.analyser import GLOSSARY_FILE
from cms.search.sources import DOCUMENTS, PAGES

# A word in the title counts more than any number of times in the text; see cms.search.queries for the rest.
TITLE, SUMMARY, TEXT = 60, 30, 10
MOST_TIMES = 8
VERSION = 1
"""Raise it when analyser or weights change; `manage.py setup` then writes every entry anew."""
MAX_TEXT = 60_000
"""Letters of a text that are kept and indexed."""
_waits = ContextVar("search_index_waits", default=False)


@contextmanager
def indexed_at_the_end() -> Iterator[None]:
    """Index what is written meanwhile once, at the end, and not at each step on its way: for loading much.

    After an error nothing is indexed: the transaction of who loads undoes what was written too.
    """
    token = _waits.set(True)
    try:
        yield
    finally:
        _waits.reset(token)
    refresh_all()


def rebuild() -> int:
    """Make the whole index anew, whatever stands in it, and return the number of entries."""
    with transaction.atomic():
        SearchEntry.objects.all().delete()
        return sum(refresh(source) for source in search_sources)


def refresh_all() -> str:
    """Write what is missing, changed or read otherwise than before; say how many entries there are."""
    return f"{sum(refresh(source) for source in search_sources)} entries"


def refresh(source: SearchSource, object_ids: Collection[int] | None = None) -> int:
    """Bring the entries of these objects, or of the whole source, up to date; return how many there are."""
    return store(source=source.name, items=source.items(object_ids), object_ids=object_ids)


@transaction.atomic
def store(*, source: str, items: Iterable[SearchItem], object_ids: Collection[int] | None) -> int:
    """Write the items; drop those entries of these objects (or of the source) that are not among them."""
    if _waits.get():
        return 0
    entries = SearchEntry.objects.filter(source=source)
    if object_ids is not None:
        entries = entries.filter(object_id__in=object_ids)
    known = {
        (object_id, language): (pk, digest, access)
        for pk, object_id, language, digest, access in entries.values_list(
            "pk", "object_id", "language", "digest", "access"
        )
    }
    terms = Term.objects.in_bulk()
    count = 0
    for item in items:
        count += 1
        pk, digest, access = known.pop((item.object_id, item.language), (0, "", ""))
        its_terms = [terms[term] for term in item.terms if term in terms]
        if digest != _digest(item, its_terms):
            _write(source, item, its_terms)
        elif access != _joined(item.access):
            entries.filter(pk=pk).update(access=_joined(item.access), indexed_at=timezone.now())
    if known:
        for pk, _old_digest, _old_access in known.values():
            entries.filter(pk=pk).delete()
    return count


def drop(*, source: str, object_id: int) -> None:
    """Forget an object in all languages."""
    SearchEntry.objects.filter(source=source, object_id=object_id).delete()


@transaction.atomic
def refresh_access() -> int:
    """Write on every page and document who may find it now, and return how many entries changed."""
    gate = gate_for(AnonymousUser())
    pages = {page.pk: gate.keys_of_page(page) for page in Page.objects.only("path").order_by()}
    documents = {
        document.pk: gate.keys_of_document(document)
        for document in SiteDocument.objects.select_related("collection").order_by()
    }
    changed: dict[str, list[int]] = {}
    for source, keys in ((PAGES, pages), (DOCUMENTS, documents)):
        rows = SearchEntry.objects.filter(source=source).values_list("pk", "object_id", "access")
        for pk, object_id, access in rows:
            now = _joined(keys.get(object_id, ()))
            if now != access:
                changed.setdefault(now, []).append(pk)
    for access, pks in changed.items():
        for start in range(0, len(pks), 500):  # a database allows so many parameters
            some = SearchEntry.objects.filter(pk__in=pks[start : start + 500])
            some.update(access=access, indexed_at=timezone.now())
    return sum(len(pks) for pks in changed.values())


def _write(source: str, item: SearchItem, terms: list[Term]) -> None:
    entry, _is_new = SearchEntry.objects.update_or_create(
        source=source,
        object_id=item.object_id,
        language=item.language,
        defaults={
            "thing": item.thing,
            "kind": item.kind,
            "title": analyser.clean(item.title)[:255],
            "url": item.url,
            "summary": analyser.clean(item.summary),
            "text": analyser.clean(item.text)[:MAX_TEXT],
            "access": _joined(item.access),
            "shown_on": item.shown_on,
            "digest": _digest(item, terms),
            "indexed_at": timezone.now(),
        },
    )
    entry.terms.set(terms)
    entry.words.all().delete()
    SearchWord.objects.bulk_create(
        (
            SearchWord(entry=entry, token=token, weight=weight, position=position)
            for token, (weight, position) in _weigh(entry, terms).items()
        ),
        batch_size=500,
    )


def _weigh(entry: SearchEntry, terms: list[Term]) -> dict[str, tuple[int, int | None]]:
    """Return each token of an entry with its weight and its first place in the text."""
    names = " ".join(_names(terms, entry.language))
    zones: dict[str, int] = {}
    times: dict[str, int] = {}
    places: dict[str, int] = {}
    for zone, text in ((TITLE, entry.title), (SUMMARY, f"{entry.summary} {names}"), (TEXT, entry.text)):
        for word in analyser.tokenise_with_compounds(text):
            for token in analyser.tokens(word.folded, entry.language):
                zones.setdefault(token, zone)
                times[token] = times.get(token, 0) + 1
                if zone == TEXT:
                    places.setdefault(token, word.start)
    return {token: (zones[token] + min(times[token], MOST_TIMES), places.get(token)) for token in zones}


def _names(terms: Iterable[Term], language: str) -> list[str]:
    return [getattr(term, f"name_{language}", term.name_nl) for term in terms]


def _joined(keys: Iterable[str]) -> str:
    return "+".join(sorted(keys))


@cache
def _analysis() -> str:
    """Return what changes when words are read in another way: entries are then written anew."""
    glossary = hashlib.sha256(GLOSSARY_FILE.read_bytes()).hexdigest()
    return f"{VERSION} {version('snowballstemmer')} {glossary}"


def _digest(item: SearchItem, terms: Iterable[Term]) -> str:
    """Return what changes when anything but the access changes, the name of a term included."""
    content = repr((_analysis(), _names(terms, item.language), replace(item, access=frozenset())))
    return hashlib.sha256(content.encode(errors="replace")).hexdigest()
