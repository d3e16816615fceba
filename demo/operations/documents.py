"""Typesets the demo's documents as accessible PDFs and puts them in the collection of their tier."""

import json
from datetime import datetime, timedelta
from typing import Any

import typst
from django.core.files.base import ContentFile
from wagtail.models import Collection

from cms.models import SiteDocument, Term
from demo.data_files import DATA_DIR, read, term_slugs
from extranet.operations.library import collection_name
from membership.models import Tier

SHEET = DATA_DIR / "document.typ"
"""A file: a reused compiler forgets a sheet that it was given as bytes."""
PUBLIC = "Publieke documenten"


def load_documents(*, at: datetime) -> str:
    """Make each document in both languages, one a week back from the day of loading."""
    terms = {term.slug: term for term in Term.objects.all()}
    compiler = typst.Compiler(SHEET)
    rows = read("documents.toml")["document"]
    collections = _collections()
    for number, row in enumerate(rows):
        for language in ("nl", "en"):
            document = SiteDocument(
                title=row[f"title_{language}"],
                language=language,
                collection=collections[row["tier"]],
                **{f"summary_{language}": row[f"summary_{language}"]},
            )
            document.file.save(
                f"{row['key']}-{language}.pdf", ContentFile(_pdf(compiler, row, language)), save=False
            )
            document.file_size = document.file.size
            document.save()
            document.terms.set([terms[slug] for slug in term_slugs(row)])
            written_at = at - timedelta(weeks=number)
            SiteDocument.objects.filter(pk=document.pk).update(created_at=written_at)
    return f"{2 * len(rows)} documents"


def _pdf(compiler: Any, row: dict[str, Any], language: str) -> bytes:
    words = {
        "title": row[f"title_{language}"],
        "language": language,
        "paragraphs": row[f"body_{language}"],
    }
    pdf: bytes = compiler.compile(
        format="pdf", pdf_standards=["ua-1"], sys_inputs={"words": json.dumps(words)}
    )
    return pdf


def _collections() -> dict[str, Collection]:
    collections = {
        tier.slug: Collection.objects.get(name=collection_name(tier)) for tier in Tier.objects.all()
    }
    collections["public"] = Collection.get_first_root_node().add_child(name=PUBLIC)
    return collections
