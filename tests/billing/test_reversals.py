"""Money that goes back: refunds of staff, refunds and disputes that Stripe tells of, in any order."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.models import Invoice, Payment, Reversal
from billing.operations.invoices import credit_invoice
from billing.operations.refunds import (
    NotByStripe,
    RefundedTooEarly,
    RefundTooHigh,
    ask_refunds_again,
    refund_payment,
    send_refund,
)
from billing.queries import (
    open_amount,
    open_items,
    refundable_amount,
    settled_amount,
    surplus_amount,
    with_open_amount,
)
from cms.models import OutgoingMail
from demo.stand_in.base import API_VERSION
from tests.billing.paying import GROSS, TODAY, pay, pay_online, status, tell, texts
from tests.factories.billing import NOON, issue
from tests.fakes.stripe_api import KEY, StripeServer
from tests.queue import drain

pytestmark = pytest.mark.django_db


def refund(payment: Payment, amount: Decimal, **words: Any) -> Reversal:
    return refund_payment(
        **{
            "payment": payment,
            "amount": amount,
            "method": payment.method,
            "returned_on": TODAY,
            "reason": "dubbel betaald",
            "key": f"desk:{uuid4()}",
            "at": timezone.now(),
            "by": None,
            **words,
        }
    )


def reckoned(invoice: Invoice) -> dict[str, Decimal]:
    """What lists show of an invoice."""
    rows: Any = with_open_amount(Invoice.objects.filter(pk=invoice.pk)).values()
    return dict(rows.get())


def credit(invoice: Invoice, net: Decimal | None = None) -> Invoice:
    amounts = None if net is None else {1: net}
    return credit_invoice(invoice=invoice, reason="minder", amounts=amounts, at=timezone.now(), by=None)


def mails(template: str) -> list[OutgoingMail]:
    return list(OutgoingMail.objects.filter(template=f"billing/{template}"))


def test_what_was_paid_too_much_goes_back_and_the_invoice_stays_paid(
    invoice: Invoice, heard: list[str]
) -> None:
    payment = pay(invoice, Decimal("1300.00"))
    assert refundable_amount(invoice) == Decimal("90.00")
    reversal = refund(payment, Decimal("40.00"))
    assert (reversal.status, reversal.of_surplus) == ("done", Decimal("40.00"))
    assert (surplus_amount(invoice), open_amount(invoice)) == (Decimal("50.00"), Decimal("0.00"))
    assert status(invoice) == "paid"
    assert heard == ["paid"]
    [text] = texts("Terugbetaling van factuur")
    assert "40,00\N{NO-BREAK SPACE}euro" in text
    assert "met een overschrijving" in text
    with pytest.raises(RefundTooHigh) as refused:
        refund(payment, Decimal("50.01"))
    assert refused.value.most == Decimal("50.00")


def test_nothing_goes_back_before_it_came_in(invoice: Invoice) -> None:
    payment = pay(invoice, Decimal("1300.00"))
    with pytest.raises(RefundedTooEarly):
        refund(payment, Decimal("10.00"), returned_on=payment.received_on - timedelta(days=1))
    assert not Reversal.objects.exists()
    assert refund(payment, Decimal("10.00"), returned_on=payment.received_on).returned_on == TODAY


def test_a_form_sent_twice_pays_back_once(invoice: Invoice) -> None:
    payment = pay(invoice, Decimal("1300.00"))
    first = refund(payment, Decimal("40.00"), key="desk:1")
    assert refund(payment, Decimal("40.00"), key="desk:1") == first
    assert len(mails("refund")) == 1


def test_what_is_paid_is_not_refunded_without_a_credit_note(invoice: Invoice) -> None:
    payment = pay(invoice)
    with pytest.raises(RefundTooHigh):
        refund(payment, Decimal("1.00"))
    credit(invoice, Decimal("100.00"))
    refund(payment, Decimal("121.00"))
    assert (refundable_amount(invoice), open_amount(invoice)) == (Decimal(0), Decimal(0))
    credit(invoice)
    refund(payment, Decimal("1089.00"))
    assert (status(invoice), settled_amount(invoice), open_amount(invoice)) == (
        "credited",
        Decimal(0),
        Decimal(0),
    )


def test_stripe_pays_back_what_came_that_way(stripe: StripeServer, invoice: Invoice) -> None:
    payment = pay_online(stripe, invoice)
    credit(invoice, Decimal("100.00"))
    reversal = refund(payment, Decimal("121.00"))
    assert (reversal.status, mails("refund")) == ("queued", [])
    assert refundable_amount(invoice) == 0  # it counts from now on
    drain()
    reversal.refresh_from_db()
    assert reversal.status == "done"
    kept = stripe.account.kept[reversal.external_id or ""]
    assert (kept["amount"], kept["metadata"]) == (12100, {"reversal": str(reversal.pk)})
    [text] = texts("Terugbetaling van factuur")
    assert "kaart of rekening waarmee u betaalde" in text
    send_refund(reversal=reversal, at=timezone.now())
    for event in stripe.account.follow_refund(kept["id"], "succeeded"):
        tell(stripe, event)
    drain()
    assert Reversal.objects.count() == len(mails("refund")) == 1


def test_a_refund_that_stripe_refuses_or_loses_is_to_be_paid_back_again(
    stripe: StripeServer, invoice: Invoice
) -> None:
    payment = pay_online(stripe, invoice)
    credit(invoice)
    first = refund(payment, Decimal("1000.00"))
    stripe.account.kept[payment.external_reference.removeprefix("stripe:")]["status"] = "canceled"
    drain()
    first.refresh_from_db()
    assert first.status == "failed"
    assert "does not have a successful charge" in first.error
    assert refundable_amount(invoice) == GROSS
    assert mails("refund") == []


def test_a_refund_that_fails_days_later_is_to_be_paid_back_again(
    stripe: StripeServer, invoice: Invoice
) -> None:
    payment = pay_online(stripe, invoice)
    credit(invoice)
    reversal = refund(payment, GROSS)
    drain()
    reversal.refresh_from_db()
    for event in stripe.account.follow_refund(reversal.external_id or "", "failed"):
        tell(stripe, event)
    drain()
    reversal.refresh_from_db()
    assert (reversal.status, reversal.error) == ("failed", "expired_or_canceled_card")
    assert refundable_amount(invoice) == GROSS
    assert status(invoice) == "credited"


def test_stripe_down_is_asked_again_and_pays_back_once(stripe: StripeServer, invoice: Invoice) -> None:
    payment = pay_online(stripe, invoice)
    credit(invoice)
    stripe.failure = 503
    reversal = refund(payment, GROSS)
    drain()
    reversal.refresh_from_db()
    assert reversal.status == "queued"
    stripe.failure = 0
    assert ask_refunds_again(timezone.now()) == 0
    later = timezone.now() + timedelta(hours=2)
    # Stripe did it, but we never heard, and its memory of keys has ended.
    stripe.account.handle(
        method="POST",
        path="/v1/refunds",
        headers={"authorization": f"Bearer {KEY}", "stripe-version": API_VERSION},
        body=(
            f"payment_intent={payment.external_reference.removeprefix('stripe:')}&amount=121000"
            f"&metadata[reversal]={reversal.pk}"
        ).encode(),
    )
    assert ask_refunds_again(later) == 1
    drain()
    reversal.refresh_from_db()
    assert reversal.status == "done"
    intent = stripe.account.kept[payment.external_reference.removeprefix("stripe:")]
    assert intent["_refunds"] == [reversal.external_id]


def test_without_stripe_it_goes_back_otherwise(invoice: Invoice) -> None:
    payment = pay(invoice, Decimal("1300.00"))
    with pytest.raises(NotByStripe):
        refund(payment, Decimal("10.00"), method="stripe")


def test_a_refund_made_at_stripe_itself_opens_the_invoice(
    stripe: StripeServer, invoice: Invoice, heard: list[str]
) -> None:
    payment = pay_online(stripe, invoice)
    intent = payment.external_reference.removeprefix("stripe:")
    answer = stripe.account.handle(
        method="POST",
        path="/v1/refunds",
        headers={"authorization": f"Bearer {KEY}", "stripe-version": API_VERSION},
        body=f"payment_intent={intent}&amount=21000".encode(),
    )[1]
    for event in (
        stripe.account.event("refund.created", answer),
        *stripe.account.follow_refund(answer["id"], "succeeded"),
    ):
        tell(stripe, event)
    drain()
    assert (status(invoice), open_amount(invoice)) == ("issued", Decimal("210.00"))
    assert Reversal.objects.get().amount == Decimal("210.00")
    assert heard == ["paid", "reopened"]
    assert Invoice.objects.get(pk=invoice.pk).paid_on is None


def test_open_items_are_as_they_stood_on_the_day(invoice: Invoice) -> None:
    payment = pay(invoice, Decimal("1300.00"), on=TODAY)
    credit(invoice)
    refund(payment, Decimal("1300.00"), returned_on=TODAY + timedelta(days=3), at=NOON + timedelta(days=3))
    assert reckoned(invoice)["settled"] == 0
    [item] = open_items(TODAY + timedelta(days=2))
    assert (item.received, item.returned) == (Decimal("1300.00"), Decimal(0))
    assert not open_items(TODAY + timedelta(days=400)).exists()


def test_what_went_back_is_not_changed_by_hand(invoice: Invoice) -> None:
    reversal = refund(pay(invoice, Decimal("1300.00")), Decimal("10.00"))
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE billing_reversal SET amount = 5 WHERE id = %s", [reversal.pk])


AMOUNTS = st.lists(st.integers(1, 200_000), min_size=1, max_size=5)


@settings(max_examples=15, deadline=None)
@given(AMOUNTS, AMOUNTS, st.integers(0, 100_000))
def test_however_it_comes_and_goes_every_cent_is_somewhere(
    came: list[int], went: list[int], credited: int
) -> None:
    """Received minus gone back is what is settled plus the surplus; nothing goes below zero."""
    with transaction.atomic():
        invoice = issue(at=timezone.now())
        payments = [pay(invoice, Decimal(amount) / 100) for amount in came]
        if credited:
            credit(invoice, Decimal(credited) / 100)
        back = Decimal(0)
        for number, amount in enumerate(went):
            payment = payments[number % len(payments)]
            try:
                back += refund(payment, Decimal(amount) / 100).amount
            except RefundTooHigh:
                continue
        received = sum((Decimal(amount) / 100 for amount in came), Decimal(0))
        assert settled_amount(invoice) + surplus_amount(invoice) == received - back
        assert min(settled_amount(invoice), surplus_amount(invoice), refundable_amount(invoice)) >= 0
        assert reckoned(invoice)["left"] == open_amount(invoice)
        transaction.set_rollback(True)
