"""What all parts of the stand-in for Stripe share: what it keeps, its clock, and its messages."""

import json
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Any

API_VERSION = "2026-10-28.endive"


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


def public(thing: dict[str, Any]) -> dict[str, Any]:
    """Leave out what only the stand-in itself knows of a thing."""
    return {name: value for name, value in thing.items() if not name.startswith("_")}
