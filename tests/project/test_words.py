"""One word for one thing: words that gave way to another (docs/glossary.md) come back in no text of ours."""

import re
from collections.abc import Iterator, Sequence

import pytest

from tools.bootstrap import ROOT
from tools.messages import parse

DUTCH = {
    r"\b[Ww]ij\b": "we",
    r"\b([Zz]onder|[Mm]et) btw\b": "exclusief btw, inclusief btw",
    r"\bPDF\b(?!/)": "pdf",
    r"\b[Bb]lij(ft|ven) weg\b": "wordt overgeslagen, worden overgeslagen",
    r"\b[Mm]ensen van organisaties\b": "contactpersonen",
}

ENGLISH = {
    r"\b[Ww]ith(out)? VAT\b": "excluding VAT, including VAT",
    r"\b[Rr]esign": "cancel, cancellation",
    r"\b[Gg]race\b(?! period)": "grace period",
    r"\b[Rr]enewals? to come\b": "upcoming renewals",
    r"\bIn euro\b": "in euros",
    r"\w'\w": "an apostrophe: ’",
}


def texts() -> Iterator[tuple[str, str, str]]:
    """Each text of the catalogues: where, in English and in Dutch; a singular and a plural are two."""
    for path in sorted(ROOT.glob("*/locale/nl/LC_MESSAGES/django.po")):
        for message in parse(path):
            for english, dutch in zip(forms_of(message.id), forms_of(message.string), strict=True):
                yield str(path.relative_to(ROOT)), english, dutch


def forms_of(text: str | Sequence[str] | None) -> Sequence[str]:
    """Return the singular and the plural, or the only form."""
    return [text] if isinstance(text, str) else text or [""]


@pytest.mark.parametrize("gone", DUTCH)
def test_a_dutch_word_that_gave_way_stays_away(gone: str) -> None:
    """Not in the catalogues; editors may write as they like."""
    found = [f"{where}: {dutch}" for where, _english, dutch in texts() if re.search(gone, dutch)]
    assert not found, f"{DUTCH[gone]!r} instead of {gone!r}"


@pytest.mark.parametrize("gone", ENGLISH)
def test_an_english_word_that_gave_way_stays_away(gone: str) -> None:
    """Nor from what is the original of the Dutch."""
    found = [f"{where}: {english}" for where, english, _dutch in texts() if re.search(gone, english)]
    assert not found, f"{ENGLISH[gone]!r} instead of {gone!r}"
