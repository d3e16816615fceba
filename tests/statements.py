"""Counts what is asked of the database, and names each statement with its caller when it is too much."""

import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import connection

ROOT = Path(__file__).resolve().parent.parent
WATCHER = "cms/page_cache/changes.py"
"""It stands around every statement."""


@contextmanager
def at_most(most: int) -> Iterator[list[str]]:
    """Fail when a block sends more statements than `most`, savepoints and SQLite's BEGIN included."""
    sent: list[str] = []

    def note(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        sent.append(f"{' '.join(sql.split())[:110]}\n      {_caller()}")
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        yield sent
    listing = "\n".join(f"{number:4}  {statement}" for number, statement in enumerate(sent, 1))
    assert len(sent) <= most, f"{len(sent)} statements, at most {most} promised:\n{listing}"


def _caller() -> str:
    """Return the nearest two places of the house's own code, the innermost first."""
    own = []
    for frame in reversed(traceback.extract_stack()):
        path = Path(frame.filename)
        if path.is_relative_to(ROOT) and ".venv" not in path.parts and path != Path(__file__):
            place = path.relative_to(ROOT).as_posix()
            if place != WATCHER:
                own.append(f"{place}:{frame.lineno} {frame.name}")
    return " < ".join(own[:2])
