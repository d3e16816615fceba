"""The text of a page's blocks, as search keeps it: piece by piece, so that an excerpt reads well."""

import re
from collections.abc import Iterable, Iterator
from html import unescape
from typing import Any

from django.utils.html import strip_tags
from wagtail import blocks

HEADING = "heading"
"""The block of this name announces what follows it, as a heading in a text does."""
_PARTS = re.compile(r"<(?P<tag>p|h[1-6]|li|blockquote)\b[^>]*>(?P<text>.*?)</(?P=tag)>", re.DOTALL | re.I)
_ENDED = re.compile(r"[.:?!…][\"'’”»)]*$")
_BREAK = re.compile(r"<(?:br|hr)\s*/?>", re.I)


def join_pieces(texts: Iterable[str]) -> str:
    """Return pieces one after the other, with a dot between them where no sentence ends."""
    joined = ""
    for text in filter(None, map(str.strip, texts)):
        between = "" if not joined else " " if _ENDED.search(joined[-3:]) else " · "
        joined += between + text
    return joined


def pieces(block: Any, value: Any) -> Iterator[str]:
    """Yield what a block says: each paragraph and each point of a list by itself, behind its heading."""
    heading = ""
    for is_heading, text in _parts(block, value):
        if is_heading:
            if heading:
                yield heading
            heading = text if text[-1] in ".:?!…" else f"{text}:"
        else:
            yield f"{heading} {text}" if heading else text
            heading = ""
    if heading:
        yield heading


def _parts(block: Any, value: Any) -> Iterator[tuple[bool, str]]:
    """Yield whether it is a heading, and the text, of every part that holds any."""
    if isinstance(block, blocks.StreamBlock):
        for child in value:
            yield from _parts(child.block, child.value)
    elif isinstance(block, blocks.StructBlock):
        for name, child in block.child_blocks.items():
            yield from _parts(child, value.get(name))
    elif isinstance(block, blocks.ListBlock):
        for item in value or ():
            yield from _parts(block.child_block, item)
    elif isinstance(block, blocks.RichTextBlock):
        yield from _parts_of_html(getattr(value, "source", None) or "")
    else:
        for text in block.get_searchable_content(value):
            if plain := " ".join(str(text).split()):
                yield block.name == HEADING, plain


def _parts_of_html(html: str) -> Iterator[tuple[bool, str]]:
    for part in _PARTS.finditer(html):
        plain = " ".join(unescape(strip_tags(_BREAK.sub(" ", part["text"]))).split())
        if plain:
            yield part["tag"].lower().startswith("h"), plain
