"""Periodic work: what is due gets done, one failure does not stop the rest."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from cms.models import PeriodicRun
from cms.operations import periodic
from cms.registries import DueWork, Registry
from home.models import ContentPage, HomePage

pytestmark = pytest.mark.django_db

AT = datetime(2027, 1, 4, 9, 0, tzinfo=UTC)


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Registry[DueWork]:
    registry: Registry[DueWork] = Registry()
    # Where it is used, not where it is: a module that is first imported meanwhile would keep it for good.
    monkeypatch.setattr("cms.operations.periodic.due_work", registry)
    monkeypatch.setattr("cms.management.commands.run_due.due_work", registry)
    return registry


def run(*args: str, **options: Any) -> str:
    out = StringIO()
    call_command("run_due", *args, stdout=out, stderr=out, **options)
    return out.getvalue()


def make_group(name: str, then: Callable[[], None] = lambda: None) -> Callable[[datetime], int]:
    def work(at: datetime) -> int:
        Group.objects.create(name=f"{name} {at:%Y}")
        then()
        return 1

    return work


def test_each_entry_gets_the_clock_and_says_what_it_did(work: Registry[DueWork]) -> None:
    work.register(DueWork("reminders", make_group("reminder")))
    assert run("--at", "2027-01-04T09:00:00+00:00") == "reminders: 1\n"
    assert Group.objects.filter(name="reminder 2027").exists()
    row = PeriodicRun.objects.get(name="reminders")
    assert (row.ran_at, row.done, row.error) == (AT, 1, "")


def test_a_failing_entry_changes_nothing_and_the_others_go_on(
    work: Registry[DueWork], caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise ValueError("no such thing")

    work.register(DueWork("broken", make_group("broken", fail)))
    work.register(DueWork("whole", make_group("whole")))
    with caplog.at_level(logging.CRITICAL), pytest.raises(CommandError, match="broken"):
        run("--at", AT.isoformat())
    assert set(Group.objects.filter(name__endswith="2027").values_list("name", flat=True)) == {"whole 2027"}
    broken = PeriodicRun.objects.get(name="broken")
    assert (broken.failed_at, broken.ran_at, broken.error) == (AT, None, "ValueError: no such thing")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("in_steps", "order"),
    [(True, ["a", "a kept", "b", "c", "c kept"]), (False, ["a", "b", "c", "a kept", "c kept"])],
)
def test_work_in_steps_keeps_each_thing_before_the_next(
    work: Registry[DueWork], caplog: pytest.LogCaptureFixture, in_steps: bool, order: list[str]
) -> None:
    told: list[str] = []

    def do(name: str) -> bool:
        told.append(name)
        transaction.on_commit(lambda: told.append(f"{name} kept"))
        if name == "b":
            raise ValueError(name)
        return True

    work.register(DueWork("letters", lambda at: periodic.each("abc", do), in_steps=in_steps))
    with caplog.at_level(logging.CRITICAL), pytest.raises(CommandError, match="letters"):
        run("--at", AT.isoformat())
    assert told == order
    row = PeriodicRun.objects.get(name="letters")
    assert (row.ran_at, row.failed_at, row.done, "'b': ValueError: b" in row.error) == (AT, AT, 2, True)


def test_only_one_entry_and_only_a_known_one(work: Registry[DueWork]) -> None:
    work.register(DueWork("one", make_group("one")))
    work.register(DueWork("two", make_group("two")))
    run("--only", "two", "--at", "2027-01-04T09:00")
    assert set(Group.objects.filter(name__endswith="2027").values_list("name", flat=True)) == {"two 2027"}
    with pytest.raises(CommandError, match="There is: one, two"):
        run("--only", "three")


def test_pages_appear_and_disappear_as_their_editors_planned(home: HomePage) -> None:
    past = timezone.now() - timedelta(minutes=1)
    coming = home.add_child(instance=ContentPage(title="Nieuw", slug="nieuw", live=False, locale=home.locale))
    revision = coming.save_revision(approved_go_live_at=past)
    going = home.add_child(instance=ContentPage(title="Oud", slug="oud", expire_at=past, locale=home.locale))
    later = home.add_child(instance=ContentPage(title="Later", slug="later", live=False, locale=home.locale))
    later.save_revision(approved_go_live_at=timezone.now() + timedelta(hours=1))
    assert periodic.publish_scheduled(timezone.now()) == 2
    for page in (coming, going, later):
        page.refresh_from_db()
    assert (coming.live, going.live, later.live) == (True, False, False)
    assert periodic.publish_scheduled(timezone.now()) == 0
    assert revision.pk


def test_the_clock_that_is_handed_over_decides_what_is_published(home: HomePage) -> None:
    tomorrow = timezone.now() + timedelta(days=1)
    coming = ContentPage(title="Nieuw", slug="nieuw", live=False, go_live_at=tomorrow, locale=home.locale)
    home.add_child(instance=coming)
    coming.save_revision().publish()
    going = home.add_child(
        instance=ContentPage(title="Oud", slug="oud", expire_at=tomorrow, locale=home.locale)
    )
    assert periodic.publish_scheduled(tomorrow - timedelta(minutes=1)) == 0
    assert periodic.publish_scheduled(tomorrow + timedelta(minutes=1)) == 2
    for page in (coming, going):
        page.refresh_from_db()
    assert (coming.live, going.live, going.expired) == (True, False, True)
