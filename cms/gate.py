"""The one gate: who may open which page and which document.

Listings, search, feeds, exports and file addresses all ask it. It reads the privacy that editors
set in Wagtail, on pages and on collections, and is stricter in two ways: what closes a page closes
its translations too, and a shared password opens nothing.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from wagtail.models import BaseViewRestriction, CollectionViewRestriction, Page, PageViewRestriction

from cms.models import PrivateLink, SiteDocument
from cms.roles import READS_EVERYTHING
from cms.stamp import per_stamp

Subject = AbstractBaseUser | AnonymousUser | PrivateLink | HttpRequest
"""Who asks: a person, the holder of a private link, or a request. For a request the answer is kept."""

QuerySetT = TypeVar("QuerySetT", bound=QuerySet[Any])


@dataclass(frozen=True)
class Lock:
    """One restriction at one place in the tree: everything whose path starts with `path` is behind it."""

    key: str
    path: str
    kind: str
    groups: frozenset[int]


class Gate:
    """The answers for one subject. Reads the restrictions once, the subject's groups at most once."""

    def __init__(self, subject: AbstractBaseUser | AnonymousUser | PrivateLink) -> None:
        self._subject = subject

    def may_open_page(self, page: Page) -> bool:
        """Say whether the page is published and open to the subject."""
        return page.live and (self._is_target(page) or self._passes(self._page_locks, page.path))

    def may_open_document(self, document: SiteDocument) -> bool:
        """Say whether the document's collection is open to the subject."""
        return self._is_target(document) or self._passes(self._collection_locks, document.collection.path)

    def visible_pages(self, pages: QuerySetT) -> QuerySetT:
        """Keep the published pages that the subject may open."""
        closed = Q()
        for lock in self._closed(self._page_locks):
            closed |= Q(path__startswith=lock.path)
        visible = Q(live=True) & ~closed if closed else Q(live=True)
        return pages.filter(visible)

    def visible_documents(self, documents: QuerySetT) -> QuerySetT:
        """Keep the documents that the subject may open."""
        closed = Q()
        for lock in self._closed(self._collection_locks):
            closed |= Q(collection__path__startswith=lock.path)
        return documents.exclude(closed) if closed else documents

    def accessible_keys(self) -> set[str]:
        """Return the keys of all restrictions that let the subject through (see `keys_of_page`)."""
        locks = [*self._page_locks, *self._collection_locks]
        return {lock.key for lock in locks} - {lock.key for lock in self._closed(locks)}

    def keys_of_page(self, page: Page) -> set[str]:
        """Return the restrictions above a page: who holds all of these keys may open it."""
        return {lock.key for lock in self._page_locks if page.path.startswith(lock.path)}

    def keys_of_document(self, document: SiteDocument) -> set[str]:
        """Return the restrictions above a document: who holds all of these keys may open it."""
        path = document.collection.path
        return {lock.key for lock in self._collection_locks if path.startswith(lock.path)}

    def _passes(self, locks: Iterable[Lock], path: str) -> bool:
        return all(self._accepts(lock) for lock in locks if path.startswith(lock.path))

    def _closed(self, locks: Iterable[Lock]) -> list[Lock]:
        return [lock for lock in locks if not self._accepts(lock)]

    def _accepts(self, lock: Lock) -> bool:
        if lock.kind == BaseViewRestriction.NONE or self._reads_everything:
            return True
        if lock.kind == BaseViewRestriction.LOGIN:
            return self._person is not None
        return lock.kind == BaseViewRestriction.GROUPS and not lock.groups.isdisjoint(self._groups)

    def _is_target(self, thing: Page | SiteDocument) -> bool:
        return isinstance(self._subject, PrivateLink) and self._subject.opens(thing)

    @cached_property
    def _person(self) -> Any:
        subject: Any = self._subject
        known = not isinstance(subject, PrivateLink) and subject.is_authenticated and subject.is_active
        return subject if known else None

    @cached_property
    def _groups(self) -> dict[int, str]:
        return dict(self._person.groups.values_list("id", "name")) if self._person is not None else {}

    @cached_property
    def _reads_everything(self) -> bool:
        person = self._person
        if person is None:
            return False
        return person.is_superuser or not READS_EVERYTHING.isdisjoint(self._groups.values())

    @cached_property
    def _page_locks(self) -> tuple[Lock, ...]:
        return page_locks()

    @cached_property
    def _collection_locks(self) -> tuple[Lock, ...]:
        return collection_locks()


