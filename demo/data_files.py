"""Reads the demo's data files. Everything in them is invented, but for the plan's cases and calls."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

DATA_DIR = Path(__file__).resolve().parent / "data"

TERM_OF_AUDIENCE = {
    "company": "companies",
    "local_government": "local-governments",
    "knowledge_institution": "knowledge-institutions",
    "public": "everyone",
}
"""The audience term for each word that the data files use."""


def read(name: str) -> dict[str, Any]:
    """Return one data file."""
    return tomllib.loads((DATA_DIR / name).read_text())


def read_folder(name: str) -> Iterator[dict[str, Any]]:
    """Return the data files of a folder in the order of their names."""
    for path in sorted((DATA_DIR / name).glob("*.toml")):
        yield {"key": path.stem, **tomllib.loads(path.read_text())}


def term_slugs(data: dict[str, Any]) -> list[str]:
    """Return the slugs of all terms of an entry, its audiences included."""
    audiences = [TERM_OF_AUDIENCE[audience] for audience in data.get("audience", [])]
    return [*data.get("terms", []), *audiences]
