"""Sending by Peppol: to whom, what the mail says, what is kept, and what happens when things go wrong."""

from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils import timezone
from wagtail.models import ModelLogEntry

from billing.documents import is_for_peppol, make_ubl
from billing.en16931.reading import text
from billing.gateways.peppol import (
    AccessPointUnavailable,
)
from billing.models import Dispatch, Invoice, InvoiceIsIssued, PeppolLookup
from billing.operations.delivery import (
    AlreadyOnPeppol,
    NotForPeppol,
    deliver_invoice,
    send_peppol_again,
)
from billing.operations.invoices import credit_invoice
from billing.operations.peppol import send_by_peppol
from billing.operations.peppol_news import follow_dispatches
from billing.queries import stuck_dispatches, with_delivery
from tests.billing.paying import tell, visit
from tests.billing.sending import BUSY, COPY, ODD, fresh, mails, pdf_of, send
from tests.factories.billing import NOON, CustomerFactory, abroad, ask, fill_in_issuer, issue
from tests.fakes.peppol import FakeAccessPoint
from tests.fakes.stripe_api import StripeServer
from tests.queue import drain

pytestmark = pytest.mark.django_db


def test_who_is_reached_gets_it_by_peppol_and_a_mail_that_calls_itself_a_copy(
    point: FakeAccessPoint,
) -> None:
    dispatch = send()
    assert (mail.outbox, Invoice.objects.get().mailed_at) == ([], None)
    (message,) = mails()
    assert point.calls == ["look_up", "send"]
    assert point.sent == {str(dispatch.key): ("0208:0999888767", make_ubl(dispatch.invoice))}
    sent = fresh(dispatch)
    assert (sent.state, sent.external_id) == ("sent", f"guid-{dispatch.key}")
    (found,) = PeppolLookup.objects.all()
    assert (found.outcome, found.participant, found.answer) == ("can", "0208:0999888767", '{"code":"OK"}')
    html = str(message.alternatives[0][0])
    assert COPY in message.body
    assert COPY in html
    assert COPY in pdf_of(message)
    mailed = Dispatch.objects.get(channel="mail")
    assert (mailed.state, mailed.is_copy, mailed.address) == ("sent", True, dispatch.invoice.email)
    lines = ModelLogEntry.objects.for_instance(dispatch.invoice).filter(action="billing.peppol")
    assert [entry.data["state"] for entry in lines.order_by("pk")] == ["queued", "sent"]


def test_an_english_customer_reads_english_and_a_credit_note_is_called_so(point: FakeAccessPoint) -> None:
    invoice = send(customer=CustomerFactory.create(language="en")).invoice
    credit_invoice(invoice=invoice, reason="", at=NOON, by=None)
    first, second = mails()
    assert "Copy: you received the invoice itself by Peppol." in first.body
    assert "Copy: you received the credit note itself by Peppol." in second.body
    assert len(point.sent) == 2


def test_who_is_not_on_peppol_gets_the_invoice_by_mail_and_the_look_up_is_kept(
    point: FakeAccessPoint,
) -> None:
    point.reached.clear()
    dispatch = send(at=NOON)
    send_by_peppol(dispatch=dispatch, at=NOON)
    (message,) = mails()
    assert "Kopie" not in message.body + pdf_of(message)
    assert "send" not in point.calls
    waiting = fresh(dispatch)
    assert (waiting.state, waiting.next_at) == ("unreachable", NOON + timedelta(days=1))
    found = PeppolLookup.objects.earliest("pk")
    assert (found.outcome, found.answer, found.looked_up_at) == ("cannot", '{"code":"NOK"}', NOON)
    with pytest.raises(InvoiceIsIssued):
        PeppolLookup.objects.update(outcome="can")


def test_who_is_not_on_peppol_is_looked_up_after_1_7_and_30_days_and_mailed_once(
    point: FakeAccessPoint,
) -> None:
    point.reached.clear()
    dispatch = send(at=NOON)
    send_by_peppol(dispatch=dispatch, at=NOON)
    days = []
    for day in range(60):
        at = NOON + timedelta(days=day, minutes=1)
        if follow_dispatches(at):
            days.append(day)
            send_by_peppol(dispatch=dispatch, at=at)
    assert days == [1, 7, 30]
    assert PeppolLookup.objects.count() == 4
    assert (fresh(dispatch).state, fresh(dispatch).next_at) == ("unreachable", None)
    assert len(mails()) == 1


