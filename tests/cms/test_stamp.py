"""The number that every process sees grow."""

import os
from collections.abc import Sequence
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
import redis

from cms.stamp import POLL_SECONDS, FileStamp, RedisStamp, Stamps, get_stamp, per_stamp


def _bump_often(path: Path, times: int) -> None:
    stamp = FileStamp(path)
    for _ in range(times):
        stamp.bump()


def test_bumps_of_several_processes_all_count(tmp_path: Path) -> None:
    stamp = FileStamp(tmp_path / "var" / "stamp")
    assert stamp.read() == Stamps(0, 0)
    context = get_context("fork")
    workers = [context.Process(target=_bump_often, args=(stamp.path, 200)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert stamp.read() == Stamps(600, 600)


def test_a_forked_process_sees_and_raises_the_inherited_stamp(tmp_path: Path) -> None:
    stamp = FileStamp(tmp_path / "stamp")
    child = os.fork()
    if child == 0:
        stamp.bump()
        os._exit(0)
    os.waitpid(child, 0)
    assert stamp.read() == Stamps(1, 1)


def test_an_answer_is_kept_until_the_stamp_is_raised(settings: Any) -> None:
    settings.PAGE_CACHE_BYTES = 1
    asked = []

    @per_stamp
    def double(number: int) -> int:
        asked.append(number)
        return 2 * number

    assert [double(1), double(1), double(2)] == [2, 2, 4]
    assert asked == [1, 2]
    get_stamp().bump(frame=False)
    assert double(1) == 2
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


class Server:
    """A Redis that can be out of reach; also the pipeline that it gives."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self.waiting: list[tuple[str, int]] = []
        self.is_up, self.asked = True, 0

    def mget(self, keys: Sequence[str]) -> list[bytes | None]:
        self.asked += 1
        self._answer()
        return [str(self.numbers[key]).encode() if key in self.numbers else None for key in keys]

    def pipeline(self) -> "Server":
        self.waiting = []
        return self

    def incrby(self, key: str, by: int) -> None:
        self.waiting.append((key, by))

    def execute(self) -> list[int]:
        self._answer()
        for key, by in self.waiting:
            self.numbers[key] = self.numbers.get(key, 0) + by
        return [self.numbers[key] for key, _by in self.waiting]

    def _answer(self) -> None:
        if not self.is_up:
            raise redis.ConnectionError


def test_redis_is_asked_now_and_then_and_nothing_is_reused_while_it_is_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server, clock = Server(), [100.0]
    monkeypatch.setattr(redis.Redis, "from_url", lambda url, **options: server)
    monkeypatch.setattr("cms.stamp.time.monotonic", lambda: clock[0])
    here, elsewhere = RedisStamp("redis://cache"), RedisStamp("redis://cache")
    assert [here.read(), here.read(), server.asked] == [Stamps(0, 0), Stamps(0, 0), 1]
    elsewhere.bump()
    assert here.read() == Stamps(0, 0)  # for a fifth of a second
    clock[0] += POLL_SECONDS + 0.01
    assert here.read() == Stamps(1, 1)
    here.bump(frame=False)
    assert here.read() == Stamps(2, 1)  # one's own change shows at once
    server.is_up = False
    clock[0] += POLL_SECONDS + 0.01
    assert here.read() is None
    here.bump()
    assert here.read() is None
    server.is_up = True
    clock[0] += POLL_SECONDS + 0.01
    assert here.read() == Stamps(2, 1)
