"""The PDF of an invoice: tagged, in its language, PDF/UA-1, set by typst from `invoice.typ`.

PDF/UA refuses signs that no typeface has: those get a substitute, on paper only. Screen and mail keep
the name.
"""

import json
import logging
from collections.abc import Callable
from dataclasses import asdict
from functools import cache, lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

import typst
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from billing.documents.sheet import make_sheet
from billing.documents.signs import BOX, showable, tidy
from billing.models import Invoice
from cms.amounts import sign_euro

FOLDER = Path(__file__).resolve().parent
TEMPLATE = FOLDER / "invoice.typ"
PROBE = FOLDER / "probe.typ"

_lock = Lock()
logger = logging.getLogger(__name__)


def render_pdf(invoice: Invoice) -> bytes:
    """Return the invoice as an accessible PDF in the customer's language.

    An invoice that cannot be made accessible leaves all the same, and the log says so.
    """
    words = asdict(make_sheet(invoice, in_columns=sign_euro))
    tidied = _change(words, tidy)
    try:
        return _compile_invoice(invoice, _with_note(invoice, words, tidied))
    except typst.TypstError:
        shown = _with_note(invoice, words, _change(tidied, lambda text: showable(text, _can_show)))
    try:
        return _compile_invoice(invoice, shown)
    except typst.TypstError:
        logger.exception("Invoice %s leaves as a PDF that is not PDF/UA-1", invoice.number)
        return _compile_invoice(invoice, shown, standards=[])


@cache
def _compiler() -> typst.Compiler:
    """Return the one compiler of this process: making one reads all fonts."""
    return typst.Compiler(
        str(TEMPLATE),
        root=str(FOLDER),
        font_paths=[str(settings.FONT_DIR)],
        ignore_system_fonts=True,
    )


def _compile(source: Path, inputs: dict[str, str], **options: Any) -> bytes:
    with _lock:  # a compiler does one document at a time
        pdf = _compiler().compile(str(source), sys_inputs=inputs, format="pdf", **options)
    assert isinstance(pdf, bytes)  # noqa: S101 (one document, no output path)
    return pdf


def _compile_invoice(invoice: Invoice, words: dict[str, Any], standards: Any = "ua-1") -> bytes:
    at = invoice.issued_at.replace(microsecond=0)
    return _compile(TEMPLATE, {"data": json.dumps(words)}, pdf_standards=standards, timestamp=at)


@lru_cache(maxsize=10_000)
def _can_show(sign: str) -> bool:
    """Whether the typefaces have a sign, in both weights. Typst brings some of its own: only typst knows."""
    try:
        _compile(PROBE, {"sign": sign}, pdf_standards="ua-1")
    except typst.TypstError:
        return False
    return True


def _change(words: Any, change: Callable[[str], str]) -> Any:
    """Change every text of a sheet, apart from the drawing of its code."""
    if isinstance(words, str):
        return change(words)
    if isinstance(words, bool):
        return words
    if isinstance(words, dict):
        return {name: text if name == "qr" else _change(text, change) for name, text in words.items()}
    return [_change(text, change) for text in words]


def _with_note(invoice: Invoice, words: dict[str, Any], shown: dict[str, Any]) -> dict[str, Any]:
    """Say what a box means when there is one that the customer did not write."""
    if str(shown).count(BOX) == str(words).count(BOX):
        return shown
    with translation.override(invoice.language):
        note = _("%(box)s stands for a sign that cannot be printed here; online it can be read.") % {
            "box": BOX
        }
    return {**shown, "remarks": [*shown["remarks"], note]}
