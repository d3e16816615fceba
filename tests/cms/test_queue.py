"""The queue: retries by the table, gives up, brings back what a killed worker left, exactly once."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone
from django_tasks.base import TaskResultStatus as Status
from django_tasks_db.models import DBTaskResult
from wagtail.models import ModelLogEntry

from accounts.models import User
from cms.models import TaskRetries
from cms.operations.queue import (
    BACKOFF,
    INDEXING,
    KEEP_DONE,
    KEEP_GIVEN_UP,
    LEASE,
    prune_tasks,
    requeue_tasks,
    retry_task,
)
from tests.cms import slow_task
from tests.queue import drain

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def failed(db: None) -> DBTaskResult:
    slow_task.fail.enqueue("no such thing")
    assert drain() == 1
    return DBTaskResult.objects.get()


@pytest.mark.usefixtures("failed")
def test_a_failed_task_is_retried_by_the_table_and_then_given_up(caplog: pytest.LogCaptureFixture) -> None:
    for number, pause in enumerate(BACKOFF):
        ended = DBTaskResult.objects.get().finished_at
        assert ended is not None
        assert requeue_tasks(ended + pause - timedelta(seconds=1)) == 0, f"retry {number} came early"
        assert requeue_tasks(ended + pause) == 1
        assert requeue_tasks(ended + pause) == 0
        drain()
    result = DBTaskResult.objects.get()
    assert (result.status, result.retries.count, result.retries.gave_up_at) == (Status.FAILED, 5, None)
    later = timezone.now() + timedelta(days=1)
    assert requeue_tasks(later) == requeue_tasks(later + timedelta(days=30)) == 0
    assert TaskRetries.objects.get().gave_up_at == later
    assert "is given up" in caplog.text


def test_staff_retry_what_was_given_up(failed: DBTaskResult) -> None:
    now = timezone.now()
    TaskRetries.objects.create(result=failed, count=5, gave_up_at=now)
    admin = User.objects.create_superuser("root@demo.example")
    assert retry_task(result=failed, at=now, by=admin)
    assert not retry_task(result=failed, at=now, by=admin)
    assert ModelLogEntry.objects.get(action="cms.retry_task").user == admin
    failed.refresh_from_db()
    assert (failed.status, failed.retries.count, failed.retries.gave_up_at) == (Status.READY, 0, None)


def running(since: datetime) -> DBTaskResult:
    slow_task.fail.enqueue("lost")
    result = DBTaskResult.objects.get()
    result.claim("worker")
    DBTaskResult.objects.update(started_at=since)
    return result


def test_a_lost_task_comes_back_after_its_lease_and_is_given_up_when_lost_each_time() -> None:
    now = timezone.now()
    result = running(now)
    assert requeue_tasks(now + LEASE - timedelta(seconds=1)) == 0
    for _number in BACKOFF:
        assert requeue_tasks(now + LEASE) == 1
        result.refresh_from_db()
        assert result.status == Status.READY
        result.claim("worker")
        DBTaskResult.objects.update(started_at=now)
    assert requeue_tasks(now + LEASE) == 0
    result.refresh_from_db()
    assert (result.status, result.retries.count) == (Status.FAILED, 5)
    assert result.retries.gave_up_at == now + LEASE


def test_old_tasks_are_pruned_and_what_may_still_be_needed_stays(failed: DBTaskResult) -> None:
    now = timezone.now()
    assert prune_tasks(now + timedelta(days=365)) == 0, "a task that will be retried was deleted"
    TaskRetries.objects.create(result=failed, count=5, gave_up_at=now)
    assert prune_tasks(now + KEEP_GIVEN_UP - timedelta(days=1)) == 0
    assert prune_tasks(now + KEEP_GIVEN_UP) == 1
    slow_task.fail.enqueue("fine")
    DBTaskResult.objects.update(status=Status.SUCCESSFUL, finished_at=now)
    assert prune_tasks(now + KEEP_DONE - timedelta(seconds=1)) == 0
    assert prune_tasks(now + KEEP_DONE) == 1


# A worker killed in the middle: real processes on a real database.


@pytest.fixture
def processes(db: None, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment for processes that share a database: SQLite's is copied to a file."""
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        (tmp_path / "db.sqlite3").write_bytes(connection.connection.serialize())
        url = f"sqlite:///{tmp_path / 'db.sqlite3'}"
    else:
        url = "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**database)
    environment = {**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "cms.settings.test"}
    yield environment
    python(environment, "DBTaskResult.objects.all().delete()")


