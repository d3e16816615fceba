"""Where kept answers lie: in this process, bounded by bytes, the least recently used one leaves first."""

import gzip
import hashlib
import threading
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpResponse, HttpResponseNotModified

Key = tuple[Any, ...]

OVERHEAD = 2048
"""Bytes that headers, keys and objects of an entry take, roughly."""
COMPRESSED_FROM = 400
COMPRESSIBLE = ("text/", "application/json", "application/ld+json", "application/xml", "application/rss+xml",
                "application/atom+xml", "image/svg+xml")  # fmt: skip


@dataclass(slots=True)
class Entry:
    """An answer as it may be given again, under one stamp and until a moment (seconds since 1970)."""

    stamp: int
    expires: float
    etag: str
    plain: HttpResponse
    zipped: HttpResponse | None = None
    size: int = field(default=0)

    def answer(self, headers: dict[str, str]) -> HttpResponse:
        """Make a response of its own for a request with these headers (WSGI names)."""
        wanted = headers.get("HTTP_IF_NONE_MATCH")
        if wanted and _names(wanted, self.etag):
            response: HttpResponse = HttpResponseNotModified()
            for name in ("ETag", "Vary", "Cache-Control"):
                response[name] = self.plain[name]
            return response
        return _twin(self._variant(headers))

    def _variant(self, headers: dict[str, str]) -> HttpResponse:
        if self.zipped is not None and accepts_gzip(headers.get("HTTP_ACCEPT_ENCODING", "")):
            return self.zipped
        return self.plain


def _names(condition: str, etag: str) -> bool:
    return condition == etag or etag in {part.strip() for part in condition.split(",")} or condition == "*"


def _twin(kept: HttpResponse) -> HttpResponse:
    """Copy a kept response: its container is shared and never changed, its headers are its own."""
    response = HttpResponse()
    response.headers._store.update(kept.headers._store)
    response._container = kept._container  # type: ignore[attr-defined]  # Django's own
    return response


def accepts_gzip(accepted: str) -> bool:
    """Read Accept-Encoding as browsers send it; a refusal (q=0) is honoured."""
    return "gzip" in accepted and "gzip;q=0" not in accepted.replace(" ", "").replace("gzip;q=0.", "")


def make_entry(response: HttpResponse, *, stamp: int, expires: float) -> Entry:
    """Make the entry of an answer, compressed too where that saves bytes."""
    body = response.content
    # Weak: the compressed answer means the same and has other bytes.
    etag = f'W/"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    if not response.has_header("Cache-Control"):
        response["Cache-Control"] = "no-cache"  # ask again each time: a 304 is cheap, a stale page is wrong
    kept = HttpResponse(body, headers=dict(response.headers))
    kept["Content-Length"] = str(len(body))
    kept["ETag"] = etag
    kept["X-Cache"] = "hit"
    entry = Entry(stamp=stamp, expires=expires, etag=etag, plain=kept, size=len(body) + OVERHEAD)
    compressible = response.get("Content-Type", "").startswith(COMPRESSIBLE)
    if compressible and len(body) >= COMPRESSED_FROM and not response.has_header("Content-Encoding"):
        packed = gzip.compress(body, compresslevel=6, mtime=0)
        if len(packed) < len(body):
            entry.zipped = _twin(kept)
            entry.zipped.content = packed
            entry.zipped["Content-Encoding"] = "gzip"
            entry.zipped["Content-Length"] = str(len(packed))
            entry.size += len(packed)
    return entry


class Store:
    """Entries by key, never more bytes than given."""

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self.bytes = 0
        self._entries: OrderedDict[Key, Entry] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: Key, *, stamp: int, now: float) -> Entry | None:
        """Return the entry that is still right under this stamp and at this time."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        if entry.stamp != stamp or entry.expires <= now:
            self._drop(key)
            return None
        with suppress(KeyError):  # another thread may have dropped it meanwhile; it is still right
            self._entries.move_to_end(key)
        return entry

    def put(self, key: Key, entry: Entry) -> None:
        """Keep an entry, unless it alone would take an eighth of the room."""
        if entry.size * 8 > self.max_bytes:
            return
        with self._lock:
            if (old := self._entries.pop(key, None)) is not None:
                self.bytes -= old.size
            self._entries[key] = entry
            self.bytes += entry.size
            while self.bytes > self.max_bytes:
                _key, oldest = self._entries.popitem(last=False)
                self.bytes -= oldest.size

    def _drop(self, key: Key) -> None:
        with self._lock:
            if (old := self._entries.pop(key, None)) is not None:
                self.bytes -= old.size
