"""How documents fared by Peppol: evidence, news, time that passes, the outbox, and all the way by wire."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from pytest_django import Settings
from wagtail.models import Site

from billing.documents import make_ubl
from billing.gateways import peppol as gateway
from billing.gateways.peppol import (
    DELIVERED,
    FAILED,
    News,
)
from billing.models import Dispatch, Invoice, PeppolLookup
from billing.operations import delivery, peppol, peppol_news
from billing.operations.delivery import (
    send_invoice,
    send_peppol_again,
)
from billing.operations.invoices import credit_invoice
from billing.operations.peppol import NothingToUpload, mark_uploaded, send_by_peppol
from billing.operations.peppol_news import ask_state, follow_dispatches, read_news
from billing.queries import stuck_dispatches
from tests.billing.sending import COPY, ODD, fresh, mails, pdf_of, send
from tests.factories.billing import NOON, CustomerFactory
from tests.fakes.peppol import FakeAccessPoint
from tests.fakes.storecove_api import KEY, LEGAL_ENTITY, StorecoveServer, storecove_server
from tests.queue import drain

pytestmark = pytest.mark.django_db


def test_evidence_says_that_it_is_delivered(point: FakeAccessPoint) -> None:
    dispatch = send()
    drain()
    ask_state(dispatch=dispatch, at=NOON)
    assert fresh(dispatch).state == "sent"
    point.states[fresh(dispatch).external_id] = DELIVERED
    ask_state(dispatch=dispatch, at=NOON)
    ask_state(dispatch=dispatch, at=NOON)
    delivered = fresh(dispatch)
    assert (delivered.state, delivered.settled_at, delivered.next_at) == ("delivered", NOON, None)
    assert point.calls.count("state") == 2


def test_run_due_asks_every_hour_until_it_is_delivered(point: FakeAccessPoint) -> None:
    dispatch = send(at=NOON)
    send_by_peppol(dispatch=dispatch, at=NOON)
    drain()
    for minutes in (59, 61, 62):
        follow_dispatches(NOON + timedelta(minutes=minutes))
        drain()
    assert point.calls.count("state") == 1
    point.states[fresh(dispatch).external_id] = DELIVERED
    for hours in (3, 5):
        follow_dispatches(NOON + timedelta(hours=hours))
        drain()
    assert point.calls.count("state") == 2
    assert fresh(dispatch).state == "delivered"


def test_news_of_a_loss_is_noted_and_the_invoice_is_mailed_unmarked(point: FakeAccessPoint) -> None:
    dispatch = send()
    assert COPY in mails()[0].body
    point.news.append(News("1", FAILED, str(dispatch.key), "guid-1", "no route to the receiver"))
    point.news.append(News("2", "", "", "", ""))
    point.news.append(News("3", FAILED, "no key", "unknown", ""))
    point.news.append(News("4", FAILED, str(dispatch.key), "guid-1", "told twice"))
    assert read_news(at=NOON) == 4
    lost = fresh(dispatch)
    assert (lost.state, lost.error) == ("failed", "no route to the receiver")
    _copy, itself = mails()
    assert "Kopie" not in itself.body + pdf_of(itself)
    assert list(stuck_dispatches()) == [lost]


def test_news_of_a_document_whose_number_was_lost_finds_it_by_its_key(point: FakeAccessPoint) -> None:
    dispatch = send()
    point.sent[str(dispatch.key)] = ("", b"")
    drain()
    assert (fresh(dispatch).state, fresh(dispatch).external_id) == ("sent", "")
    ask_state(dispatch=dispatch, at=NOON)
    assert "state" not in point.calls
    point.news.append(News("1", DELIVERED, str(dispatch.key).upper(), "guid-7", ""))
    read_news(at=NOON)
    assert (fresh(dispatch).state, fresh(dispatch).external_id) == ("delivered", "guid-7")


def test_what_never_went_and_is_credited_in_full_needs_nobody(point: FakeAccessPoint) -> None:
    lacking, went = send(customer=CustomerFactory.create(street="")), send()
    drain()
    assert list(stuck_dispatches()) == [fresh(lacking)]
    credit_invoice(invoice=lacking.invoice, reason="straat ontbrak", at=NOON, by=None)
    note = credit_invoice(invoice=went.invoice, reason="vergist", at=NOON, by=None)
    drain()
    assert list(stuck_dispatches()) == []
    of_note = Dispatch.objects.get(invoice=note, channel="peppol")
    for number, lost in enumerate((of_note, went), start=1):
        point.news.append(News(str(number), FAILED, str(lost.key), f"guid-{number}", "no route"))
    read_news(at=NOON)
    assert set(stuck_dispatches()) == {of_note, went}, "the receiver may have had the invoice"


def test_without_proof_for_three_days_somebody_must_look_and_a_late_proof_still_counts(
    point: FakeAccessPoint,
) -> None:
    dispatch = send(at=NOON)
    send_by_peppol(dispatch=dispatch, at=NOON)
    mails()
    follow_dispatches(NOON + timedelta(days=3) - timedelta(minutes=1))
    assert fresh(dispatch).state == "sent"
    follow_dispatches(NOON + timedelta(days=3, hours=1))
    assert fresh(dispatch).error.startswith("Geen bewijs")
    assert list(stuck_dispatches()) == [fresh(dispatch)]
    assert len(mails()) == 1
    point.news.append(News("1", DELIVERED, str(dispatch.key), "guid-7", ""))
    read_news(at=NOON)
    assert fresh(dispatch).state == "delivered"


def test_a_late_proof_changes_nothing_where_it_was_sent_once_more(point: FakeAccessPoint) -> None:
    point.failing["send"] = ODD
    first = send()
    drain()
    point.failing.clear()
    send_peppol_again(invoice=first.invoice, at=NOON, by=None)
    point.news.append(News("1", DELIVERED, str(first.key), "guid-7", ""))
    read_news(at=NOON)
    drain()
    assert set(Dispatch.objects.filter(channel="peppol").values_list("state", flat=True)) == {
        "failed",
        "sent",
    }


def test_without_an_access_point_the_mail_goes_as_before_and_the_file_waits_in_the_outbox(
    site: Site, settings: Settings, tmp_path: Any
) -> None:
    settings.DATA_DIR = tmp_path
    dispatch = send()
    (message,) = mails()
    assert Invoice.objects.get().mailed_at
    assert "Kopie" not in message.body
    (file,) = (tmp_path / "private" / "peppol-outbox").iterdir()
    assert (file.name, file.read_bytes()) == (f"{dispatch.invoice.number}.xml", make_ubl(dispatch.invoice))
    kept = fresh(dispatch)
    assert (kept.state, kept.sent_at, kept.next_at) == ("outbox", None, None)
    assert PeppolLookup.objects.get().outcome == "unknown"
    mark_uploaded(invoice=dispatch.invoice, at=NOON, by=None)
    assert fresh(dispatch).state == "sent"
    with pytest.raises(NothingToUpload):
        mark_uploaded(invoice=dispatch.invoice, at=NOON, by=None)
    assert follow_dispatches(NOON + timedelta(days=30)) == 0
    send_invoice(invoice=dispatch.invoice, at=NOON, by=None)
    assert COPY in mails()[1].body


def test_what_waits_in_the_outbox_goes_through_the_access_point_that_came_later(
    site: Site, settings: Settings, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DATA_DIR = tmp_path
    dispatch = send()
    drain()
    fake = FakeAccessPoint()
    for module in (delivery, peppol, peppol_news):
        monkeypatch.setattr(module, "access_point", lambda: fake)
    send_peppol_again(invoice=dispatch.invoice, at=NOON, by=None)
    drain()
    assert (fresh(dispatch).state, fresh(dispatch).access_point) == ("sent", "storecove")


@pytest.fixture
def storecove(site: Site, settings: Settings) -> Iterator[StorecoveServer]:
    with storecove_server() as server:
        settings.PEPPOL_ACCESS_POINT, settings.PEPPOL_API_BASE = "storecove", server.url
        settings.PEPPOL_API_KEY, settings.PEPPOL_LEGAL_ENTITY_ID = KEY, LEGAL_ENTITY
        yield server


def test_an_invoice_goes_all_the_way_over_the_wire(storecove: StorecoveServer, caplog: Any) -> None:
    storecove.failure = (500, "busy")
    dispatch = send()
    assert len(mails()) == 1
    assert fresh(dispatch).error == "500: busy"
    storecove.failure = None
    storecove.receivers["BE:EN", "0999888767"] = {"code": "OK", "email": False}
    send_by_peppol(dispatch=dispatch, at=NOON)
    (guid,) = storecove.submissions
    assert fresh(dispatch).external_id == guid
    storecove.deliver(guid)
    assert read_news(at=NOON) == 1
    ask_state(dispatch=dispatch, at=NOON)
    assert fresh(dispatch).state == "delivered"
    assert not storecove.webhooks
    assert KEY not in caplog.text
    assert gateway.access_point().is_connected
