"""The number that every process sees grow."""

import os
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from cms.stamp import FileStamp, get_stamp, per_stamp


def _bump_often(path: Path, times: int) -> None:
    stamp = FileStamp(path)
    for _ in range(times):
        stamp.bump()


def test_bumps_of_several_processes_all_count(tmp_path: Path) -> None:
    stamp = FileStamp(tmp_path / "var" / "stamp")
    assert stamp.read() == 0
    context = get_context("fork")
    workers = [context.Process(target=_bump_often, args=(stamp.path, 200)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert stamp.read() == 600


def test_a_forked_process_sees_and_raises_the_inherited_stamp(tmp_path: Path) -> None:
    stamp = FileStamp(tmp_path / "stamp")
    child = os.fork()
    if child == 0:
        stamp.bump()
        os._exit(0)
    os.waitpid(child, 0)
    assert stamp.read() == 1


def test_an_answer_is_kept_until_the_stamp_is_raised(settings: Any) -> None:
    settings.PAGE_CACHE_BYTES = 1
    asked = []

    @per_stamp
    def double(number: int) -> int:
        asked.append(number)
        return 2 * number

    assert [double(1), double(1), double(2)] == [2, 2, 4]
    assert asked == [1, 2]
    get_stamp().bump()
    assert double(1) == 2
    assert asked == [1, 2, 1]
    settings.PAGE_CACHE_BYTES = 0
    assert double(1) == 2
    assert asked == [1, 2, 1, 1]


def test_inside_a_transaction_nothing_is_kept(db: None, settings: Any) -> None:
    settings.PAGE_CACHE_BYTES = 1
    asked = []

    @per_stamp
    def ask() -> None:
        asked.append(1)

    ask()
    ask()
    assert len(asked) == 2
