"""The measuring client against a server of a few lines, and what the report calls a broken promise."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from tools.bench.__main__ import too_much
from tools.bench.client import Client, Measure, Request, UnexpectedAnswer, percentile


class Answering(BaseHTTPRequestHandler):
    """Tells usage, and answers forms with what they held."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = b'{"cpu": 1.5, "memory": 2048}' if self.path == "/bench/usage/" else b"page"
        self._answer(200, body)

    def do_POST(self) -> None:
        self._answer(302, self.rfile.read(int(self.headers["Content-Length"])))

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Cache", "hit")
        if "X-Count-Queries" in self.headers:
            self.send_header("X-Queries", "7")
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def client() -> Iterator[Client]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        client = Client(server.server_port)
        yield client
        client.close()
        server.shutdown()


def test_the_client_counts_and_times_what_it_sends(client: Client) -> None:
    measure = client.measure([Request("/")] * 10)
    assert (measure.queries, measure.bytes, measure.is_kept, measure.cpu) == (7, 4, True, 0)
    assert 0 < measure.p50 <= measure.p99
    assert client.sent == 12
    assert client.usage() == (1.5, 2048)
    assert client.ask(Request("/", form=b"a=1"), status=302).body == b"a=1"


def test_another_status_than_expected_stops_the_measuring(client: Client) -> None:
    with pytest.raises(UnexpectedAnswer, match="answers 200, not 302"):
        client.measure([Request("/")] * 10, status=302)


def test_a_percentile_is_one_of_the_numbers() -> None:
    assert percentile([1.0], 99) == 1.0
    assert percentile([float(number) for number in range(1, 101)], 50) == 50
    assert percentile([float(number) for number in range(1, 101)], 99) == 99


def test_too_much_is_more_than_forty_plain_views_or_the_queries_promised() -> None:
    plain = Measure(rate=1000, p50=1, p99=2, cpu=0.5, bytes=6, queries=0, is_kept=False)

    def page(cpu: float, queries: int) -> Measure:
        return Measure(rate=50, p50=20, p99=40, cpu=cpu, bytes=9000, queries=queries, is_kept=False)

    assert list(too_much("home", page(20, 10), plain, 10)) == []
    assert list(too_much("home", page(20.5, 11), plain, 10)) == [
        "home: 41 times the plain view's CPU, at most 40 promised",
        "home: 11 queries, at most 10 promised",
    ]
