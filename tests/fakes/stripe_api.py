"""Stripe on the loopback: the demo's stand-in behind HTTP, stricter by the SDK's own typed parameters."""

import json
import types
import typing
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from time import time
from typing import Any

import typing_extensions
from stripe import RequestOptions
from stripe.params import (
    CustomerCreateParams,
    CustomerUpdateParams,
    PaymentIntentCreateParams,
    RefundCreateParams,
)
from stripe.params.checkout import SessionCreateParams

from demo.stand_in.stripe_account import StripeStandIn, WireError

KEY, SECRET = "sk_test_suite", "whsec_suite"
# Names in the SDK's annotations that it imports for type checkers only.
UNRESOLVED = {"StripeContext": str, "Mapping": Mapping}


TYPES: dict[str, Any] = {
    "session": SessionCreateParams,
    "refund": RefundCreateParams,
    "new customer": CustomerCreateParams,
    "customer": CustomerUpdateParams,
    "charge": PaymentIntentCreateParams,
}


def check_parameters(kind: str, parameters: dict[str, Any]) -> None:
    """Refuse what the SDK's types do not know: names, missing names, kinds, and values outside an enum."""
    for name in parameters:
        if name in RequestOptions.__annotations__:
            raise WireError(400, f"Received unknown parameter: {name}")
    check(parameters, TYPES[kind], "")


def check(value: Any, hint: Any, path: str) -> None:
    """Hold one value of the wire, where all leaves are strings, against its type."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing_extensions.NotRequired, typing_extensions.Required):
        check(value, arguments[0], path)
    elif typing_extensions.is_typeddict(hint):
        _check_dict(value, hint, path)
    elif origin is typing.Literal:
        _require(value in map(str, arguments), path, f"must be one of {arguments}")
    elif origin in (typing.Union, types.UnionType):
        # Enums are open ("Literal[...] | str"): a value outside the literals is still a mistake of ours.
        enums = [argument for argument in arguments if typing.get_origin(argument) is typing.Literal]
        others = [argument for argument in arguments if argument not in enums and argument is not str]
        _check_any(value, enums + others if enums else list(arguments), path)
    elif origin is list:
        _require(isinstance(value, list), path, "must be a list")
        for number, item in enumerate(value):
            check(item, arguments[0], f"{path}[{number}]")
    elif origin is dict:
        _require(isinstance(value, dict), path, "must be a mapping")
        for name, item in value.items():
            check(item, arguments[1], f"{path}[{name}]")
    else:
        _check_leaf(value, hint, path)


def _check_dict(value: Any, hint: Any, path: str) -> None:
    _require(isinstance(value, dict), path, "must be a mapping")
    hints = typing_extensions.get_type_hints(hint, localns=UNRESOLVED, include_extras=True)
    for name in set(value) - set(hints):
        _require(False, f"{path}[{name}]", "is an unknown parameter")
    for name in hint.__required_keys__ - set(value):
        _require(False, f"{path}[{name}]", "is missing")
    for name, item in value.items():
        check(item, hints[name], f"{path}[{name}]")


def _check_any(value: Any, hints: list[Any], path: str) -> None:
    errors = []
    for hint in hints:
        try:
            return check(value, hint, path)
        except WireError as error:
            errors.append(str(error))
    raise WireError(400, "; ".join(errors))


def _check_leaf(value: Any, hint: Any, path: str) -> None:
    _require(hint in (str, int, bool, float), path, "must be of another kind")
    _require(isinstance(value, str), path, "must be a single value")
    if hint is int:
        _require(value.lstrip("-").isdigit(), path, "must be an integer")
    elif hint is bool:
        _require(value in ("true", "false"), path, "must be true or false")


def _require(condition: bool, path: str, message: str) -> None:
    if not condition:
        raise WireError(400, f"{path} {message}")


class _Handler(BaseHTTPRequestHandler):
    server: "StripeServer"

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def log_message(self, *args: Any) -> None:
        """Keep the test's output quiet."""

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.requests.append((self.command, self.path, headers, body))
        if self.server.failure:
            status, answer = self.server.failure, {"error": {"type": "api_error", "message": "busy"}}
        else:
            with self.server.one_by_one:
                status, answer = self.server.account.handle(
                    method=self.command, path=self.path, headers=headers, body=body
                )
        text = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


class StripeServer(ThreadingHTTPServer):
    """A Stripe on the loopback. `failure` makes it answer every call with a status."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []
        self.failure = 0
        self.one_by_one = Lock()  # Stripe too answers two requests with one key after one another
        self.account = StripeStandIn(
            kept={},
            page_url=lambda session_id: f"{self.url}/pay/{session_id}",
            now=time,
            secret_key=KEY,
            webhook_secret=SECRET,
            check=check_parameters,
        )

    @property
    def url(self) -> str:
        """The API base to give to the gateway."""
        return f"http://127.0.0.1:{self.server_address[1]}"


@contextmanager
def stripe_server() -> Iterator[StripeServer]:
    """Run the stand-in for the time of a test."""
    server = StripeServer()
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