PREPARE = """
import django, json, threading
django.setup()
from datetime import timedelta
from django.db import connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from cms.operations.queue import LEASE, requeue_tasks
from tests.cms.slow_task import write_line
from tests.queue import drain
"""
RACE = """
counts, gun, at = [], threading.Barrier(2), timezone.now() + LEASE
def requeue():
    connection.ensure_connection()
    gun.wait()
    counts.append(requeue_tasks(at))
    connection.close()
threads = [threading.Thread(target=requeue) for _ in range(2)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
drain()
result = DBTaskResult.objects.get()
print(json.dumps([sorted(counts), result.status, result.retries.count, len(result.worker_ids)]))
"""


def python(environment: dict[str, str], script: str) -> str:
    answer = subprocess.run(
        [sys.executable, "-c", PREPARE + script],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


def test_a_worker_killed_in_the_middle_loses_nothing(processes: dict[str, str], tmp_path: Path) -> None:
    lines = tmp_path / "lines"
    python(processes, f"write_line.enqueue({str(lines)!r}, slow_the_first_time=True)")
    worker = subprocess.Popen(
        [sys.executable, "manage.py", "db_worker", "--no-reload", "--no-startup-delay", "--interval", "0.1"],
        cwd=ROOT,
        env=processes,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    until = time.monotonic() + 30
    while not lines.exists() and time.monotonic() < until:
        time.sleep(0.05)
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    assert lines.read_text() == "started\n", "the worker was not in the middle of its task"
    # Two run_due at the same moment: one brings it back, once.
    assert json.loads(python(processes, RACE)) == [[0, 1], Status.SUCCESSFUL, 1, 2]
    assert lines.read_text() == "started\nstarted\ndone\n"


TWO_AT_ONCE = """
import time
from django.contrib.auth.models import Group
from cms.operations.periodic import run_due_work
from cms.registries import DueWork, due_work
def once(at):
    if Group.objects.filter(name="done once").exists():
        return 0
    time.sleep(0.5)
    Group.objects.create(name="done once")
    return 1
due_work.register(DueWork("once", once))
outcomes, gun = [], threading.Barrier(2)
def run():
    connection.ensure_connection()
    gun.wait()
    outcomes.extend(run_due_work(at=timezone.now(), only="once"))
    connection.close()
threads = [threading.Thread(target=run) for _ in range(2)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
Group.objects.filter(name="done once").delete()
print(json.dumps([sum(each.done or 0 for each in outcomes), "".join(each.error for each in outcomes)]))
"""


def test_two_run_due_at_once_do_a_thing_once(processes: dict[str, str]) -> None:
    assert json.loads(python(processes, TWO_AT_ONCE)) == [1, ""]


def test_indexing_a_row_that_is_gone_is_not_tried_again(db: None) -> None:
    failed = {
        "status": Status.FAILED,
        "args_kwargs": {"args": [], "kwargs": {}},
        "finished_at": timezone.now(),
    }
    gone = "home.models.pages.HomePage.DoesNotExist"
    DBTaskResult.objects.create(task_path=INDEXING[0], exception_class_path=gone, **failed)
    broken = DBTaskResult.objects.create(task_path=INDEXING[0], exception_class_path="OSError", **failed)
    other = DBTaskResult.objects.create(task_path="events.tasks.send", exception_class_path=gone, **failed)
    requeue_tasks(timezone.now())
    assert set(DBTaskResult.objects.values_list("pk", flat=True)) == {broken.pk, other.pk}
