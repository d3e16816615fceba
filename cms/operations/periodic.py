"""Does what is due, entry by entry: each in a transaction of its own, or thing by thing."""

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.db import transaction
from wagtail.models import Page, Revision

from cms.models import PeriodicRun
from cms.registries import DueWork, PartlyDone, due_work

logger = logging.getLogger("cms.periodic")
ThingT = TypeVar("ThingT")


@dataclass(frozen=True)
class Outcome:
    """How one entry went: how many things it did, what failed, or neither when another process is at it."""

    name: str
    done: int | None = None
    error: str = ""


def run_due_work(*, at: datetime, only: str = "") -> Iterator[Outcome]:
    """Run each registered entry (or the one called `only`) and say how it went.

    A failing entry changes nothing, is logged and does not stop the others. Two processes at the same
    time do not do an entry twice: its row is locked while it runs. One that goes `in_steps` holds nothing
    longer than for one thing. Raises KeyError for an unknown name.
    """
    entries = [due_work[only]] if only else list(due_work)
    for entry in entries:
        PeriodicRun.objects.get_or_create(name=entry.name)
        try:
            yield _run_in_steps(entry, at) if entry.in_steps else _run(entry, at)
        except Exception as error:
            logger.exception("periodic work %r failed", entry.name)
            message = f"{type(error).__name__}: {error}"
            PeriodicRun.objects.filter(name=entry.name).update(failed_at=at, error=message)
            yield Outcome(entry.name, error=message)


def each(things: Iterable[ThingT], do: Callable[[ThingT], object]) -> int:
    """Do something with each thing, for an entry of the periodic work; one that fails holds up no other.

    Returns for how many `do` said that it did something. Raises PartlyDone after the last one.
    """
    done, failed = 0, []
    for thing in things:
        try:
            with transaction.atomic():
                done += bool(do(thing))
        except Exception as error:
            logger.exception("%r failed", thing)
            failed.append(f"{thing!r}: {type(error).__name__}: {error}")
    if failed:
        raise PartlyDone(done, failed)
    return done


@transaction.atomic
def _run(entry: DueWork, at: datetime) -> Outcome:
    # SQLite has no row locks; there the transaction starts IMMEDIATE and is alone already.
    row = PeriodicRun.objects.select_for_update(skip_locked=True).filter(name=entry.name).first()
    return _run_in_steps(entry, at) if row else Outcome(entry.name)


def _run_in_steps(entry: DueWork, at: datetime) -> Outcome:
    said: dict[str, Any] = {"ran_at": at, "failed_at": None, "error": ""}
    try:
        said["done"] = entry.run(at)
    except PartlyDone as partly:
        said |= {"done": partly.done, "failed_at": at, "error": str(partly)}
    PeriodicRun.objects.filter(name=entry.name).update(**said)
    return Outcome(entry.name, done=said["done"], error=said["error"])


def publish_scheduled(at: datetime) -> int:
    """Publish and unpublish what editors scheduled up to `at`. Wagtail's command knows no `at`."""
    expired = list(Page.objects.filter(live=True, expire_at__lt=at).specific())
    for page in expired:
        page.unpublish(set_expired=True, log_action="wagtail.unpublish.scheduled")
    revisions = list(Revision.objects.filter(approved_go_live_at__lt=at))
    for revision in revisions:
        # Wagtail would look at its own clock and only plan it once more.
        revision.content["go_live_at"] = None
        revision.publish(log_action="wagtail.publish.scheduled")
    return len(expired) + len(revisions)
