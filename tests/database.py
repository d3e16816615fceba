"""The test database: migrated once for all runs, and as new again after each test that commits.

Migrating takes most of the time of a small run, so a migrated database is kept until a migration changes: on
SQLite a file, on PostgreSQL a template for all processes of a server. A test with transactions ends with
Django's flush, which would take the reference data and the first pages along: a copy made at the start is put
back instead, on both databases.
"""

import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import TransactionTestCase

ROOT = Path(__file__).resolve().parent.parent


def code_digest() -> str:
    """Name exactly this code, as far as migrating depends on it."""
    sources = [ROOT / "requirements" / "dev.txt", ROOT / "cms" / "settings" / "base.py"]
    sources += sorted(ROOT.glob("*/migrations/*.py"))
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in sources)).hexdigest()[:16]


def migrated_file() -> Path:
    """The migrated database of this code; who asks first makes it, and forgets older ones."""
    target = ROOT / "var" / "test" / f"{code_digest()}.sqlite3"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        aside = target.with_suffix(f".{os.getpid()}")
        migrate(f"sqlite:///{aside}")
        aside.replace(target)
        for path in set(target.parent.glob("*.sqlite3")) - {target}:
            path.unlink(missing_ok=True)
    return target


def migrate(url: str) -> None:
    """Migrate a database from nothing."""
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity=0"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": url},
        check=True,
    )


def migrated_template(url: str) -> str:
    """The name of this code's migrated database on a PostgreSQL server; the first process to ask makes it."""
    name = f"test_migrated_{code_digest()}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute("SELECT pg_advisory_lock(hashtext('test_migrated'))")
        known = {row[0] for row in server.execute("SELECT datname FROM pg_database")}
        if name in known:
            return name
        for older in known:
            if older.startswith("test_migrated_"):
                server.execute(f'DROP DATABASE "{older}"')
        server.execute(f'CREATE DATABASE "{name}_aside"')
        migrate(urlsplit(url)._replace(path=f"/{name}_aside").geturl())
        server.execute(f'ALTER DATABASE "{name}_aside" RENAME TO "{name}"')
    return name


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """Let pytest-django take the copied SQLite file as it is; PostgreSQL starts from nothing."""
    return connection.vendor == "sqlite"


@pytest.fixture(scope="session")
def django_db_modify_db_settings(request: pytest.FixtureRequest) -> Iterator[None]:
    """Give each process a database of its own."""
    if connection.vendor != "sqlite":
        request.getfixturevalue("django_db_modify_db_settings_parallel_suffix")
        connection.settings_dict["TEST"]["TEMPLATE"] = migrated_template(os.environ["DATABASE_URL"])
        yield
        return
    own = settings.DATA_DIR / "test.sqlite3"
    connection.settings_dict["TEST"]["NAME"] = str(own)
    shutil.copyfile(migrated_file(), own)
    yield
    connection.close()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Set up once as `manage.py setup` does, the empty site included, and keep a copy to return to."""
    from django_tasks_db.models import DBTaskResult

    with django_db_blocker.unblock():
        call_command("setup", verbosity=0)
        DBTaskResult.objects.all().delete()  # as if the worker had done what the set-up queued
        copy = SQLiteCopy() if connection.vendor == "sqlite" else PostgreSQLCopy()
        copy.make()
    patch = pytest.MonkeyPatch()
    patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _test: copy.put_back())
    yield
    patch.undo()


class SQLiteCopy:
    """A second file, written back page by page."""

    def __init__(self) -> None:
        self.path = settings.DATA_DIR / "pristine.sqlite3"

    def make(self) -> None:
        with closing(sqlite3.connect(self.path)) as file:
            connection.connection.backup(file)

    def put_back(self) -> None:
        connection.ensure_connection()
        with closing(sqlite3.connect(self.path)) as file:
            file.backup(connection.connection)


class PostgreSQLCopy:
    """A second database, used as a template."""

    def make(self) -> None:
        self.copy(source=self.own, target=f"{self.own}_pristine")

    def put_back(self) -> None:
        self.copy(source=f"{self.own}_pristine", target=self.own)

    @property
    def own(self) -> str:
        name: str = connection.settings_dict["NAME"]
        return name

    def copy(self, *, source: str, target: str) -> None:
        quote = connection.ops.quote_name
        connection.close()
        with connection._nodb_cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {quote(target)} WITH (FORCE)")
            cursor.execute(f"CREATE DATABASE {quote(target)} TEMPLATE {quote(source)}")


if __name__ == "__main__":
    migrated_file()
