"""The picture that stands beside a link to a page on social media: its title and its city, as a PNG."""

import hashlib
import os
import threading
from functools import lru_cache
from pathlib import Path

import typst
from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language
from wagtail.models import Page

from cms.city import draw_city
from cms.models import SitePage, Term

SOURCE = Path(__file__).resolve().parent / "data" / "share_picture.typ"
DESIGN = 2
"""Raised when the design changes, so that pictures are made anew."""

_one_at_a_time = threading.Lock()


def picture_stamp(page: Page) -> str:
    """What distinguishes the picture of this content from that of an earlier one."""
    parts = (DESIGN, page.locale_id, page.title, page.translation_key, *_subjects_of(page))
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:12]


def picture_url(page: Page) -> str:
    """The address of the page's picture. It changes with the content, so it may be kept for ever."""
    return reverse("og_picture", args=[page.pk, picture_stamp(page)])


def picture_file(page: Page) -> Path:
    """Return the PNG of 1200 by 630 pixels, made when it is not there yet; earlier ones are removed."""
    folder = Path(settings.DATA_DIR) / "og"
    path = folder / f"{page.pk}-{picture_stamp(page)}.png"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(f".{os.getpid()}.{threading.get_ident()}")
        unfinished.write_bytes(_render(page))
        for earlier in folder.glob(f"{page.pk}-*.png"):
            earlier.unlink(missing_ok=True)
        unfinished.replace(path)
    return path


def _subjects_of(page: Page) -> tuple[list[int], list[str]]:
    terms = page.get_terms() if isinstance(page, SitePage) else []
    layers = {term.number for term in terms if term.kind == Term.Kind.LAYER and term.number is not None}
    # A page about everything, or about nothing in particular, shows the whole city lit.
    return sorted(layers) or list(range(5)), [term.slug for term in terms if term.kind == Term.Kind.DOMAIN]


def _render(page: Page) -> bytes:
    layers, domains = _subjects_of(page)
    inputs = {
        "title": page.title,
        "site": settings.WAGTAIL_SITE_NAME,
        "svg": draw_city(layers, domains, str(page.translation_key), is_alone=True),
        "lang": get_language() or settings.LANGUAGE_CODE,
    }
    with _one_at_a_time:
        png = _compiler().compile(format="png", ppi=72, sys_inputs=inputs)
    if not isinstance(png, bytes):
        raise TypeError("the picture has more than one page")
    return png


@lru_cache(maxsize=1)
def _compiler() -> typst.Compiler:
    """One compiler, reused: its fonts are read once."""
    return typst.Compiler(SOURCE, font_paths=[settings.FONT_DIR], ignore_system_fonts=True)
