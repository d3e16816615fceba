"""The PDF of an invoice: tagged, in its language, PDF/UA-1, set by typst from `invoice.typ`."""

import json
from dataclasses import asdict
from functools import cache
from pathlib import Path
from threading import Lock

import typst
from django.conf import settings

from billing.documents.sheet import make_sheet
from billing.models import Invoice

TEMPLATE = Path(__file__).resolve().parent / "invoice.typ"

_lock = Lock()


@cache
def _compiler() -> typst.Compiler:
    """Return the one compiler of this process: making one reads all fonts."""
    return typst.Compiler(
        str(TEMPLATE),
        root=str(TEMPLATE.parent),
        font_paths=[str(settings.FONT_DIR)],
        ignore_system_fonts=True,
    )


def render_pdf(invoice: Invoice) -> bytes:
    """Return the invoice as an accessible PDF in the customer's language."""
    data = json.dumps(asdict(make_sheet(invoice)))
    with _lock:  # a compiler does one document at a time
        pdf = _compiler().compile(
            sys_inputs={"data": data},
            format="pdf",
            pdf_standards="ua-1",
            timestamp=invoice.issued_at.replace(microsecond=0),
        )
    assert isinstance(pdf, bytes)  # noqa: S101 (one document, no output path)
    return pdf
