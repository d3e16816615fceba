"""Sees every statement that changes data, and raises the stamp once its transaction is committed.

The default is to raise: only tables that no public page shows are named here, each with its reason.
"""

import re
from collections.abc import Callable
from enum import IntEnum
from typing import Any

from django.conf import settings
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from cms.registries import Unshown, lively_tables, unshown_tables
from cms.stamp import get_stamp

UNSHOWN = {
    "django_session": "never shown to one without a session",
    "django_migrations": "bookkeeping",
    "django_tasks_database_dbtaskresult": "the task queue",
    "cms_cache": "counters and memos, no data of record",
    "cms_attempt": "counted attempts",
    "cms_outgoingmail": "mail on its way out",
    "cms_periodicrun": "when run_due did what, written every minute",
    "cms_privatelink": "asked by views that no cache keeps",
    "cms_taskretries": "the task queue",
    "wagtailcore_modellogentry": "the log, staff only",
    "wagtailcore_pagelogentry": "the log, staff only",
    "wagtailadmin_editingsession": "who has an editor open, written every few seconds",
    "wagtailusers_userprofile": "preferences of the back office",
}
HARMLESS = {
    "SELECT", "BEGIN", "START", "COMMIT", "END", "ROLLBACK", "SAVEPOINT", "RELEASE", "PRAGMA", "SET",
    "SHOW", "VALUES", "DECLARE", "FETCH", "CLOSE", "LOCK",
}  # fmt: skip
LEADING = re.compile(r"(?:\s|\(|/\*.*?\*/|--[^\n]*\n)*", re.S)
NAME = r"""(?:ONLY\s+)?(?:["`\w]+\.)?["`]?(\w+)["`]?"""
CHANGE = re.compile(
    rf"(?:INSERT\s+(?:OR\s+\w+\s+)?INTO|REPLACE\s+INTO|MERGE\s+INTO|DELETE\s+FROM|UPDATE(?:\s+OR\s+\w+)?)\s+{NAME}",
    re.I,
)
ANY_CHANGE = re.compile(rf"(?<!FOR )(?<!KEY )(?<!DO )\b{CHANGE.pattern}", re.I)


def register_unshown() -> None:
    """Register the tables of the kernel and of packages that no public page shows."""
    for name, reason in UNSHOWN.items():
        unshown_tables.register(Unshown(name, reason))


class Change(IntEnum):
    """How far a change reaches."""

    NOTHING = 0
    SHOWN = 1
    """Some pages, but nothing that frames them."""
    FRAME = 2


def reach(sql: Any) -> Change:
    """Say what a statement may change of what pages show. What can't be read changes everything."""
    if not isinstance(sql, str):
        return Change.FRAME
    start = LEADING.match(sql).end()  # type: ignore[union-attr]  # it matches no text too
    word = sql[start : start + 9].split(None, 1)[0].rstrip(";").upper() if sql[start:] else ""
    if word in HARMLESS or not word:
        return Change.NOTHING
    if word == "WITH" or ";" in sql.rstrip().rstrip(";"):
        tables = ANY_CHANGE.findall(sql, start)
        if not tables:
            return Change.NOTHING if word == "WITH" else Change.FRAME
    else:
        match = CHANGE.match(sql, start)
        if match is None:
            return Change.FRAME
        tables = [match[1]]
    return max(_reach_of(table.lower()) for table in tables)


def _reach_of(table: str) -> Change:
    if table in unshown_tables:
        return Change.NOTHING
    return Change.SHOWN if table in lively_tables else Change.FRAME


class ChangeWatcher:
    """An execute wrapper of one database connection."""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.connection = connection

    def bump_shown(self) -> None:
        """Raise the stamp, after the commit of a change that reaches no frame."""
        get_stamp().bump(frame=False)

    def bump_frame(self) -> None:
        """Raise the stamp and the frame's, after the commit."""
        get_stamp().bump()

    def __call__(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        """Run the statement, and note a change."""
        result = execute(sql, params, many, context)
        if settings.PAGE_CACHE_BYTES:
            change = reach(sql)
            if change:
                self.note(self.bump_frame if change == Change.FRAME else self.bump_shown)
        return result

    def note(self, bump: Callable[[], None]) -> None:
        """Raise the stamp at once in autocommit, else after the commit.

        Registered once a transaction, unless a savepoint's rollback took the registration with it. It
        stands in front, so that an error in another's callback can't keep it from running.
        """
        connection = self.connection
        if not connection.in_atomic_block:
            bump()
        elif not any(entry[1] == bump for entry in connection.run_on_commit):
            connection.on_commit(bump, robust=True)
            connection.run_on_commit.insert(0, connection.run_on_commit.pop())


def _watch(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    if not any(isinstance(wrapper, ChangeWatcher) for wrapper in connection.execute_wrappers):
        connection.execute_wrappers.append(ChangeWatcher(connection))


def watch_all_connections() -> None:
    """Watch every database connection of this process, open ones and those to come."""
    connection_created.connect(_watch, dispatch_uid="cms.page_cache.changes")
    for connection in connections.all(initialized_only=True):
        _watch(connection)
