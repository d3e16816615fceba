"""Finds Belgian structured communications in what a payer wrote."""

import re
from collections.abc import Iterable

from stdnum.be import ogm_vcs

_TWELVE = re.compile(r"(?<!\d)(\d{3})\s?[/ .-]?\s?(\d{4})\s?[/ .-]?\s?(\d{5})(?!\d)")
_INVOICE_NUMBER = re.compile(r"(?<![A-Za-z0-9])((?:BV|UB)?20\d\d-\d{5})(?!\d)", re.IGNORECASE)


def read_reference(text: str) -> str:
    """Return the twelve digits of a reference that is nothing else; nothing when its check digits are wrong.

    A payer's bank may send the signs along: +++123/4567/89002+++ or ***123/4567/89002***.
    """
    digits = re.sub(r"[+*/\s.-]", "", text)
    return digits if len(digits) == 12 and digits.isascii() and ogm_vcs.is_valid(digits) else ""


def references_in(texts: Iterable[str]) -> list[str]:
    """Return the valid communications in free text, each once, in order; signs and blanks may be left out.

    Banks cut long texts into pieces, so the pieces are read one by one, and then joined.
    """
    pieces = [text for text in texts if text]
    found: dict[str, None] = {}
    for text in (*pieces, " ".join(pieces), "".join(pieces)):
        for match in _TWELVE.finditer(text):
            digits = "".join(match.groups())
            if digits.isascii() and digits not in found and ogm_vcs.is_valid(digits):
                found[digits] = None
    return list(found)


def invoice_numbers_in(text: str) -> list[str]:
    """Return what looks like numbers of ours (2026-00042, BV2026-00007, UB2026-00003), each once."""
    return list(dict.fromkeys(match.group(1).upper() for match in _INVOICE_NUMBER.finditer(text)))


_LEGAL_FORMS = frozenset(("bvba", "vzw", "asbl", "gmbh", "stad", "gemeente", "comm", "the", "firma"))


def telling_word(name: str) -> str:
    """Return the first word of four letters or more in a payer's name that is no legal form, if any."""
    words = re.findall(r"\w+", name)
    return next((word for word in words if len(word) > 3 and word.lower() not in _LEGAL_FORMS), "")
