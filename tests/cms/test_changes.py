"""Which statements raise the stamp, and when."""

import pytest
from django.contrib.sessions.models import Session
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from pytest_django import Settings

from cms.models import Term
from cms.page_cache.changes import Change, reach
from cms.stamp import get_stamp
from membership.models import Organisation


@pytest.mark.parametrize(
    "sql",
    [
        'INSERT INTO "cms_term" ("slug") VALUES (%s)',
        "UPDATE cms_term SET slug = 'x'",
        'update only "public"."cms_term" set slug = 1',
        'DELETE FROM "cms_term" WHERE 1=1',
        'TRUNCATE "cms_term", "django_session"',
        'WITH moved AS (SELECT 1) UPDATE "cms_term" SET position = 1',
        'WITH gone AS (DELETE FROM "cms_term" RETURNING id) SELECT * FROM gone',
        "/* from a tool */ UPDATE cms_term SET slug = 'x'",
        "-- note\nDELETE FROM cms_term",
        'DELETE FROM "django_session"; DELETE FROM "cms_term";',
        'INSERT OR IGNORE INTO "cms_term" VALUES (1)',
        'ALTER TABLE "cms_term" ADD x int',
        "CALL recount()",
        object(),
    ],
)
def test_a_change_of_anything_that_may_be_shown_counts(sql: object) -> None:
    assert reach(sql) == Change.FRAME


@pytest.mark.parametrize(
    "sql",
    [
        'SELECT * FROM "cms_term" FOR UPDATE',
        "(SELECT 1) UNION (SELECT 2)",
        "WITH RECURSIVE tree AS (SELECT 1) SELECT * FROM tree FOR UPDATE OF tree",
        "WITH RECURSIVE tree AS (SELECT 1) SELECT * FROM tree FOR NO KEY UPDATE",
        'INSERT INTO "cms_attempt" (n) VALUES (1) ON CONFLICT (n) DO UPDATE SET n = 2',
        'WITH a AS (SELECT 1) INSERT INTO "cms_attempt" SELECT 1 ON CONFLICT (n) DO UPDATE SET n = 2',
        'UPDATE "django_session" SET expire_date = 1',
        'SAVEPOINT "s1"',
        "BEGIN IMMEDIATE",
        "PRAGMA foreign_keys = ON",
        "",
    ],
)
def test_reading_and_what_no_page_shows_do_not(sql: str) -> None:
    assert reach(sql) == Change.NOTHING


@pytest.mark.parametrize(
    "sql",
    [
        'INSERT INTO "events_signup" ("email") VALUES (%s)',
        'DELETE FROM "events_signup"; DELETE FROM "django_session";',
        'WITH a AS (SELECT 1) UPDATE "membership_organisation" SET name = 1',
    ],
)
def test_what_visitors_write_changes_pages_and_no_frame(sql: str) -> None:
    assert reach(sql) == Change.SHOWN
    assert reach(f'{sql.rstrip(";")}; DELETE FROM "cms_menu";') == Change.FRAME


@pytest.fixture
def _watched(settings: Settings) -> None:
    settings.PAGE_CACHE_BYTES = 1_000_000


def _stamp() -> int:
    stamps = get_stamp().read()
    assert stamps is not None
    return stamps.shown


def _frame() -> int:
    stamps = get_stamp().read()
    assert stamps is not None
    return stamps.frame


@pytest.fixture
def term(transactional_db: None) -> Term:
    """A term in real transactions."""
    return Term.objects.create(kind=Term.Kind.THEME, slug="stamp", name_nl="Stempel", name_en="Stamp")


@pytest.mark.usefixtures("_watched")
class TestWhen:
    def test_autocommit_raises_at_once_and_reading_does_not(self, term: Term) -> None:
        before = _stamp()
        list(Term.objects.all())
        assert _stamp() == before
        Term.objects.filter(pk=term.pk).update(position=3)
        assert _stamp() > before

    def test_a_transaction_raises_after_its_commit_once(self, term: Term) -> None:
        before = _stamp()
        with transaction.atomic():
            Term.objects.filter(pk=term.pk).update(position=4)
            Term.objects.bulk_update([term], ["position"])
            assert _stamp() == before
        assert _stamp() == before + 1

    def test_a_lively_table_leaves_the_frame_standing_until_another_changes(self, term: Term) -> None:
        shown, frame = _stamp(), _frame()
        Organisation.objects.update(kind="company")
        assert (_stamp(), _frame()) == (shown + 1, frame)
        with transaction.atomic():
            Organisation.objects.update(kind="company")
            Term.objects.filter(pk=term.pk).update(position=2)
        assert _stamp() > shown + 1
        assert _frame() == frame + 1

    def test_a_rollback_raises_nothing(self, term: Term) -> None:
        before = _stamp()
        with transaction.atomic():
            Term.objects.filter(pk=term.pk).update(position=4)
            transaction.set_rollback(True)
        assert _stamp() == before

    def test_a_change_after_a_rolled_back_savepoint_counts(self, term: Term) -> None:
        before = _stamp()
        with transaction.atomic():
            with transaction.atomic():
                Term.objects.filter(pk=term.pk).update(position=5)
                transaction.set_rollback(True)
            Term.objects.filter(pk=term.pk).update(position=6)
        assert _stamp() == before + 1

    def test_a_failing_callback_of_another_does_not_keep_it_from_rising(self, term: Term) -> None:
        before = _stamp()

        def fail() -> None:
            raise DatabaseError

        @transaction.atomic
        def change() -> None:
            transaction.on_commit(fail)
            Term.objects.filter(pk=term.pk).update(position=7)

        with pytest.raises(DatabaseError):
            change()
        assert _stamp() == before + 1

    def test_raw_sql_counts(self, term: Term) -> None:
        before = _stamp()
        with connection.cursor() as cursor:
            cursor.execute(
                "WITH one AS (SELECT 9 AS p) UPDATE cms_term SET position = 9 WHERE id = %s", [term.pk]
            )
        assert _stamp() > before

    def test_a_session_does_not_count_nor_does_a_switched_off_cache(
        self, term: Term, settings: Settings
    ) -> None:
        before = _stamp()
        Session.objects.create(session_key="k" * 32, session_data="", expire_date=timezone.now())
        settings.PAGE_CACHE_BYTES = 0
        Term.objects.filter(pk=term.pk).update(position=8)
        assert _stamp() == before
