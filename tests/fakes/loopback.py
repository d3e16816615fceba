"""A JSON API on the loopback: what the stand-ins of outside services share."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import BaseServer
from threading import Thread
from typing import Any, TypeVar

Answer = tuple[int, Any]


class JsonServer(ThreadingHTTPServer):
    """Keeps what was asked. `failure` (status and text) and `delay` (seconds) spoil every answer."""

    request_queue_size = 50  # many workers at once must not be turned away

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.requests: list[tuple[str, str, dict[str, str], Any]] = []
        self.failure: tuple[int, str] | None = None
        self.delay = 0.0

    @property
    def address(self) -> str:
        """Where it listens, without a path."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_call(self, method: str, path: str, headers: dict[str, str], body: Any) -> Answer:
        """Answer one request: its status, and what is sent as JSON; None for nothing."""
        raise NotImplementedError


class _Handler(BaseHTTPRequestHandler):
    server: JsonServer

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def do_DELETE(self) -> None:
        self._answer()

    def log_message(self, *args: Any) -> None:
        """Keep the test's output quiet."""

    def _answer(self) -> None:
        sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = json.loads(sent) if sent else None
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.requests.append((self.command, self.path, headers, body))
        time.sleep(self.server.delay)
        if self.server.failure:
            status, text = self.server.failure
        else:
            status, answer = self.server.handle_call(self.command, self.path, headers, body)
            text = "" if answer is None else json.dumps(answer)
        try:
            self.send_response(status)
            if status in (301, 302):
                self.send_header("Location", "http://127.0.0.1:9/")
            self.send_header("Content-Type", "application/json")
            if status != 204:
                self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())
        except ConnectionError:
            pass  # who asked did not wait


ServerT = TypeVar("ServerT", bound=BaseServer)
SECONDS_TO_STOP = 0.01
"""The standard half second would be waited for after each test."""


@contextmanager
def running(server: ServerT) -> Iterator[ServerT]:
    """Run a server in a thread for the time of a test."""
    Thread(target=server.serve_forever, kwargs={"poll_interval": SECONDS_TO_STOP}, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
