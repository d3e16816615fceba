"""The only module that speaks to a Peppol access point: Storecove's API, or a folder from which staff upload.

Storecove's API v2 is followed as its OpenAPI document says (see docs/adr/0012-peppol-by-an-access-point.md).
"""

import json
import os
from base64 import b64encode
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, ClassVar, Protocol

from django.conf import settings

from billing.gateways.http import NoAnswer, fetch

TIMEOUT = 20
"""Seconds to wait for a connection, and for each part of an answer."""
REFUSALS = (400, 413, 422)
KEPT = 2_000
"""So many characters of an answer are worth keeping."""

CAN, CANNOT, UNKNOWN = "can", "cannot", "unknown"
OUTBOX, SENT, DELIVERED, FAILED = "outbox", "sent", "delivered", "failed"

SCHEMES = {
    "0002": "FR:SIRENE", "0009": "FR:SIRET", "0088": "GLN", "0106": "NL:KVK", "0190": "NL:OINO",
    "0204": "DE:LWID", "0208": "BE:EN", "9925": "BE:VAT", "9930": "DE:VAT", "9938": "LU:VAT",
    "9944": "NL:VAT", "9957": "FR:VAT",
}  # fmt: skip
"""What Storecove calls the schemes (EAS) of our neighbours; it is given the number of any other."""


class AccessPointUnavailable(Exception):
    """It did not answer as agreed, was busy or does not know our key: what became of it is not known."""


class AccessPointRefused(Exception):
    """It will not do this; trying again does not help."""


class AlreadySubmitted(Exception):
    """It has a document with this key: an answer to us was lost."""


@dataclass(frozen=True)
class Reach:
    """Whether a receiver takes a document by Peppol: can, cannot or unknown, and the answer as it came."""

    outcome: str
    answer: str


@dataclass(frozen=True)
class Submission:
    """How a document stands at the access point: outbox, sent or delivered; `external_id` names it there."""

    state: str
    external_id: str


@dataclass(frozen=True)
class News:
    """What the access point tells of a document; `state` is empty where nothing changes for us."""

    id: str
    state: str
    key: str
    external_id: str
    detail: str


class AccessPoint(Protocol):
    """What the app asks of an access point. Every method raises AccessPointUnavailable or ...Refused."""

    @property
    def name(self) -> str:
        """What rows keep of it."""

    @property
    def is_connected(self) -> bool:
        """Whether it sends by itself; else somebody has to."""

    def look_up(self, *, participant: str, is_note: bool) -> Reach:
        """Say whether a Peppol address ("0208:0123456789") takes invoices, or credit notes."""

    def send(self, *, document: bytes, participant: str, key: str, name: str) -> Submission:
        """Hand over a UBL document; the same `key` is sent once. Raises AlreadySubmitted too."""

    def state(self, *, external_id: str) -> Submission:
        """Return how a document stands."""

    def next_news(self) -> News | None:
        """Return the oldest news, the same until it is dropped."""

    def drop_news(self, *, news_id: str) -> None:
        """Forget news that was dealt with."""


