"""Keeps the task queue going: brings back what a killed worker left, retries what failed, gives up, prunes.

django-tasks-db never retries and leaves the row of a killed worker RUNNING for ever. So every task is
idempotent: one that outlives its lease may run twice.
"""

import logging
from datetime import datetime, timedelta

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import F, QuerySet
from django_tasks.base import TaskResultStatus as Status
from django_tasks_db.models import DBTaskResult, get_date_max

from cms.log import record
from cms.models import TaskRetries

LEASE = timedelta(minutes=15)
"""After this long a running task counts as lost. No task may take longer."""
BACKOFF = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=12),
)
"""How long to wait before each retry; after the last one a task is given up until staff retry it."""
KEEP_DONE = timedelta(days=14)
KEEP_GIVEN_UP = timedelta(days=90)
BATCH = 500
INDEXING = ("modelsearch.tasks.insert_or_update_object_task", "wagtail.tasks.update_reference_index_task")
"""Wagtail's tasks about one row, which have nothing to do once the row is gone."""

logger = logging.getLogger("cms.queue")


def requeue_tasks(at: datetime) -> int:
    """Put lost and failed tasks whose time has come back in the queue. Returns how many.

    Each goes by a conditional update of the very state that was read, so that of two callers at the
    same time one does it, on every database.
    """
    _drop_pointless()
    return _requeue_lost(at) + _retry_failed(at)


@transaction.atomic
def retry_task(*, result: DBTaskResult, at: datetime, by: AbstractBaseUser) -> bool:
    """Put a failed task back at once with all its retries. Returns False when it was not failed any more."""
    if not _put_back(DBTaskResult.objects.filter(pk=result.pk, status=Status.FAILED)):
        return False
    retries, _is_new = TaskRetries.objects.update_or_create(
        result=result, defaults={"count": 0, "last_at": at, "gave_up_at": None}
    )
    record(retries, "cms.retry_task", by=by, data={"task": result.task_path})
    return True


def prune_tasks(at: datetime) -> int:
    """Delete what is done for two weeks and what was given up three months ago. Returns how many tasks."""
    done = DBTaskResult.objects.filter(status=Status.SUCCESSFUL, finished_at__lte=at - KEEP_DONE)
    given_up = DBTaskResult.objects.filter(retries__gave_up_at__lte=at - KEEP_GIVEN_UP, status=Status.FAILED)
    return sum(rows.delete()[1].get(DBTaskResult._meta.label, 0) for rows in (done, given_up))


def _drop_pointless() -> None:
    DBTaskResult.objects.filter(
        status=Status.FAILED, task_path__in=INDEXING, exception_class_path__endswith=".DoesNotExist"
    ).delete()


def _requeue_lost(at: datetime) -> int:
    lost = DBTaskResult.objects.filter(status=Status.RUNNING, started_at__lte=at - LEASE)
    count = 0
    for result in lost.select_related("retries")[:BATCH]:
        retries = getattr(result, "retries", None)
        same = DBTaskResult.objects.filter(pk=result.pk, status=Status.RUNNING, started_at=result.started_at)
        if retries and retries.count >= len(BACKOFF):
            error = "The worker that ran it was lost each time."
            if same.update(status=Status.FAILED, finished_at=at, traceback=error):
                _give_up(result, at)
        elif _put_back(same):
            logger.warning("task %s (%s) was lost by its worker and is put back", result.pk, result.task_path)
            _count(result, at)
            count += 1
    return count


def _retry_failed(at: datetime) -> int:
    failed = DBTaskResult.objects.filter(status=Status.FAILED, retries__gave_up_at__isnull=True)
    count = 0
    for result in failed.filter(finished_at__lte=at - BACKOFF[0]).select_related("retries")[:BATCH]:
        retries = getattr(result, "retries", None)
        tried = retries.count if retries else 0
        if tried >= len(BACKOFF):
            _give_up(result, at)
        elif result.finished_at and result.finished_at <= at - BACKOFF[tried]:
            same = DBTaskResult.objects.filter(
                pk=result.pk, status=Status.FAILED, finished_at=result.finished_at
            )
            if _put_back(same):
                logger.info("task %s (%s) failed and is tried again", result.pk, result.task_path)
                _count(result, at)
                count += 1
    return count


def _put_back(rows: QuerySet[DBTaskResult]) -> int:
    return rows.update(
        status=Status.READY,
        started_at=None,
        finished_at=None,
        run_after=get_date_max(),
        exception_class_path="",
    )


def _count(result: DBTaskResult, at: datetime) -> None:
    TaskRetries.objects.get_or_create(result=result)
    TaskRetries.objects.filter(result=result).update(count=F("count") + 1, last_at=at)


def _give_up(result: DBTaskResult, at: datetime) -> None:
    TaskRetries.objects.get_or_create(result=result)
    if TaskRetries.objects.filter(result=result, gave_up_at__isnull=True).update(gave_up_at=at):
        logger.error("task %s (%s) is given up", result.pk, result.task_path)
