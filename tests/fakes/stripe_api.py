"""Stripe on the loopback: the demo's stand-in behind HTTP, stricter by the SDK's own typed parameters.

A test runs it as a thread (`stripe_server`). It is a process of its own too, with a page to pay on, that
tells the platform what happens by signed messages: `python -m tests.fakes.stripe_api --webhook-url
http://localhost:8000/webhooks/stripe/` prints with which settings to run the platform.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from secrets import token_hex
from threading import Lock, Thread, Timer
from time import sleep, time
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qsl
from urllib.request import ProxyHandler, Request, build_opener

from demo.stand_in.stripe_account import StripeStandIn, WireError
from tests.fakes import stripe_page
from tests.fakes.loopback import running
from tests.fakes.stripe_types import check_parameters

__all__ = ["KEY", "SECRET", "StripeServer", "check_parameters", "stripe_process", "stripe_server"]

KEY, SECRET = "sk_test_suite", "whsec_suite"
FORM = "application/x-www-form-urlencoded"
SECONDS_TO_HEAR = 10
"""For the platform to answer a message before the browser is sent back to it, as Stripe waits."""
SECONDS_BEFORE_AGAIN = (0.5, 1, 2, 4, 8)
"""Between two tries to tell what the platform did not take."""


class _Handler(BaseHTTPRequestHandler):
    server: "StripeServer"

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def log_message(self, *args: Any) -> None:
        """Keep the output quiet."""

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            if self.path.startswith("/pay/"):
                self._show_page(body)
            else:
                self._answer_api(body)
        except ConnectionError:
            pass  # who asked did not wait

    def _answer_api(self, body: bytes) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.requests.append((self.command, self.path, headers, body))
        if self.server.failure:
            status, answer = self.server.failure, {"error": {"type": "api_error", "message": "busy"}}
        elif body and headers.get("content-type") != FORM:
            message = f"Invalid content type: it must be {FORM}"
            status, answer = 400, {"error": {"type": "invalid_request_error", "message": message}}
        else:
            with self.server.one_by_one:
                status, answer = self.server.account.handle(
                    method=self.command, path=self.path, headers=headers, body=body
                )
        self._send(status, "application/json", json.dumps(answer))
        self.server.tell_told()

    def _show_page(self, body: bytes) -> None:
        account, message = self.server.account, ""
        try:
            session = account.session(self.path.removeprefix("/pay/"))
        except WireError as error:
            self._send(404, "text/plain", str(error))
            return
        if self.command == "POST":
            with self.server.one_by_one:
                outcome = stripe_page.act(account, session, dict(parse_qsl(body.decode())))
            self.server.tell(outcome.events, seconds=SECONDS_TO_HEAR)
            if outcome.waits_for_bank:
                self.server.settle_later(session, bank_pays=outcome.bank_pays)
            if outcome.goes_to:
                self.send_response(303)
                self.send_header("Location", outcome.goes_to)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            message = outcome.message
        self._send(200, "text/html; charset=utf-8", stripe_page.show(session, message))
        self.server.tell_told()

    def _send(self, status: int, kind: str, text: str) -> None:
        sent = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(sent)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("Request-Id", f"req_{token_hex(7)}")
        self.end_headers()
        self.wfile.write(sent)


class StripeServer(ThreadingHTTPServer):
    """A Stripe on the loopback. `failure` makes it answer every call with a status.

    With a `webhook_url` it tells what happens itself; else the test does.
    """

    request_queue_size = 50
    daemon_threads = True

    def __init__(
        self, port: int = 0, *, key: str = KEY, secret: str = SECRET, webhook_url: str = "", bank: float = 0
    ) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []
        self.failure = 0
        self.webhook_url = webhook_url
        self.bank = bank  # seconds until it pays a debit
        self.one_by_one = Lock()  # Stripe too answers two requests with one key after one another
        self.account = StripeStandIn(
            kept={},
            page_url=lambda session_id: f"{self.url}/pay/{session_id}",
            now=time,
            secret_key=key,
            webhook_secret=secret,
            check=check_parameters,
        )

    @property
    def url(self) -> str:
        """The API base to give to the gateway."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def tell_told(self) -> None:
        """Tell what the account has to tell that nobody asked for."""
        if self.webhook_url:
            with self.one_by_one:
                told, self.account.told = self.account.told, []
            self.tell(told)

    def tell(self, events: list[dict[str, Any]], *, seconds: float = 0) -> None:
        """Post signed messages, all at once; wait so long for the answers, and repeat what was not taken."""
        if self.webhook_url:
            couriers = [Thread(target=self._post, args=[event], daemon=True) for event in events]
            for courier in couriers:
                courier.start()
            for courier in couriers:
                courier.join(seconds)

    def settle_later(self, session: dict[str, Any], *, bank_pays: bool) -> None:
        """Let the bank decide about a debit, after a while."""

        def settle() -> None:
            with self.one_by_one:
                events = stripe_page.settle(self.account, session, bank_pays=bank_pays)
            self.tell(events)

        timer = Timer(self.bank, settle)
        timer.daemon = True
        timer.start()

    def _post(self, event: dict[str, Any]) -> None:
        opener = build_opener(ProxyHandler({}))
        for pause in (*SECONDS_BEFORE_AGAIN, 0):
            body, signature = self.account.sign(event)
            headers = {"Content-Type": "application/json; charset=utf-8", "Stripe-Signature": signature}
            try:
                with opener.open(Request(self.webhook_url, body, headers), timeout=20) as answer:
                    status = str(answer.status)
            except HTTPError as error:
                status = str(error.code)
            except OSError as error:
                status = str(error)
            say(f"{event['id']} {event['type']}: {status}")
            if status == "200":
                return
            sleep(pause)


@contextmanager
def stripe_server() -> Iterator[StripeServer]:
    """Run the stand-in for the time of a test."""
    with running(StripeServer()) as server:
        yield server


@contextmanager
def stripe_process(webhook_url: str) -> Iterator[dict[str, str]]:
    """Run the stand-in as a process of its own; yields the settings with which the platform speaks to it."""
    command = [sys.executable, "-m", "tests.fakes.stripe_api", "--webhook-url", webhook_url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            printed = [process.stdout.readline().strip().partition("=") for _line in range(3)]
            Thread(target=process.stdout.read, daemon=True).start()  # what it prints must go somewhere
            yield {name: value for name, _sign, value in printed}
        finally:
            process.terminate()


def say(line: str) -> None:
    """Tell whoever runs the process."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    """Run until somebody stops it."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--port", type=int, default=0, help="a free one unless given")
    arguments.add_argument("--webhook-url", default="", help="where the platform takes messages")
    arguments.add_argument("--key", default=KEY)
    arguments.add_argument("--secret", default=SECRET)
    arguments.add_argument("--bank", type=float, default=1, help="seconds until the bank pays a debit")
    options = arguments.parse_args()
    server = StripeServer(
        options.port,
        key=options.key,
        secret=options.secret,
        webhook_url=options.webhook_url,
        bank=options.bank,
    )
    settings = {"STRIPE_API_BASE": server.url, "STRIPE_SECRET_KEY": options.key}
    settings["STRIPE_WEBHOOK_SECRET"] = options.secret
    for name, value in settings.items():
        say(f"{name}={value}")
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()


if __name__ == "__main__":
    main()