@dataclass(frozen=True)
class OutboxFolder:
    """No access point of our own: each document is put in a private folder, and somebody uploads it."""

    folder: Path
    name: ClassVar[str] = "outbox"
    is_connected: ClassVar[bool] = False

    def look_up(self, *, participant: str, is_note: bool) -> Reach:
        """Say that nobody looked."""
        return Reach(UNKNOWN, "")

    def send(self, *, document: bytes, participant: str, key: str, name: str) -> Submission:
        """Write the file at once and whole: who takes it never finds half of it."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with NamedTemporaryFile(dir=self.folder, prefix=".", delete=False) as aside:
                aside.write(document)
                aside.flush()
                os.fsync(aside.fileno())
            Path(aside.name).replace(self.folder / name)
        except OSError as error:
            raise AccessPointUnavailable(f"{type(error).__name__}: {error.strerror}") from error
        return Submission(OUTBOX, name)

    def state(self, *, external_id: str) -> Submission:
        """Say that it waits: what becomes of the file, only who uploads it knows."""
        return Submission(OUTBOX, external_id)

    def next_news(self) -> News | None:
        """Return nothing: a folder tells nothing."""
        return None

    def drop_news(self, *, news_id: str) -> None:
        """Do nothing."""


@dataclass(frozen=True)
class Storecove:
    """One legal entity at Storecove. Its webhook must be in pull mode, for this platform alone."""

    api_key: str = field(repr=False)
    legal_entity_id: int
    api_base: str = "https://api.storecove.com/api/v2"
    timeout: float = TIMEOUT
    name: ClassVar[str] = "storecove"
    is_connected: ClassVar[bool] = True

    def look_up(self, *, participant: str, is_note: bool) -> Reach:
        """Say whether a Peppol address takes invoices, or credit notes.

        One that Storecove could only reach by mail (`email`, the Belgian Hermes) takes none: that we do.
        """
        scheme, identifier = _routing(participant)
        asked = {
            "documentTypes": ["creditnote" if is_note else "invoice"],
            "network": "peppol",
            "metaScheme": "iso6523-actorid-upis",
            "scheme": scheme,
            "identifier": identifier,
        }
        _status, text = self._call("POST", "discovery/receives", asked)
        answer = _read(text)
        if answer.get("code") not in ("OK", "NOK"):
            raise AccessPointUnavailable(f"an answer that we do not know: {text[:200]}")
        is_reached = answer["code"] == "OK" and not answer.get("email")
        return Reach(CAN if is_reached else CANNOT, text[:KEPT])

    def send(self, *, document: bytes, participant: str, key: str, name: str) -> Submission:
        """Submit a document. Storecove reads the UBL and writes it anew for the receiver; a credit note
        goes as an invoice too, since only that type is read.
        """
        scheme, identifier = _routing(participant)
        submission = {
            "legalEntityId": self.legal_entity_id,
            "idempotencyGuid": key,
            "routing": {"eIdentifiers": [{"scheme": scheme, "id": identifier}]},
            "document": {
                "documentType": "invoice",
                "rawDocumentData": {
                    "document": b64encode(document).decode(),
                    "parse": True,
                    "parseStrategy": "ubl",
                },
            },
        }
        _status, text = self._call("POST", "document_submissions", submission)
        guid = _read(text).get("guid")
        if not isinstance(guid, str) or not guid:
            raise AccessPointUnavailable("a document was taken, but its number was not told")
        return Submission(SENT, guid)

    def state(self, *, external_id: str) -> Submission:
        """Return how a document stands: delivered as soon as there is evidence (404 until then)."""
        status, text = self._call(
            "GET", f"document_submissions/{external_id}/evidence/sending", missing_is_fine=True
        )
        if status == 404:
            return Submission(SENT, external_id)
        _read(text)
        return Submission(DELIVERED, external_id)

    def next_news(self) -> News | None:
        """Return the oldest news of the pull queue, the same until it is dropped."""
        status, text = self._call("GET", "webhook_instances/", missing_is_fine=True)
        if status in (204, 404):
            return None
        instance = _read(text)
        try:
            body = _read(instance.get("body"))
        except AccessPointUnavailable:
            body = {}  # nothing for us, and it must not hold up what comes after it
        about_document = body.get("event_type") == "document_submission"
        states = {"succeeded": DELIVERED, "failed": FAILED, "no_action_taken": FAILED}
        return News(
            id=str(instance.get("guid", "")),
            state=states.get(str(body.get("event")), "") if about_document else "",
            key=str(body.get("idempotencyGuid") or ""),
            external_id=str(body.get("guid") or ""),
            detail=str(body.get("details") or body.get("event") or "")[:KEPT],
        )

    def drop_news(self, *, news_id: str) -> None:
        """Forget news that was dealt with, perhaps already."""
        self._call("DELETE", f"webhook_instances/{news_id}", missing_is_fine=True)

    def _call(
        self, method: str, path: str, body: Any = None, *, missing_is_fine: bool = False
    ) -> tuple[int, str]:
        """Make one request. Raises AccessPointUnavailable, AccessPointRefused and AlreadySubmitted."""
        url = f"{self.api_base.rstrip('/')}/{path}"
        headers = {"Authorization": f"Bearer {self.api_key}"}
        try:
            status, text = fetch(method, url, json=body, headers=headers, timeout=self.timeout)
        except NoAnswer as error:
            raise AccessPointUnavailable(str(error)) from error
        if 200 <= status < 300 or (missing_is_fine and status == 404):
            return status, text
        raise _failure(status, text)


def access_point() -> AccessPoint:
    """Return the access point of the settings: the outbox folder unless another one is chosen."""
    if Storecove.name == settings.PEPPOL_ACCESS_POINT:
        return Storecove(settings.PEPPOL_API_KEY, settings.PEPPOL_LEGAL_ENTITY_ID, settings.PEPPOL_API_BASE)
    return OutboxFolder(settings.DATA_DIR / "private" / "peppol-outbox")


def _routing(participant: str) -> tuple[str, str]:
    scheme, _colon, identifier = participant.partition(":")
    return SCHEMES.get(scheme, scheme), identifier


def _read(text: Any) -> dict[str, Any]:
    """Read a JSON object. Raises AccessPointUnavailable for anything else."""
    try:
        found = json.loads(text)
    except (TypeError, ValueError) as error:
        raise AccessPointUnavailable("an answer that is no JSON") from error
    if not isinstance(found, dict):
        raise AccessPointUnavailable("an answer that is no object")
    return found


def _failure(status: int, text: str) -> Exception:
    """Say whether trying again helps: not where the document or the receiver is refused.

    A wrong key or address of the API (401, 403, 404) is ours to mend, and then it does.
    """
    said = f"{status}: {_messages(text)}"[:KEPT]
    if status == 422 and "idempotency" in said.lower():
        return AlreadySubmitted(said)
    return (AccessPointRefused if status in REFUSALS else AccessPointUnavailable)(said)


def _messages(text: str) -> str:
    """Return the messages of an error, [{source, details}], or what came instead of them."""
    try:
        errors = json.loads(text)
        return "; ".join(f"{error['source']}: {error['details']}" for error in errors)
    except (ValueError, TypeError, KeyError):
        return " ".join(text.split())[:200]
