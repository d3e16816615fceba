"""What all parts of the stand-in for Stripe share: what it keeps, its clock, its keys and its messages."""

import json
import re
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass, field
from hashlib import sha256
from secrets import token_hex
from typing import Any
from urllib.parse import parse_qsl

API_VERSION = "2026-10-28.endive"
LONGEST_KEY = 255
Answer = tuple[int, dict[str, Any]]


class WireError(Exception):
    """What Stripe answers to a request that it does not take; `more` goes along with it."""

    def __init__(
        self,
        status: int,
        message: str,
        kind: str = "invalid_request_error",
        code: str = "",
        more: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.kind, self.code, self.more = status, kind, code, more or {}

    @property
    def answer(self) -> Answer:
        """What goes over the wire."""
        told = {"type": self.kind, "message": str(self), "code": self.code} | self.more
        return self.status, {"error": {name: words for name, words in told.items() if words}}


@dataclass
class StandIn:
    """One account. `page_url` says where one pays; `check` may refuse the parameters of a kind.

    `told` are the messages that nobody asked for: about charges, and what became of saved means. Whoever
    runs the stand-in delivers them.
    """

    kept: MutableMapping[str, dict[str, Any]]
    page_url: Callable[[str], str]
    now: Callable[[], float]
    secret_key: str
    webhook_secret: str
    check: Callable[[str, dict[str, Any]], None] = lambda kind, parameters: None
    told: list[dict[str, Any]] = field(default_factory=list)
    is_hasty: bool = False
    """Whether the bank settles debits at once; else somebody plays the bank."""

    def once(self, key: str, request: str, act: Callable[[], dict[str, Any]]) -> Answer:
        """Act, and give the same answer again to the same key; a key for another request is refused.

        A refused card is an outcome too and told again; what was wrong with a request is not kept.
        """
        if not key:
            return 200, act()
        if len(key) > LONGEST_KEY:
            raise WireError(400, f"Idempotency keys have at most {LONGEST_KEY} characters")
        name = kept_as(key)
        if known := self.kept.get(name):
            if known["request"] != request:
                words = f"Keys for idempotent requests need the parameters they were first used with: '{key}'"
                raise WireError(400, words, "idempotency_error")
            return known["status"], known["answer"]
        try:
            status, answer = 200, act()
        except WireError as error:
            status, answer = error.answer
            if status != 402:
                raise
        self.kept[name] = {"request": request, "status": status, "answer": answer}
        return status, answer

    def event(self, kind: str, thing: dict[str, Any]) -> dict[str, Any]:
        """Make a message about a thing as it is now."""
        return {
            "id": f"evt_{token_hex(12)}",
            "object": "event",
            "api_version": API_VERSION,
            "created": int(self.now()),
            "data": {"object": json.loads(json.dumps(public(thing)))},
            "livemode": False,
            "pending_webhooks": 1,
            "request": {"id": None, "idempotency_key": None},
            "type": kind,
        }

    def tell(self, kind: str, thing: dict[str, Any]) -> dict[str, Any]:
        """Put a message with those to deliver, and return it."""
        event = self.event(kind, thing)
        self.told.append(event)
        return event

    def known(self, name: str, kind: str) -> dict[str, Any]:
        """Return a thing by its name. Raises WireError for one that is not there."""
        if name not in self.kept:
            raise WireError(404, f"No such {kind}: '{name}'", code="resource_missing")
        return self.kept[name]


def kept_as(key: str) -> str:
    """Return under which name the answer to an idempotency key is kept."""
    return f"key_{sha256(key.encode()).hexdigest()}"


def public(thing: dict[str, Any]) -> dict[str, Any]:
    """Leave out what only the stand-in itself knows of a thing."""
    return {name: value for name, value in thing.items() if not name.startswith("_")}


def listed(path: str, things: list[dict[str, Any]], parameters: dict[str, Any]) -> dict[str, Any]:
    """Answer with a list, the newest first."""
    limit = int(parameters.get("limit", 10))
    if not 1 <= limit <= 100:
        raise WireError(400, "Invalid integer: limit must be 1 to 100", more={"param": "limit"})
    found = [public(thing) for thing in reversed(things)]
    return {"object": "list", "url": path, "has_more": len(found) > limit, "data": found[:limit]}


def expanded(
    thing: dict[str, Any], parameters: dict[str, Any], parts: dict[str, dict[str, Any] | None]
) -> dict[str, Any]:
    """Put those of the parts that are asked for in the place of their numbers."""
    whole = public(thing)
    for name in parameters.get("expand", []):
        if name not in parts:
            raise WireError(400, f"This property cannot be expanded ({name}).", more={"param": "expand"})
        whole[name] = parts[name]
    return whole


def parse_form(body: bytes) -> dict[str, Any]:
    """Read Stripe's nested form: line_items[0][price_data][currency]=eur."""
    tree: dict[str, Any] = {}
    for name, value in parse_qsl(body.decode(errors="replace"), keep_blank_values=True):
        *steps, last = re.findall(r"[^\[\]]+", name)
        branch = tree
        for step in steps:
            branch = branch.setdefault(step, {})
            if not isinstance(branch, dict):
                raise WireError(400, f"Invalid parameter: {name}", more={"param": name})
        branch[last] = value
    return {name: _with_lists(value) for name, value in tree.items()}


def _with_lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {name: _with_lists(part) for name, part in value.items()}
    return list(inner.values()) if inner and all(name.isdigit() for name in inner) else inner
