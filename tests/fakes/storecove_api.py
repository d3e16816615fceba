"""Storecove on the loopback: its API v2 over HTTP, as strict about names as its OpenAPI document."""

import json
import re
from base64 import b64decode
from collections import deque
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any
from uuid import uuid4
from xml.etree import ElementTree

from tests.fakes.loopback import Answer, JsonServer, running

KEY, LEGAL_ENTITY = "storecove-suite-key", 4711
GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
EVIDENCE = re.compile(r"/api/v2/document_submissions/([\w-]+)/evidence/(sending|clearing)")
WEBHOOK = re.compile(r"/api/v2/webhook_instances/([\w-]*)")
PARTICIPANT = {"documentTypes": list, "network": str, "metaScheme": str, "scheme": str, "identifier": str}
SUBMISSION = {"legalEntityId": int, "idempotencyGuid": str, "routing": dict, "document": dict}
DOCUMENT_TYPES = {"invoice", "creditnote", "invoice_response", "order", "ordering", "order_response"}


class Unprocessable(Exception):
    """What Storecove answers to a request that it understands and does not take."""

    def __init__(self, source: str, details: str) -> None:
        super().__init__(source, details)
        self.answer = [{"source": source, "details": details}]


class StorecoveServer(JsonServer):
    """One account."""

    def __init__(self) -> None:
        super().__init__()
        self.receivers: dict[tuple[str, str], dict[str, Any]] = {}
        self.submissions: dict[str, dict[str, Any]] = {}
        self.evidence: dict[str, dict[str, Any]] = {}
        self.webhooks: deque[dict[str, str]] = deque()

    @property
    def url(self) -> str:
        """The API base to give to the gateway."""
        return f"{self.address}/api/v2"

    def deliver(self, guid: str) -> None:
        """Let the receiver's access point take a document, and tell it."""
        self.evidence[guid] = {
            "network": "peppol",
            "sender": "BE:EN 0999999922",
            "receiver": "BE:EN 0999888767",
            "evidence": {"message_id": f"{uuid4()}@storecove", "receiving_accesspoint": "CN=POP000001"},
            "documents": [{"mime_type": "application/xml", "document": "https://files.example/1.xml"}],
        }
        self.tell(guid, "succeeded")

    def tell(self, guid: str, event: str, **words: str) -> None:
        """Put an event of a document in the pull queue."""
        body = {
            "event_type": "document_submission",
            "event_group": "sending",
            "event": event,
            "guid": guid,
            "idempotencyGuid": self.submissions[guid]["idempotencyGuid"],
            "details": "",
            **words,
        }
        self.webhooks.append({"guid": str(uuid4()), "body": json.dumps(body)})

    def handle_call(self, method: str, path: str, headers: dict[str, str], body: Any) -> Answer:
        """Answer one request of the API."""
        if headers.get("authorization") != f"Bearer {KEY}":
            return 401, {"error": "Unauthorized"}
        try:
            if (method, path) == ("POST", "/api/v2/discovery/receives"):
                return 200, self._discover(body)
            if (method, path) == ("POST", "/api/v2/document_submissions"):
                return 200, {"guid": self._submit(body)}
        except Unprocessable as refusal:
            return 422, refusal.answer
        if method == "GET" and (match := EVIDENCE.fullmatch(path)):
            found = self.evidence.get(match[1])
            return (200, found) if found else (404, None)
        if match := WEBHOOK.fullmatch(path):
            return self._webhook(method, match[1])
        return 404, {"error": "Not Found"}

    def _discover(self, asked: Any) -> dict[str, Any]:
        check_names(asked, PARTICIPANT, {"scheme", "identifier"})
        if unknown := set(asked.get("documentTypes", [])) - DOCUMENT_TYPES:
            raise Unprocessable("documentTypes", f"{sorted(unknown)} is not included in the list")
        return self.receivers.get((asked["scheme"], asked["identifier"]), {"code": "NOK"})

    def _submit(self, asked: Any) -> str:
        check_names(asked, SUBMISSION, {"legalEntityId", "document"})
        if asked["legalEntityId"] != LEGAL_ENTITY:
            raise Unprocessable("legalEntityId", "not found")
        key = asked.get("idempotencyGuid", "")
        if key and not GUID.fullmatch(key):
            raise Unprocessable("idempotencyGuid", "is the wrong length (should be 36 characters)")
        if key in {known["idempotencyGuid"] for known in self.submissions.values()}:
            raise Unprocessable("idempotencyGuid", "has already been used")
        check_names(
            asked["routing"], {"eIdentifiers": list, "emails": list, "clearWithoutSending": bool}, set()
        )
        for routing in asked["routing"]["eIdentifiers"]:
            check_names(routing, {"scheme": str, "id": str}, {"scheme", "id"})
        document = asked["document"]
        check_names(document, {"documentType": str, "rawDocumentData": dict}, {"documentType"})
        if document["documentType"] != "invoice":
            raise Unprocessable("document.documentType", "is not included in the list")
        raw = document["rawDocumentData"]
        check_names(
            raw, {"document": str, "parse": bool, "parseStrategy": str}, {"document", "parseStrategy"}
        )
        if raw["parseStrategy"] not in ("ubl", "cii", "idoc"):
            raise Unprocessable("document.rawDocumentData.parseStrategy", "is not included in the list")
        try:
            ElementTree.fromstring(b64decode(raw["document"], validate=True))
        except (ValueError, ElementTree.ParseError) as error:
            raise Unprocessable("document.rawDocumentData.document", "could not be parsed") from error
        guid = str(uuid4())
        self.submissions[guid] = asked
        return guid

    def _webhook(self, method: str, guid: str) -> Answer:
        if method == "GET" and not guid:
            return (200, self.webhooks[0]) if self.webhooks else (204, None)
        if method == "DELETE" and self.webhooks and self.webhooks[0]["guid"] == guid:
            self.webhooks.popleft()
            return 204, None
        return 404, None


def check_names(asked: Any, kinds: Mapping[str, type], needed: set[str]) -> None:
    """Refuse names that the API does not know, other kinds, and what is missing."""
    if not isinstance(asked, dict):
        raise Unprocessable("body", "is not an object")
    for name, value in asked.items():
        if name not in kinds:
            raise Unprocessable(name, "is an unknown property")
        if type(value) is not kinds[name]:
            raise Unprocessable(name, "is of the wrong type")
    for name in sorted(needed - set(asked)):
        raise Unprocessable(name, "is missing")


def storecove_server() -> AbstractContextManager[StorecoveServer]:
    """Run the stand-in for the time of a test."""
    return running(StorecoveServer())
