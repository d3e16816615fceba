"""Where higher apps tell the kernel what they have, without the kernel importing them.

Each registry is filled in `AppConfig.ready()` and read by the kernel in the order of registration.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar


class Named(Protocol):
    """What a registry holds: anything with a name that is unique in it."""

    @property
    def name(self) -> str: ...


EntryT = TypeVar("EntryT", bound=Named)


class Registry(Generic[EntryT]):
    """An ordered set of named entries; a name can be taken once."""

    def __init__(self) -> None:
        self._entries: dict[str, EntryT] = {}

    def register(self, entry: EntryT) -> None:
        """Add an entry. Raises ValueError when another entry has its name."""
        if self._entries.setdefault(entry.name, entry) is not entry and self._entries[entry.name] != entry:
            raise ValueError(f"{entry.name!r} is registered already")

    def __iter__(self) -> Iterator[EntryT]:
        return iter(list(self._entries.values()))

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, name: str) -> EntryT:
        return self._entries[name]


@dataclass(frozen=True)
class ReferenceData:
    """Rows that every installation needs: `load` creates or mends them and says what it did."""

    name: str
    load: Callable[[], str]


@dataclass(frozen=True)
class DueWork:
    """Work that `run_due` does: `run` takes the clock and returns how many things it did."""

    name: str
    run: Callable[[datetime], int]


reference_data: Registry[ReferenceData] = Registry()
due_work: Registry[DueWork] = Registry()
