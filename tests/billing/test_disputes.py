"""What Stripe tells of chargebacks and refused debits, in any order."""

import itertools
from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest
from django.db import transaction
from django.utils import timezone

from billing.models import Invoice, Reversal, StripeEvent
from billing.operations.overdue import mark_overdue
from billing.operations.stripe_events import apply_event
from billing.queries import open_amount, refundable_amount, surplus_amount
from tests.billing.paying import GROSS, Event, pay, pay_online, status, tell, texts, visit
from tests.fakes.stripe_api import StripeServer
from tests.queue import drain

pytestmark = pytest.mark.django_db
ENDS = [("lost", "issued", GROSS), ("won", "paid", Decimal("0.00"))]


@pytest.mark.parametrize(("end", "expected", "left"), ENDS)
def test_a_dispute_in_any_order_and_doubled_ends_alike(
    stripe: StripeServer, invoice: Invoice, end: str, expected: str, left: Decimal
) -> None:
    attempt = visit(invoice)
    session_id = attempt.session_id or ""
    moment = timezone.now().timestamp()
    events: list[Event] = []
    for seconds, tell_more in enumerate(
        (
            lambda: stripe.account.complete(session_id),
            lambda: stripe.account.dispute(session_id),
            lambda: stripe.account.dispute(session_id, status=end),
        )
    ):
        stripe.account.now = partial(float, moment + seconds)
        events += tell_more()
    stripe.account.now = lambda: moment
    for number, order in enumerate(itertools.permutations((events[0], events[1], events[-1]))):
        with transaction.atomic():
            for event in (*order, *order):
                tell(stripe, {**event, "id": f"{event['id']}_{number}"})
            drain()
            kinds = [event["type"] for event in order]
            assert (status(invoice), open_amount(invoice)) == (expected, left), kinds
            assert Reversal.objects.count() == 1
            transaction.set_rollback(True)


def test_a_dispute_of_an_overdue_invoice_makes_it_overdue_and_the_payer_hears(
    stripe: StripeServer, invoice: Invoice, heard: list[str]
) -> None:
    pay_online(stripe, invoice)
    later = timezone.now() + timedelta(days=40)
    session_id = invoice.checkout_attempts.get().session_id or ""
    for event in stripe.account.dispute(session_id):
        tell(stripe, event)
    for kept in StripeEvent.objects.filter(type__startswith="charge.dispute").order_by("pk"):
        apply_event(event=kept, at=later)
    assert status(invoice) == "overdue"
    assert Invoice.objects.get(pk=invoice.pk).overdue_on == timezone.localdate(later)
    [text] = texts("werd teruggevorderd")
    for words in ("teruggevorderd", "1.210,00\N{NO-BREAK SPACE}euro open", "BE90 9992 0260 0132", "+++"):
        assert words in text
    assert heard == ["paid", "reopened"]


def test_what_was_paid_twice_and_disputed_once_stays_paid(stripe: StripeServer, invoice: Invoice) -> None:
    pay_online(stripe, invoice)
    pay(invoice)  # a transfer that crossed
    for event in stripe.account.dispute(invoice.checkout_attempts.get().session_id or ""):
        tell(stripe, event)
    drain()
    assert (status(invoice), surplus_amount(invoice), refundable_amount(invoice)) == (
        "paid",
        Decimal(0),
        Decimal(0),
    )


def test_an_inquiry_and_what_is_not_ours_change_nothing(stripe: StripeServer, invoice: Invoice) -> None:
    pay_online(stripe, invoice)
    session_id = invoice.checkout_attempts.get().session_id or ""
    for event in stripe.account.dispute(session_id, status="warning_needs_response"):
        tell(stripe, event)
    foreign = {"id": "re_1", "object": "refund", "payment_intent": "pi_other", "amount": 1, "currency": "eur"}
    tell(stripe, stripe.account.event("refund.created", foreign))
    drain()
    assert status(invoice) == "paid"
    assert not Reversal.objects.exists()
    assert not StripeEvent.objects.filter(applied_at=None).exists()


def test_an_inquiry_that_becomes_a_dispute_counts_from_the_day_on_which_the_money_goes(
    stripe: StripeServer, invoice: Invoice
) -> None:
    pay_online(stripe, invoice)
    session_id = invoice.checkout_attempts.get().session_id or ""
    asked = timezone.now()
    taken = asked + timedelta(days=35)
    events = []
    for moment, state in ((asked, "warning_needs_response"), (taken, "needs_response"), (taken, "lost")):
        stripe.account.now = moment.timestamp
        events += stripe.account.dispute(session_id, status=state)
    stripe.account.now = asked.timestamp
    for event in events:
        tell(stripe, event)
    drain()
    assert Reversal.objects.get().returned_on == timezone.localdate(taken)


def test_a_refused_debit_is_told_once(stripe: StripeServer, invoice: Invoice) -> None:
    attempt = visit(invoice)
    events = stripe.account.complete(attempt.session_id or "", is_debit=True)
    events += stripe.account.settle_debit(attempt.session_id or "", is_paid=False)
    for event in events:
        tell(stripe, event)
        tell(stripe, {**event, "id": f"{event['id']}_again"})
    drain()
    [text] = texts("werd geweigerd")
    assert "weigerde de domiciliëring" in text
    assert "Gestructureerde mededeling" in text


def test_an_invoice_waits_for_the_bank_before_it_is_overdue(stripe: StripeServer, invoice: Invoice) -> None:
    attempt = visit(invoice)
    for event in stripe.account.complete(attempt.session_id or "", is_debit=True):
        tell(stripe, event)
    drain()
    late = timezone.now() + timedelta(days=31)
    invoice.checkout_attempts.update(created_at=late - timedelta(days=10))
    assert mark_overdue(late) == 0
    assert mark_overdue(late + timedelta(days=5)) == 1
