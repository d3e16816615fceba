"""A client that costs little itself: raw sockets kept alive, a few at a time, each answer timed."""

import json
import math
import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

CLIENTS = 4
LONGEST_IDLE = 1.0
"""Seconds; the server closes what is idle for two."""


@dataclass(frozen=True)
class Request:
    """What is sent: `path` may be an absolute address of this site; `form` makes it a POST.

    `ip` is the visitor's address, as a proxy tells it.
    """

    path: str
    cookie: str = ""
    form: bytes | None = None
    ip: str = ""

    def wire(self, host: str, *, count: bool = False) -> bytes:
        """Return the bytes of the request."""
        lines = [f"{'GET' if self.form is None else 'POST'} {self.path} HTTP/1.1", f"Host: {host}"]
        lines += ["Accept-Encoding: gzip", "Accept-Language: nl"]
        if self.cookie:
            lines.append(f"Cookie: {self.cookie}")
        if self.ip:
            lines.append(f"X-Forwarded-For: {self.ip}")
        if count:
            lines.append("X-Count-Queries: 1")
        if self.form is not None:
            lines.append(f"Origin: http://{host}")
            lines.append("Content-Type: application/x-www-form-urlencoded")
            lines.append(f"Content-Length: {len(self.form)}")
        return "\r\n".join([*lines, "", ""]).encode() + (self.form or b"")


@dataclass(frozen=True)
class Answer:
    """What came back: status, headers in lower case, bytes of the body as sent, seconds it took."""

    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float


@dataclass(frozen=True)
class Measure:
    """Requests of one kind: requests per second, milliseconds, bytes, whether the page cache gave them."""

    rate: float
    p50: float
    p99: float
    cpu: float
    bytes: int
    queries: int
    is_kept: bool


class UnexpectedAnswer(Exception):
    """The server answered another status than was asked for."""


class Connection:
    """One connection that is kept open."""

    def __init__(self, port: int) -> None:
        self.host, self.port = f"127.0.0.1:{port}", port
        self.open()

    def open(self) -> None:
        """Connect."""
        self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.used_at = time.monotonic()

    def ask(self, request: Request, *, count: bool = False) -> Answer:
        """Send a request and read the whole answer, over a new connection where this one was idle."""
        if time.monotonic() - self.used_at > LONGEST_IDLE:
            self.socket.close()
            self.open()
        started = time.perf_counter()
        self.socket.sendall(request.wire(self.host, count=count))
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._more()
        head, _, body = received.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        length = int(headers["content-length"])
        while len(body) < length:
            body += self._more()
        self.used_at = time.monotonic()
        return Answer(int(first.split()[1]), headers, body, time.perf_counter() - started)

    def _more(self) -> bytes:
        received = self.socket.recv(262_144)
        if not received:
            raise ConnectionError("the server closed the connection")
        return received


@dataclass
class Client:
    """A handful of connections to one server of one process."""

    port: int
    connections: list[Connection] = field(init=False)
    sent: int = 0

    def __post_init__(self) -> None:
        self.connections = [Connection(self.port) for _number in range(CLIENTS)]

    def ask(self, request: Request, *, status: int = 200, count: bool = False) -> Answer:
        """Ask once. Raises UnexpectedAnswer."""
        self.sent += 1
        return expect(self.connections[0].ask(request, count=count), status, request)

    def close(self) -> None:
        """Close every connection."""
        for connection in self.connections:
            connection.socket.close()

    def usage(self) -> tuple[float, int]:
        """CPU seconds that the process has used so far, and the most bytes of memory it ever held."""
        told = json.loads(self.ask(Request("/bench/usage/")).body)
        return told["cpu"], told["memory"]

    def measure(self, requests: Sequence[Request], *, status: int = 200) -> Measure:
        """Send all, spread over the connections.

        The first tells how many queries it takes, the last whether the page cache answered it.
        """
        counted = self.ask(requests[0], status=status, count=True)
        seconds: list[float] = []
        failures: list[Exception] = []

        def send(connection: Connection, share: Sequence[Request]) -> None:
            try:
                seconds.extend(expect(connection.ask(one), status, one).seconds for one in share)
            except Exception as failure:  # told by the main thread
                failures.append(failure)

        cached = self.ask(requests[-1], status=status).headers.get("x-cache") == "hit"
        rest = requests[1:-1]
        self.sent += len(rest)
        threads = [
            threading.Thread(target=send, args=(connection, rest[number::CLIENTS]))
            for number, connection in enumerate(self.connections)
        ]
        cpu_before, _memory = self.usage()
        started = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        elapsed = time.perf_counter() - started
        if failures:
            raise failures[0]
        cpu_after, _memory = self.usage()
        seconds.sort()
        return Measure(
            rate=len(rest) / elapsed,
            p50=percentile(seconds, 50) * 1000,
            p99=percentile(seconds, 99) * 1000,
            cpu=(cpu_after - cpu_before) / len(rest) * 1000,
            bytes=len(counted.body),
            is_kept=cached,
            queries=int(counted.headers.get("x-queries", 0)),
        )


def expect(answer: Answer, status: int, request: Request) -> Answer:
    if answer.status != status:
        raise UnexpectedAnswer(f"{request.path} answers {answer.status}, not {status}")
    return answer


def percentile(ordered: Sequence[float], percent: float) -> float:
    """Return the nearest-rank percentile of a sorted, non-empty sequence."""
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]
