"""The gateway to Peppol: against a Storecove on the loopback, in a folder, and its fake."""

import inspect
import json
from base64 import b64decode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from pytest_django import Settings

from billing.gateways.peppol import (
    CAN,
    CANNOT,
    DELIVERED,
    FAILED,
    KEPT,
    OUTBOX,
    SENT,
    UNKNOWN,
    AccessPoint,
    AccessPointRefused,
    AccessPointUnavailable,
    AlreadySubmitted,
    OutboxFolder,
    Storecove,
    Submission,
    access_point,
)
from tests.fakes.peppol import FakeAccessPoint
from tests.fakes.storecove_api import KEY, LEGAL_ENTITY, StorecoveServer, storecove_server

RECEIVER = "0208:0999888767"
UBL = b"<Invoice/>"
METHODS = ["look_up", "send", "state", "next_news", "drop_news"]


@pytest.fixture
def server() -> Iterator[StorecoveServer]:
    with storecove_server() as running:
        running.receivers["BE:EN", "0999888767"] = {"code": "OK", "email": False}
        yield running


@pytest.fixture
def point(server: StorecoveServer) -> Storecove:
    return Storecove(KEY, LEGAL_ENTITY, server.url, timeout=2)


def send(point: AccessPoint, key: str = "", **words: Any) -> Submission:
    return point.send(
        **{"document": UBL, "participant": RECEIVER, "key": key or str(uuid4()), "name": "1.xml", **words}
    )


def test_who_is_on_peppol_can_receive_and_others_cannot(point: Storecove, server: StorecoveServer) -> None:
    found = point.look_up(participant=RECEIVER, is_note=False)
    assert (found.outcome, json.loads(found.answer)) == (CAN, {"code": "OK", "email": False})
    assert server.requests[-1][3] == {
        "documentTypes": ["invoice"],
        "network": "peppol",
        "metaScheme": "iso6523-actorid-upis",
        "scheme": "BE:EN",
        "identifier": "0999888767",
    }
    assert point.look_up(participant="0208:0999777655", is_note=True).outcome == CANNOT
    assert server.requests[-1][3]["documentTypes"] == ["creditnote"]


def test_who_would_only_get_a_mail_from_storecove_cannot_receive(
    point: Storecove, server: StorecoveServer
) -> None:
    server.receivers["BE:EN", "0999888767"] = {"code": "OK", "email": True}
    assert point.look_up(participant=RECEIVER, is_note=False).outcome == CANNOT


def test_the_very_bytes_are_sent_with_the_key_and_the_receiver(
    point: Storecove, server: StorecoveServer
) -> None:
    key = str(uuid4())
    submission = send(point, key, participant="0060:123456789")
    assert (submission.state, list(server.submissions)) == (SENT, [submission.external_id])
    _method, _path, headers, body = server.requests[-1]
    assert headers["authorization"] == f"Bearer {KEY}"
    assert body["idempotencyGuid"] == key
    assert body["routing"] == {"eIdentifiers": [{"scheme": "0060", "id": "123456789"}]}
    assert b64decode(body["document"]["rawDocumentData"]["document"]) == UBL


def test_the_same_key_is_sent_once(point: Storecove, server: StorecoveServer) -> None:
    key = str(uuid4())
    send(point, key)
    with pytest.raises(AlreadySubmitted):
        send(point, key)
    assert len(server.submissions) == 1


def test_a_document_is_delivered_when_there_is_evidence(point: Storecove, server: StorecoveServer) -> None:
    guid = send(point).external_id
    assert point.state(external_id=guid) == Submission(SENT, guid)
    server.deliver(guid)
    assert point.state(external_id=guid) == Submission(DELIVERED, guid)


def test_news_is_read_in_order_and_the_same_until_it_is_dropped(
    point: Storecove, server: StorecoveServer
) -> None:
    assert point.next_news() is None
    key = str(uuid4())
    guid = send(point, key).external_id
    server.tell(guid, "no_action_taken", details="no route")
    server.tell(guid, "accepted")
    server.webhooks.append(
        {"guid": "other", "body": '{"event_type": "received_document", "event": "failed"}'}
    )
    server.webhooks.append({"guid": "odd", "body": "{"})
    server.deliver(guid)
    read = []
    while news := point.next_news():
        assert point.next_news() == news
        point.drop_news(news_id=news.id)
        read.append((news.state, news.key, news.external_id, news.detail))
    assert read == [
        (FAILED, key, guid, "no route"),
        ("", key, guid, "accepted"),
        ("", "", "", "failed"),
        ("", "", "", ""),
        (DELIVERED, key, guid, "succeeded"),
    ]
    point.drop_news(news_id="gone")


CALLS: list[Callable[[AccessPoint], object]] = [
    lambda point: point.look_up(participant=RECEIVER, is_note=False),
    lambda point: send(point),
    lambda point: point.state(external_id="1"),
    lambda point: point.next_news(),
]
MESSAGES = '[{"source": "document", "details": "is too odd"}]'


