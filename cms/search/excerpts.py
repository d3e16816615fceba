"""Shows why an entry answers: the words that were found, marked, in their surroundings."""

from collections.abc import Set

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from cms.models import SearchEntry
from cms.search.analyser import tokenise, tokens

LENGTH = 260
BEFORE = 80
"""Letters that stand before the first marked word."""


def mark(text: str, language: str, wanted: Set[str]) -> tuple[SafeString, bool]:
    """Return the text as safe HTML with <mark> around what was looked for, and whether there was any."""
    pieces: list[str] = []
    end = 0
    for word in tokenise(text):
        if not wanted.isdisjoint(tokens(word.folded, language)):
            pieces += [
                escape(text[end : word.start]),
                format_html("<mark>{}</mark>", text[word.start : word.end]),
            ]
            end = word.end
    return mark_safe("".join([*pieces, escape(text[end:])])), end > 0  # noqa: S308  (each piece is escaped)


def excerpt(entry: SearchEntry, position: int | None, wanted: Set[str]) -> SafeString:
    """Return the summary if it answers or nothing else does, otherwise the text around `position`."""
    summary, has_any = mark(entry.summary, entry.language, wanted)
    if position is None or has_any:
        return summary or mark(_cut(entry.text, 0), entry.language, wanted)[0]
    return mark(_cut(entry.text, position), entry.language, wanted)[0]


def _cut(text: str, position: int) -> str:
    """Return some words around a place, with dots where something was left out."""
    start = max(0, position - BEFORE)
    if start:
        start = text.find(" ", start, position) + 1 or position
    end = min(len(text), start + LENGTH)
    if end < len(text):
        end = max(text.rfind(" ", start, end), position + 1) if " " in text[position:end] else end
    return ("… " if start else "") + text[start:end].strip(" ·") + (" …" if end < len(text) else "")
