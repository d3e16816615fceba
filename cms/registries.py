"""Where higher apps tell the kernel what they have, without the kernel importing them.

Each registry is filled in `AppConfig.ready()` and read by the kernel in the order of registration.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Generic, Protocol, TypeVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest
from django.template import Context
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from wagtail.models import Page


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

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __getitem__(self, name: str) -> EntryT:
        return self._entries[name]


@dataclass(frozen=True)
class ReferenceData:
    """Rows that every installation needs: `load` creates or mends them and says what it did."""

    name: str
    load: Callable[[], str]


class PartlyDone(Exception):
    """Work of which some failed (a line each in `failed`), while `done` things were done and stay so."""

    def __init__(self, done: int, failed: Sequence[str]) -> None:
        super().__init__("; ".join(failed))
        self.done, self.failed = done, failed


@dataclass(frozen=True)
class DueWork:
    """Work that `run_due` does: `run` takes the clock and returns how many things it did.

    All of it is one transaction, unless it is `in_steps`: then `run` is a loop of
    `cms.operations.periodic.each`, which commits thing by thing. Another process may go through the same
    things at that time, so each is looked at again under its own lock. It may raise PartlyDone, which is kept
    as the entry's failure without undoing what was done.
    """

    name: str
    run: Callable[[datetime], int]
    in_steps: bool = False


@dataclass(frozen=True)
class SearchItem:
    """One thing in one language, as a search source offers it.

    `thing` is the same for its versions in other languages: a visitor sees one of them. `text` is
    plain. `access` are the gate's keys that a visitor must all hold; none for what is public.
    """

    object_id: int
    language: str
    thing: str
    kind: str
    title: str
    url: str
    summary: str = ""
    text: str = ""
    access: frozenset[str] = frozenset()
    shown_on: date | None = None
    terms: tuple[int, ...] = ()


@dataclass(frozen=True)
class SearchSource:
    """Things to find. `items` offers those with the given ids, or all; `model` ("app.Model") is what
    they are made of: saving or deleting one brings the index up to date.
    """

    name: str
    model: str
    items: Callable[[Collection[int] | None], Iterable[SearchItem]]


@dataclass(frozen=True)
class SearchKind:
    """A kind of content that visitors narrow a search to; `page_types` ("app.Model") are of it.

    `one` names a single result of it.
    `past` returns which of some pages tell of what is over at a moment, in one query.
    """

    name: str
    label: Promise
    one: Promise
    page_types: tuple[str, ...] = ()
    past: Callable[[Collection[int], datetime], Collection[int]] | None = None


@dataclass(frozen=True)
class Slot:
    """HTML that a higher app adds in a `place` of the kernel's templates, from the template's context.

    Places: `account` (links beside the search of a person who is logged in), `head` (inside <head>),
    `log-in` (below the form to log in), `own-account` (notices on one's own account page), `foot` (at
    the end of the footer), `empty-list` (where else to go from a list that holds
    nothing, or from a page where all is done;
    a page that is `offered` already in the context is left out), `bank-upload` (above the form to upload
    a bank file in the back office), `search` (what else may be meant by who searches, or finds nothing).
    """

    name: str
    place: str
    render: Callable[[Context], SafeString]


@dataclass(frozen=True)
class Landmark:
    """A page of a higher app that lower apps lead to by its `name`: `member zone`, `contact`.

    `find` returns it, in the visitor's language where it can; None where there is none for the visitor.
    """

    name: str
    find: Callable[[HttpRequest], Page | None]


@dataclass(frozen=True)
class Unshown:
    """A database table (`name`) that no public page shows, and why: a change leaves kept pages standing."""

    name: str
    reason: str


@dataclass(frozen=True)
class Lively:
    """A database table (`name`) that visitors write, shown by some pages and part of the frame of none.

    A change lets kept pages go, and leaves what frames them (menus, locks, addresses) standing.
    """

    name: str
    reason: str


@dataclass(frozen=True)
class RolePermissions:
    """What an app's things give to the roles of `cms.roles`; only this and nothing else a role may do.

    `grants`: role to permissions, as "events.view_activity", or "events.*_activity" for all of a model.
    `page_types`: role to a page type ("events.EventIndexPage") under which it may make, edit and publish.
    """

    name: str
    grants: Mapping[str, Sequence[str]]
    page_types: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class GroupLabels:
    """How the back office calls groups that code knows by name: `label` answers "" for other names."""

    name: str
    label: Callable[[str], str]


@dataclass(frozen=True)
class PersonalData:
    """What an app knows about a person: `export` returns it as plain data, `erase` forgets what may go.

    `erase` takes the person and the moment, and returns a sentence for each thing that must be kept and why.
    """

    name: str
    export: Callable[[AbstractBaseUser], Mapping[str, Any]]
    erase: Callable[[AbstractBaseUser, datetime], Sequence[str]]


reference_data: Registry[ReferenceData] = Registry()
due_work: Registry[DueWork] = Registry()
search_sources: Registry[SearchSource] = Registry()
search_kinds: Registry[SearchKind] = Registry()
slots: Registry[Slot] = Registry()
landmarks: Registry[Landmark] = Registry()
unshown_tables: Registry[Unshown] = Registry()
lively_tables: Registry[Lively] = Registry()
group_labels: Registry[GroupLabels] = Registry()
role_permissions: Registry[RolePermissions] = Registry()
personal_data: Registry[PersonalData] = Registry()
