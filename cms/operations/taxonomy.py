"""Loads the taxonomy from its data file."""

import tomllib
from pathlib import Path

from cms.models import Term

TERMS_FILE = Path(__file__).resolve().parent.parent / "data" / "terms.toml"


def load_terms() -> str:
    """Create the terms of the data file, or mend their names; terms added by staff stay."""
    rows = tomllib.loads(TERMS_FILE.read_text())["term"]
    for position, row in enumerate(rows):
        defaults = {"number": None, "description_nl": "", "description_en": "", **row, "position": position}
        Term.objects.update_or_create(slug=defaults.pop("slug"), defaults=defaults)
    return f"{len(rows)} terms"
