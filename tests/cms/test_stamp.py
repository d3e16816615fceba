"""The number that every process sees grow."""

import os
from multiprocessing import get_context
from pathlib import Path

from cms.stamp import FileStamp


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
