"""Loads the taxonomy from its data file."""

import tomllib
from pathlib import Path

from cms.models import Term

TERMS_FILE = Path(__file__).resolve().parent.parent / "data" / "terms.toml"


def load_terms() -> str:
    """Create the terms of the data file, of each kind of which there is none yet.

    From then on the terms are staff's: what they renamed, added or deleted stays so at the next start.
    """
    rows = tomllib.loads(TERMS_FILE.read_text())["term"]
    known = set(Term.objects.values_list("kind", flat=True))
    terms = [Term(**row, position=position) for position, row in enumerate(rows) if row["kind"] not in known]
    Term.objects.bulk_create(terms)
    return f"{len(terms)} terms"
