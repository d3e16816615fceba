"""The generation stamp: a number that every committed change of shown data raises, in every process.

What was made under one stamp is right for as long as the stamp stays the same. Beside it stands the stamp of
the frame, which changes of lively tables (cms.registries.Lively) leave alone: what frames all pages need not
be asked again because somebody signed up. Both live in a file of sixteen bytes that the processes of a
machine share, or in Redis when several machines serve.
"""

import fcntl
import logging
import mmap
import os
import struct
import threading
import time
from collections.abc import Callable
from functools import lru_cache, wraps
from pathlib import Path
from typing import NamedTuple, ParamSpec, Protocol, TypeVar

from django.conf import settings
from django.db import connection

P = ParamSpec("P")
T = TypeVar("T")

logger = logging.getLogger(__name__)

NUMBERS = struct.Struct("<QQ")
POLL_SECONDS = 0.2
"""How long a process may believe its last look at Redis: the price of not asking at each request."""


class Stamps(NamedTuple):
    """Two numbers that only grow: of all that is shown, and of what frames the pages."""

    shown: int
    frame: int


class Stamp(Protocol):
    """Where the numbers live."""

    def read(self) -> Stamps | None:
        """Return the stamps, or None when they can't be known and nothing may be reused."""

    def bump(self, *, frame: bool = True) -> None:
        """Raise the stamp by one, and the frame's unless told otherwise."""


class FileStamp:
    """The stamps in a memory-mapped file. Reading costs no system call."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if os.fstat(descriptor).st_size < NUMBERS.size:
                os.pwrite(descriptor, NUMBERS.pack(0, 0), 0)
            self._map = mmap.mmap(descriptor, NUMBERS.size)
        finally:
            fcntl.flock(descriptor, fcntl.LOCK_UN)  # the map holds a copy of the descriptor open
            os.close(descriptor)

    def read(self) -> Stamps | None:
        """Return the numbers that all processes see."""
        return Stamps._make(NUMBERS.unpack_from(self._map))

    def bump(self, *, frame: bool = True) -> None:
        """Add one under a lock on the file.

        The file is opened anew: a descriptor that forked processes inherit would share one lock.
        """
        descriptor = os.open(self.path, os.O_RDWR)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            shown, framed = NUMBERS.unpack_from(self._map)
            NUMBERS.pack_into(self._map, 0, shown + 1, framed + frame)
        finally:
            os.close(descriptor)


class RedisStamp:
    """The stamps in Redis, looked at every 200 ms.

    Another machine's change shows that much later here; one's own shows at once. While Redis is out of
    reach nothing is reused, and a change that could not be told is healed by the maximum age of an entry.
    """

    KEYS = ("cms:stamp", "cms:stamp:frame")

    def __init__(self, url: str) -> None:
        import redis

        self._redis = redis.Redis.from_url(url, socket_timeout=0.5, socket_connect_timeout=0.5)
        self._errors = redis.RedisError
        self._lock = threading.Lock()
        self._seen: Stamps | None = None
        self._seen_at = float("-inf")

    def read(self) -> Stamps | None:
        """Return the numbers as last seen, or None while Redis does not answer."""
        if time.monotonic() - self._seen_at > POLL_SECONDS and self._lock.acquire(blocking=False):
            try:
                self._seen = Stamps._make(int(number or 0) for number in self._redis.mget(self.KEYS))
            except self._errors:
                logger.warning("The stamp in Redis can't be read; pages are made anew.", exc_info=True)
                self._seen = None
            finally:
                self._seen_at = time.monotonic()
                self._lock.release()
        return self._seen

    def bump(self, *, frame: bool = True) -> None:
        """Add one."""
        try:
            raising = self._redis.pipeline()
            for key, by in zip(self.KEYS, (1, int(frame)), strict=True):
                raising.incrby(key, by)
            self._seen = Stamps._make(raising.execute())
            self._seen_at = time.monotonic()
        except self._errors:
            self._seen = None
            logger.exception("The stamp in Redis can't be raised; shown pages may be a minute old.")


@lru_cache(maxsize=1)
def get_stamp() -> Stamp:
    """Return this process's view of the stamp: Redis with REDIS_URL, else a file in DATA_DIR."""
    if settings.REDIS_URL:
        return RedisStamp(settings.REDIS_URL)
    return FileStamp(Path(settings.DATA_DIR) / "stamp")


MAX_AGE = 60
"""Seconds. A process killed between its commit and the raising of the stamp misleads at most this long."""
MAX_KEPT = 100
"""Answers that one decorated function keeps, for as many different arguments."""


def per_stamp(make: Callable[P, T]) -> Callable[P, T]:
    """Decorate a function to answer from this process's memory until the frame's stamp is raised.

    For small answers that nearly every page needs, with hashable arguments, and that ask no lively table.
    Callers share the answer and must not change it. Inside a transaction nothing is kept: it may see what
    nobody else will; nor without the page cache, because then nobody raises the stamp.
    """
    kept: dict[object, tuple[int, float, T]] = {}

    @wraps(make)
    def answer(*args: P.args, **kwargs: P.kwargs) -> T:
        is_kept = settings.PAGE_CACHE_BYTES and not connection.in_atomic_block
        stamps = get_stamp().read() if is_kept else None
        if stamps is None:
            return make(*args, **kwargs)
        stamp = stamps.frame
        key = (args, tuple(kwargs.items()))
        known = kept.get(key)
        if known is not None and known[0] == stamp and time.monotonic() - known[1] < MAX_AGE:
            return known[2]
        if len(kept) >= MAX_KEPT:
            kept.clear()
        begun = time.monotonic()
        made = make(*args, **kwargs)
        kept[key] = (stamp, begun, made)
        return made

    return answer