@per_stamp
def page_locks() -> tuple[Lock, ...]:
    """Read the restrictions of pages: each page that has one, its translations and its aliases."""
    closed = PageViewRestriction.objects.values("page_id")
    keys = Page.objects.filter(id__in=closed).values("translation_key")
    rows = list(
        Page.objects.filter(Q(translation_key__in=keys) | Q(alias_of_id__in=closed)).values_list(
            "id",
            "view_restrictions__restriction_type",
            "view_restrictions__groups",
            "path",
            "translation_key",
            "alias_of_id",
        )
    )
    restrictions = _gather(row[:3] for row in rows if row[1] is not None)
    places = {row[0]: row[3:] for row in rows}
    roots: dict[Any, set[int]] = defaultdict(set)
    for root in restrictions:
        _path, key, _alias_of = places[root]
        roots[key].add(root)
    return tuple(
        Lock(f"page:{root}", path, *restrictions[root])
        for path, key, alias_of in places.values()
        for root in roots[key] | ({alias_of} & restrictions.keys())
    )


@per_stamp
def collection_locks() -> tuple[Lock, ...]:
    """Read the restrictions of collections."""
    rows = list(
        CollectionViewRestriction.objects.values_list(
            "collection_id", "restriction_type", "groups__id", "collection__path"
        )
    )
    paths = {row[0]: row[3] for row in rows}
    restrictions = _gather([row[:3] for row in rows])
    return tuple(
        Lock(f"collection:{root}", paths[root], kind, groups) for root, (kind, groups) in restrictions.items()
    )


def gate_for(subject: Subject) -> Gate:
    """Return the subject's gate; for a request always the same one, so that it is read once."""
    if not isinstance(subject, HttpRequest):
        return Gate(subject)
    known: Gate | None = getattr(subject, "_gate", None)
    if known is None:
        known = subject._gate = Gate(getattr(subject, "user", AnonymousUser()))  # type: ignore[attr-defined]  # noted for the next question
    return known


def may_open_page(page: Page, subject: Subject) -> bool:
    """Say whether the page is published and open to the subject."""
    return gate_for(subject).may_open_page(page)


def visible_pages(pages: QuerySetT, subject: Subject) -> QuerySetT:
    """Keep the published pages that the subject may open."""
    return gate_for(subject).visible_pages(pages)


def may_open_document(document: SiteDocument, subject: Subject) -> bool:
    """Say whether the document's collection is open to the subject."""
    return gate_for(subject).may_open_document(document)


def visible_documents(documents: QuerySetT, subject: Subject) -> QuerySetT:
    """Keep the documents that the subject may open."""
    return gate_for(subject).visible_documents(documents)


def accessible_keys(subject: Subject) -> set[str]:
    """Return the keys of all restrictions that let the subject through: "page:12", "collection:3"."""
    return gate_for(subject).accessible_keys()


def _gather(rows: Iterable[tuple[int, str, int | None]]) -> dict[int, tuple[str, frozenset[int]]]:
    """Join the rows of one restriction, one a group, into its kind and its set of groups."""
    gathered: dict[int, tuple[str, frozenset[int]]] = {}
    for root, kind, group in rows:
        groups = gathered.get(root, (kind, frozenset()))[1]
        gathered[root] = (kind, groups if group is None else groups | {group})
    return gathered
