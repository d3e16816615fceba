"""Makes pages as an editor would: written and published in Dutch, then translated segment by segment."""

from collections import Counter
from copy import deepcopy
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from wagtail.models import Locale, Page
from wagtail_localize.models import StringSegment, StringTranslation, Translation, TranslationSource
from wagtail_localize.segments import StringSegmentValue
from wagtail_localize.segments.extract import extract_segments

from cms.models import SitePage, TaggedPage, Term
from demo.data_files import term_slugs

Words = dict[str, Any]
"""What a data file says of a page in one language: title, slug, lead, body and fields of its own."""


def raw_body(key: str, blocks: list[dict[str, Any]], pages: dict[str, int]) -> list[dict[str, Any]]:
    """Return the raw StreamField value; equal ids in both languages make them translations."""
    return [
        {
            "id": str(uuid5(NAMESPACE_URL, f"{key}/{number}")),
            "type": block["type"],
            "value": _raw_value(f"{key}/{number}", block, pages),
        }
        for number, block in enumerate(blocks)
    ]


def _raw_value(key: str, block: dict[str, Any], pages: dict[str, int]) -> Any:
    value = deepcopy(block["value"])
    if block["type"] == "call_to_action":
        link = {"label": value["label"], "page": pages[value["page"]], "url": ""}
        return {"text": value["text"], "link": link}
    if isinstance(value, dict) and "items" in value:
        value["items"] = [
            {"type": "item", "id": str(uuid5(NAMESPACE_URL, f"{key}/item/{number}")), "value": item}
            for number, item in enumerate(value["items"])
        ]
    return value


def write(page: SitePage, words: Words, *, key: str, pages: dict[str, int]) -> None:
    """Put the words of one language on a page, without saving it."""
    for name, value in words.items():
        if name != "body":
            setattr(page, name, value)
    page.body = raw_body(key, words.get("body", []), pages)


def add_page(parent: Page, page_type: type[SitePage], data: dict[str, Any], **fields: Any) -> SitePage:
    """Add an empty Dutch draft with its title; `publish` fills and publishes it."""
    words = data["nl"]
    page = page_type(title=words["title"], slug=words["slug"], locale=parent.locale, live=False, **fields)
    parent.add_child(instance=page)
    if isinstance(page, TaggedPage):
        page.terms.set(Term.objects.filter(slug__in=term_slugs(data)))
    return page


def publish(page: SitePage, data: dict[str, Any], *, pages: dict[str, int]) -> None:
    """Write the Dutch words, publish, and translate where the file has English ones."""
    write(page, data["nl"], key=data["key"], pages=pages)
    page.save_revision(log_action=True).publish()


def translate(page: SitePage, data: dict[str, Any], *, pages: dict[str, int]) -> None:
    """Submit the page for translation, fill every segment in from the English words, publish."""
    english = Locale.objects.get(language_code="en")
    published, twin = (type(page)._default_manager.get(pk=page.pk) for _copy in range(2))
    source, _created = TranslationSource.update_or_create_from_instance(published)
    translation = Translation.objects.create(source=source, target_locale=english)
    write(twin, data["en"], key=data["key"], pages=pages)
    for relation, rows in data.get("children_en", {}).items():
        children = list(getattr(twin, relation).all())
        for child, row in zip(children, rows, strict=True):
            for name, value in row.items():
                setattr(child, name, value)
        setattr(twin, relation, children)
    _fill_in(source, english, twin)
    # Not published by save_target: that waits for the commit, with a copy of the page as it was
    # before its own children came.
    translation.save_target(publish=False)
    page.get_translation(english).get_latest_revision().publish()


def _fill_in(source: TranslationSource, locale: Locale, twin: SitePage) -> None:
    strings = {}
    counts: Counter[str] = Counter()
    for value in extract_segments(twin):
        if isinstance(value, StringSegmentValue) and not value.is_empty():
            strings[value.path, counts[value.path]] = value.string.data
            counts[value.path] += 1
    counts.clear()
    rows: dict[tuple[int, int], StringTranslation] = {}
    for segment in StringSegment.objects.filter(source=source).select_related("context").order_by("order"):
        path = segment.context.path
        rows[segment.string_id, segment.context_id] = StringTranslation(
            translation_of_id=segment.string_id,
            context_id=segment.context_id,
            locale=locale,
            data=strings[path, counts[path]],
        )
        counts[path] += 1
    StringTranslation.objects.bulk_create(rows.values())