@pytest.mark.parametrize("call", CALLS, ids=METHODS[:4])
@pytest.mark.parametrize(
    ("failure", "expected", "said"),
    [
        ((401, "{}"), AccessPointUnavailable, "401"),
        ((403, ""), AccessPointUnavailable, "403"),
        ((422, MESSAGES), AccessPointRefused, "document: is too odd"),
        ((422, "<p>no json"), AccessPointRefused, "no json"),
        ((422, '{"a": 1}'), AccessPointRefused, "422"),
        ((400, "[1]"), AccessPointRefused, "400"),
        ((429, "slow down"), AccessPointUnavailable, "429"),
        ((500, "<h1>Oops</h1>" * 1000), AccessPointUnavailable, "500"),
        ((302, ""), AccessPointUnavailable, "302"),
        ((200, "{not json"), AccessPointUnavailable, "JSON"),
        ((200, "[]"), AccessPointUnavailable, "object"),
        ((200, '"' + "x" * 2_000_000 + '"'), AccessPointUnavailable, "JSON"),
    ],
)
def test_failures_say_whether_trying_again_helps_and_never_the_key(
    point: Storecove,
    server: StorecoveServer,
    call: Callable[[AccessPoint], object],
    failure: tuple[int, str],
    expected: type[Exception],
    said: str,
) -> None:
    server.failure = failure
    with pytest.raises(expected, match=said) as caught:
        call(point)
    assert type(caught.value) is expected
    assert len(str(caught.value)) <= KEPT
    assert KEY not in f"{caught.value!r} {caught.value.__cause__!r} {point!r}"


def test_an_address_that_is_not_the_apis_is_ours_to_mend(server: StorecoveServer) -> None:
    elsewhere = Storecove(KEY, LEGAL_ENTITY, server.url.replace("/v2", "/v9"))
    for call in CALLS[:2]:
        with pytest.raises(AccessPointUnavailable, match="404"):
            call(elsewhere)


def test_an_answer_of_another_kind_is_no_answer(point: Storecove, server: StorecoveServer) -> None:
    server.failure = (200, '{"code": "MAYBE"}')
    with pytest.raises(AccessPointUnavailable, match="MAYBE"):
        point.look_up(participant=RECEIVER, is_note=False)
    with pytest.raises(AccessPointUnavailable, match="number was not told"):
        send(point)


def test_who_does_not_answer_in_time_is_not_waited_for(server: StorecoveServer) -> None:
    server.delay = 0.5
    hasty = Storecove(KEY, LEGAL_ENTITY, server.url, timeout=0.1)
    with pytest.raises(AccessPointUnavailable, match="ReadTimeout"):
        hasty.look_up(participant=RECEIVER, is_note=False)
    with pytest.raises(AccessPointUnavailable, match="ConnectionError"):
        send(Storecove(KEY, LEGAL_ENTITY, "http://127.0.0.1:9"))


def test_the_stand_in_refuses_what_the_api_does_not_know(point: Storecove, server: StorecoveServer) -> None:
    with pytest.raises(AccessPointRefused, match="legalEntityId: not found"):
        send(Storecove(KEY, 1, server.url))
    with pytest.raises(AccessPointRefused, match="could not be parsed"):
        send(point, document=b"<Invoice>")
    with pytest.raises(AccessPointUnavailable, match="401"):
        send(Storecove("other", LEGAL_ENTITY, server.url))
    assert server.submissions == {}


def test_the_folder_holds_whole_files_for_nobody_else_and_looks_nothing_up(tmp_path: Path) -> None:
    folder = OutboxFolder(tmp_path / "private" / "outbox")
    assert folder.look_up(participant=RECEIVER, is_note=False).outcome == UNKNOWN
    for _time in range(2):
        assert send(folder, name="2026-00001.xml") == Submission(OUTBOX, "2026-00001.xml")
    (file,) = folder.folder.iterdir()
    assert (file.name, file.read_bytes()) == ("2026-00001.xml", UBL)
    assert (folder.folder.stat().st_mode & 0o777, file.stat().st_mode & 0o777) == (0o700, 0o600)
    assert folder.state(external_id="2026-00001.xml").state == OUTBOX
    assert folder.next_news() is None


def test_a_folder_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(AccessPointUnavailable):
        send(OutboxFolder(tmp_path / "file" / "outbox"))


def test_the_settings_choose(settings: Settings) -> None:
    chosen = access_point()
    assert isinstance(chosen, OutboxFolder)
    assert chosen.folder == settings.DATA_DIR / "private" / "peppol-outbox"
    settings.PEPPOL_ACCESS_POINT, settings.PEPPOL_API_KEY, settings.PEPPOL_LEGAL_ENTITY_ID = (
        "storecove",
        "k",
        7,
    )
    assert access_point() == Storecove("k", 7, "https://api.storecove.com/api/v2")


@pytest.mark.parametrize("gateway", [OutboxFolder, Storecove])
def test_the_fake_has_the_gateways_signatures(gateway: type) -> None:
    methods = [
        name for name in vars(gateway) if not name.startswith("_") and inspect.isfunction(vars(gateway)[name])
    ]
    assert methods == METHODS
    for name in methods:
        assert inspect.signature(getattr(FakeAccessPoint, name)) == inspect.signature(getattr(gateway, name))
