"""What the kernel itself offers to search: every published page, and documents."""

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from wagtail.blocks import StreamValue
from wagtail.models import Page
from wagtail.search import index

from cms.gate import Gate, gate_for
from cms.models import SiteDocument, SitePage
from cms.registries import SearchItem, search_kinds
from cms.search.plain import join_pieces, pieces

PAGES = "pages"
DOCUMENTS = "documents"
_SHOWN_APART = {"title", "lead"}


def page_items(object_ids: Collection[int] | None = None) -> Iterator[SearchItem]:
    """Offer the published pages with these ids, or all."""
    pages = Page.objects.live().filter(depth__gt=1)
    if object_ids is not None:
        pages = pages.filter(pk__in=object_ids)
    return items_of_pages(pages.specific().iterator(chunk_size=200))


def items_of_pages(pages: Iterable[Page]) -> Iterator[SearchItem]:
    """Offer these pages as they are in memory: those that are published and have an address."""
    gate = gate_for(AnonymousUser())
    for page in pages:
        parts = page.get_url_parts() if isinstance(page, SitePage) and page.live else None
        if parts is None or parts[2] is None or _waits_for_translation(page):
            continue
        yield SearchItem(
            object_id=page.pk,
            language=page.locale.language_code,
            thing=f"page:{page.translation_key}",
            kind=_kind(page),
            title=page.title,
            url=parts[2],
            summary=page.lead or page.search_description,
            text=join_pieces(_texts(page, page.get_search_fields())),
            access=frozenset(gate.keys_of_page(page)),
            shown_on=page.get_search_date(),
            terms=tuple(sorted(term.pk for term in page.get_terms())),
        )


def document_items(object_ids: Collection[int] | None = None) -> Iterator[SearchItem]:
    """Offer the documents with these ids, or all: in their own language, or in each."""
    documents = SiteDocument.objects.select_related("collection").prefetch_related("terms")
    if object_ids is not None:
        documents = documents.filter(pk__in=object_ids)
    gate: Gate = gate_for(AnonymousUser())
    for document in documents:
        languages = [document.language] if document.language else list(dict(settings.LANGUAGES))
        for language in languages:
            yield SearchItem(
                object_id=document.pk,
                language=language,
                thing=f"document:{document.pk}",
                kind="document",
                title=document.title,
                url=document.url,
                summary=getattr(document, f"summary_{language}"),
                text=document.filename.rsplit(".", 1)[0],
                access=frozenset(gate.keys_of_document(document)),
                shown_on=document.created_at.date(),
                terms=tuple(sorted(term.pk for term in document.terms.all())),
            )


def _waits_for_translation(page: SitePage) -> bool:
    """Tell whether a page only repeats one in another language, which is found itself."""
    return page.alias_of_id is not None and page.alias_of.locale_id != page.locale_id


def _kind(page: SitePage) -> str:
    label = page._meta.label
    return next((kind.name for kind in search_kinds if label in kind.page_types), "page")


def _texts(thing: Any, fields: Iterable[Any]) -> Iterator[str]:
    """Yield the plain text of all fields that Wagtail's own search would index, related rows included."""
    for field in fields:
        if isinstance(field, index.RelatedFields):
            related = field.get_value(thing)
            for row in related.all() if hasattr(related, "all") else filter(None, [related]):
                yield from _texts(row, field.fields)
        elif isinstance(field, index.SearchField) and field.field_name not in _SHOWN_APART:
            stream = getattr(thing, field.field_name, None)
            if isinstance(stream, StreamValue):
                yield from pieces(stream.stream_block, stream)
                continue
            value = field.get_value(thing)
            for text in value if isinstance(value, list | tuple) else [value]:
                if text:
                    yield from str(text).splitlines()