def test_who_came_to_peppol_later_gets_it_then_without_another_mail(point: FakeAccessPoint) -> None:
    point.reached.clear()
    dispatch = send(at=NOON)
    send_by_peppol(dispatch=dispatch, at=NOON)
    point.reached.add(dispatch.address)
    call_command("run_due", "--at", (NOON + timedelta(days=1)).isoformat())
    assert len(mails()) == 1
    assert fresh(dispatch).state == "sent"
    assert [found.outcome for found in dispatch.lookups.all()] == ["cannot", "can"]


def test_run_twice_or_after_a_lost_answer_it_is_sent_once_and_mailed_once(point: FakeAccessPoint) -> None:
    dispatch = send()
    point.loses_answers, point.failing["send"] = True, BUSY
    with pytest.raises(AccessPointUnavailable):
        send_by_peppol(dispatch=dispatch, at=NOON)
    assert (fresh(dispatch).state, fresh(dispatch).error) == ("queued", "503: busy")
    for _time in range(2):
        send_by_peppol(dispatch=dispatch, at=NOON)
    assert (fresh(dispatch).state, fresh(dispatch).error) == ("sent", "")
    assert len(point.sent) == 1
    assert point.calls.count("send") == 2
    assert len(mails()) == 1


def test_of_two_workers_at_it_one_sends_and_the_number_is_kept(
    point: FakeAccessPoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    dispatch = send()
    send_at_first, other = point.send, list[bool]()

    def send_while_another_does(**words: Any) -> Any:
        taken = send_at_first(**words)
        if not other:
            other.append(True)
            send_by_peppol(dispatch=dispatch, at=NOON)
        return taken

    monkeypatch.setattr(point, "send", send_while_another_does)
    send_by_peppol(dispatch=dispatch, at=NOON)
    assert (len(point.sent), fresh(dispatch).external_id) == (1, f"guid-{dispatch.key}")
    assert len(mails()) == 1


def test_a_worker_that_is_killed_after_sending_leaves_a_mail_that_still_goes(point: FakeAccessPoint) -> None:
    dispatch = send()
    # Killed: nothing at all runs after the row was written.
    Dispatch.objects.filter(pk=dispatch.pk).update(state="sent", sent_at=NOON, next_at=None)
    follow_dispatches(NOON + timedelta(minutes=59))
    assert Dispatch.objects.get(channel="mail").state == "queued"
    follow_dispatches(NOON + timedelta(hours=1))
    assert COPY in mails()[0].body


@pytest.mark.parametrize("failing", ["look_up", "send"])
@pytest.mark.parametrize("error", [BUSY, RuntimeError("a fault of our own")])
def test_the_mail_leaves_whatever_happens(point: FakeAccessPoint, failing: str, error: Exception) -> None:
    point.failing[failing] = error
    dispatch = send()
    (message,) = mails()
    assert "Kopie" not in message.body
    assert fresh(dispatch).state == "queued"
    point.failing.clear()
    send_by_peppol(dispatch=dispatch, at=NOON)
    assert fresh(dispatch).state == "sent"
    assert len(mails()) == 1


def test_what_the_queue_gave_up_is_taken_up_after_a_day(point: FakeAccessPoint) -> None:
    point.failing["send"] = BUSY
    dispatch = send(at=NOON)
    mails()
    assert list(stuck_dispatches()) == [fresh(dispatch)]
    point.failing.clear()
    assert follow_dispatches(NOON + timedelta(hours=23)) == 0
    assert follow_dispatches(NOON + timedelta(hours=24)) == 1
    drain()
    assert fresh(dispatch).state == "sent"
    assert list(stuck_dispatches()) == []


@pytest.mark.parametrize("failing", ["look_up", "send"])
def test_what_is_refused_has_failed_and_is_mailed(point: FakeAccessPoint, failing: str) -> None:
    point.failing[failing] = ODD
    dispatch = send()
    (message,) = mails()
    assert "Kopie" not in message.body
    assert (fresh(dispatch).state, fresh(dispatch).error) == ("failed", str(ODD))
    assert list(stuck_dispatches()) == [fresh(dispatch)]


def test_a_document_that_peppol_does_not_take_is_not_sent_and_says_why(point: FakeAccessPoint) -> None:
    dispatch = send(customer=CustomerFactory.create(street=""))
    assert len(mails()) == 1
    assert point.calls == []
    assert (fresh(dispatch).state, fresh(dispatch).error) == ("failed", "De straat van de klant ontbreekt.")


def test_sent_again_after_a_failure_it_gets_a_new_key_and_otherwise_keeps_it(point: FakeAccessPoint) -> None:
    point.failing["send"] = ODD
    first = send()
    drain()
    point.failing["send"] = BUSY
    send_peppol_again(invoice=first.invoice, at=NOON, by=None)
    drain()
    second = Dispatch.objects.get(channel="peppol", state="queued")
    assert second.key != first.key
    point.failing.clear()
    send_peppol_again(invoice=first.invoice, at=NOON, by=None)
    drain()
    assert (fresh(second).state, list(point.sent)) == ("sent", [str(second.key)])
    assert list(stuck_dispatches()) == []
    with pytest.raises(AlreadyOnPeppol):
        send_peppol_again(invoice=first.invoice, at=NOON, by=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        Dispatch.objects.create(
            invoice=first.invoice, channel="peppol", address="0208:1", created_at=NOON, queued_at=NOON
        )


def test_payment_requests_and_people_do_not_go_by_peppol(point: FakeAccessPoint) -> None:
    person = CustomerFactory.create(enterprise_number="", vat_number="")
    for customer in (person, abroad()):
        invoice = issue(customer=customer, is_mailed=True)
        assert not is_for_peppol(invoice)
        with pytest.raises(NotForPeppol):
            send_peppol_again(invoice=invoice, at=NOON, by=None)
    fill_in_issuer(vat_regime="none")
    request = issue(is_mailed=True)
    credit_invoice(invoice=request, reason="", at=NOON, by=None)
    assert len(mails()) == 4
    assert point.calls == []
    assert set(Dispatch.objects.values_list("channel", "state")) == {("mail", "sent")}


def test_a_vat_number_or_an_address_of_its_own_is_enough(point: FakeAccessPoint) -> None:
    by_vat = CustomerFactory.create(enterprise_number="")
    own = CustomerFactory.create(peppol_id="0088:5412345000013")
    assert [send(customer=customer).address for customer in (by_vat, own)] == [
        "0208:0999888767",
        "0088:5412345000013",
    ]


def test_a_number_that_is_wrong_fails_in_sight_instead_of_passing_for_a_person(
    point: FakeAccessPoint,
) -> None:
    dispatch = send(customer=CustomerFactory.create(enterprise_number="0999888768"))
    assert len(mails()) == 1
    assert (fresh(dispatch).state, dispatch.address) == ("failed", "0208:0999888768")


def test_the_list_of_invoices_says_how_each_fared(point: FakeAccessPoint) -> None:
    old = issue()
    person = issue(customer=CustomerFactory.create(enterprise_number="", vat_number=""), is_mailed=True)
    by_peppol = send().invoice
    drain()
    point.failing["send"] = ODD
    lost = send().invoice
    drain()
    found = {row.pk: vars(row)["delivery"] for row in with_delivery(Invoice.objects.all())}
    assert found == {old.pk: "", person.pk: "mailed", by_peppol.pk: "sent", lost.pk: "failed"}


def test_the_database_refuses_nonsense(point: FakeAccessPoint) -> None:
    dispatch = send()
    for wrong in (
        {"state": "lost"},
        {"state": "sent"},
        {"state": "delivered", "sent_at": NOON},
        {"state": "failed", "settled_at": NOON},
        {"is_copy": True},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Dispatch.objects.filter(pk=dispatch.pk).update(**wrong)
    with pytest.raises(InvoiceIsIssued):
        Dispatch.objects.update(address="elsewhere")
    with pytest.raises(IntegrityError), transaction.atomic():
        deliver_invoice(invoice=dispatch.invoice, at=NOON, by=None)


def test_what_was_paid_online_before_the_invoice_goes_out_as_paid(
    point: FakeAccessPoint, stripe: StripeServer
) -> None:
    pro_forma = ask(at=timezone.now())
    attempt = visit(pro_forma)
    for event in stripe.account.complete(attempt.session_id or ""):
        tell(stripe, event)
    drain()
    ((address, document),) = point.sent.values()
    root = ElementTree.fromstring(document)
    assert address == "0208:0999888767"
    assert text(root, "cac:LegalMonetaryTotal/cbc:PrepaidAmount") == "1210.00"
    assert text(root, "cac:LegalMonetaryTotal/cbc:PayableAmount") == "0.00"
    assert text(root, "cac:PaymentMeans/cbc:PaymentMeansCode") == "68"
    (mailed,) = [each for each in mails() if "Factuur" in each.subject]
    for said in (str(mailed.body), pdf_of(mailed)):
        assert "Betaald op" in said
        assert "Hoe betalen?" not in said
