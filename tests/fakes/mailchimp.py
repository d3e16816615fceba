"""Stand-ins for Mailchimp: one of the gateway's signatures, one that speaks its wire format."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

from tests.fakes.loopback import running


@dataclass
class FakeAudience:
    """The gateway's signatures, kept in a dictionary of addresses and states."""

    members: dict[str, str] = field(default_factory=dict)

    def upsert_subscriber(self, *, email: str, language: str) -> None:
        """Add a subscriber; who left stays away."""
        self.members.setdefault(email, f"subscribed {language}")

    def unsubscribe(self, *, email: str) -> None:
        """Unsubscribe who is there."""
        if email in self.members:
            self.members[email] = "unsubscribed"


class _Handler(BaseHTTPRequestHandler):
    """`/3.0/lists/{id}/members/{hash}` of the Marketing API: PUT and PATCH, problem documents, Basic auth."""

    server: "MailchimpServer"
    fields: ClassVar[set[str]] = {"email_address", "status_if_new", "status", "language", "merge_fields"}

    def do_PUT(self) -> None:
        self._change(is_upsert=True)

    def do_PATCH(self) -> None:
        self._change(is_upsert=False)

    def log_message(self, *args: Any) -> None:
        """Keep the test's output quiet."""

    def _change(self, *, is_upsert: bool) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append((self.command, self.path, body))
        if self.server.failure:
            status, text = self.server.failure
            return self._answer(status, text)
        match = re.fullmatch(r"/3\.0/lists/(\w+)/members/([0-9a-f]{32})", self.path)
        if not match or not self.headers.get("Authorization", "").startswith("Basic "):
            return self._problem(404, "Resource Not Found")
        if unknown := set(body) - self.fields:
            return self._problem(400, f"Unknown fields: {unknown}")
        member = self.server.members.get(match[2])
        if member is None and not is_upsert:
            return self._problem(404, "Resource Not Found")
        if member is None:
            member = {"email_address": body["email_address"], "status": body["status_if_new"]}
        member |= {name: body[name] for name in ("status", "language") if name in body}
        self.server.members[match[2]] = member
        return self._answer(200, json.dumps({"id": match[2], **member}))

    def _problem(self, status: int, title: str) -> None:
        self._answer(status, json.dumps({"status": status, "title": title, "detail": title}))

    def _answer(self, status: int, text: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())


class MailchimpServer(ThreadingHTTPServer):
    """A Mailchimp on the loopback. `failure` makes it answer every call with a status and a text."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.members: dict[str, dict[str, str]] = {}
        self.requests: list[tuple[str, str, dict[str, Any]]] = []
        self.failure: tuple[int, str] | None = None

    @property
    def url(self) -> str:
        """The API base to give to the gateway."""
        return f"http://127.0.0.1:{self.server_address[1]}"


@contextmanager
def mailchimp_server() -> Iterator[MailchimpServer]:
    """Run the stand-in for the time of a test."""
    with running(MailchimpServer()) as server:
        yield server
