"""The measuring client against a server of a few lines, and what the report calls a broken promise."""

from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.fakes.loopback import running
from tools.bench.__main__ import broken_by_page, too_many_queries
from tools.bench.client import Client, Measure, Request, UnexpectedAnswer, percentile


class Answering(BaseHTTPRequestHandler):
    """Tells usage, and answers forms with what they held."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = b'{"cpu": 1.5, "memory": 2048}' if self.path == "/bench/usage/" else b"page"
        self._answer(200, self.headers.get("X-Forwarded-For", "").encode() or body)

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
    with running(ThreadingHTTPServer(("127.0.0.1", 0), Answering)) as server:
        client = Client(server.server_port)
        yield client
        client.close()


def test_the_client_counts_and_times_what_it_sends(client: Client) -> None:
    measure = client.measure([Request("/")] * 10)
    assert (measure.queries, measure.bytes, measure.is_kept, measure.cpu) == (7, 4, True, 0)
    assert 0 < measure.p50 <= measure.p99
    assert client.sent == 12
    assert client.usage() == (1.5, 2048)
    assert client.ask(Request("/", form=b"a=1"), status=302).body == b"a=1"


def test_a_visitor_may_have_an_address_and_an_idle_connection_is_opened_anew(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client.ask(Request("/", ip="10.1.0.7")).body == b"10.1.0.7"
    first = client.connections[0].socket
    client.ask(Request("/"))
    assert client.connections[0].socket is first
    monkeypatch.setattr("tools.bench.client.LONGEST_IDLE", -1.0)
    assert client.ask(Request("/")).body == b"page"
    assert client.connections[0].socket is not first


def test_another_status_than_expected_stops_the_measuring(client: Client) -> None:
    with pytest.raises(UnexpectedAnswer, match="answers 200, not 302"):
        client.measure([Request("/")] * 10, status=302)


def test_a_percentile_is_one_of_the_numbers() -> None:
    assert percentile([1.0], 99) == 1.0
    assert percentile([float(number) for number in range(1, 101)], 50) == 50
    assert percentile([float(number) for number in range(1, 101)], 99) == 99


PLAIN = Measure(rate=1000, p50=1, p99=2, cpu=0.5, bytes=6, queries=0, is_kept=False)


def measure(**figures: Any) -> Measure:
    """A page that costs just as much as is promised, but for what is said."""
    return replace(PLAIN, **{"rate": 50, "cpu": 20, "queries": 10, **figures})


def broken(name: str, *, kept: Measure, made: Measure) -> list[str]:
    return list(broken_by_page(name, kept=kept, made=made, plain=PLAIN))


def test_a_page_made_anew_may_cost_forty_plain_views_and_the_queries_promised() -> None:
    kept = measure(rate=800, is_kept=True)
    assert broken("home", kept=kept, made=measure()) == []
    assert broken("home", kept=kept, made=measure(cpu=20.5, queries=11)) == [
        "home: 41 times the plain view's CPU, at most 40 promised",
        "home: 11 queries, at most 10 promised",
    ]


def test_a_page_from_the_cache_comes_nearly_as_fast_as_the_plain_view() -> None:
    assert broken("event", kept=measure(rate=800, is_kept=True), made=measure()) == []
    assert broken("event", kept=measure(rate=790, is_kept=True), made=measure()) == [
        "event: 0.79 of the plain view from the cache, at least 0.8 promised"
    ]


def test_a_page_that_the_cache_does_not_keep_breaks_a_promise_unless_it_never_is() -> None:
    assert broken("event", kept=measure(rate=2000), made=measure()) == ["event: not kept by the page cache"]
    assert broken("search", kept=measure(), made=measure(queries=8)) == []


def test_each_step_of_a_sign_up_has_its_own_number_of_queries() -> None:
    assert list(too_many_queries("sign-up: confirmation", measure(queries=4))) == []
    assert list(too_many_queries("sign-up: confirmation", measure(queries=5))) == [
        "sign-up: confirmation: 5 queries, at most 4 promised"
    ]
