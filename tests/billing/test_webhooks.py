"""Paying online: from the visit to Stripe's page to the recorded payment.

All orders in which it may be told: tests/membership/test_messages_any_order.py.
"""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from pytest_django import Settings
from stripe import api_version
from wagtail.tasks import update_reference_index_task

from billing.gateways.stripe import API_VERSION, CheckoutSession, StripeAccount, StripeUnavailable
from billing.models import CheckoutAttempt, Customer, Invoice, Payment, StripeEvent
from billing.operations.checkout import NothingToPay, OnlinePaymentOff, PaymentUnderWay
from billing.operations.customers import change_customer
from billing.operations.invoices import record_payment
from tests.billing.paying import Event, tell, visit
from tests.factories.billing import issue
from tests.fakes.stripe_api import StripeServer
from tests.queue import drain

pytestmark = pytest.mark.django_db


def state(invoice: Invoice) -> tuple[str, str, int]:
    invoice = Invoice.objects.get(pk=invoice.pk)
    return invoice.status, invoice.checkout_attempts.latest("number").status, Payment.objects.count()


def test_a_card_payment_settles_the_invoice_and_the_return_of_the_browser_does_not(
    stripe: StripeServer, invoice: Invoice, client: Client
) -> None:
    attempt = visit(invoice)
    (event,) = stripe.account.complete(attempt.session_id or "")
    assert state(invoice) == ("issued", "open", 0)
    assert tell(stripe, event) == 200
    assert state(invoice) == ("issued", "open", 0)
    drain()
    assert state(invoice) == ("paid", "paid", 1)
    payment = Payment.objects.get()
    assert (payment.amount, payment.method, payment.surplus) == (Decimal("1210.00"), "stripe", Decimal(0))
    assert payment.external_reference.startswith("stripe:pi_")


def test_a_payment_does_not_wait_for_indexing(stripe: StripeServer, invoice: Invoice) -> None:
    update_reference_index_task.enqueue("billing", "invoice", str(invoice.pk))
    (event,) = stripe.account.complete(visit(invoice).session_id or "")
    tell(stripe, event)
    waiting = [result.task_path for result in DBTaskResult.objects.ready()]
    assert waiting[0] == "billing.tasks.apply_stripe_event"
    assert "wagtail.tasks.update_reference_index_task" in waiting


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_refused_debit_leaves_the_invoice_open(
    stripe: StripeServer, invoice: Invoice, order: tuple[int, int]
) -> None:
    attempt = visit(invoice)
    session_id = attempt.session_id or ""
    events = stripe.account.complete(session_id, is_debit=True)
    tell(stripe, events[0]) if order == (0, 1) else None
    drain()
    assert state(invoice) in (("issued", "pending", 0), ("issued", "open", 0))
    events += stripe.account.settle_debit(session_id, is_paid=False)
    for number in order:
        tell(stripe, events[number])
    drain()
    assert state(invoice) == ("issued", "failed", 0)
    assert visit(invoice).number == 2


def test_the_message_may_come_before_stripes_own_answer_is_written_down(
    stripe: StripeServer, invoice: Invoice
) -> None:
    attempt = visit(invoice)
    session_id = attempt.session_id or ""
    CheckoutAttempt.objects.update(session_id=None, status="started")
    tell(stripe, stripe.account.complete(session_id)[0])
    drain()
    assert state(invoice) == ("paid", "paid", 1)


def test_forged_is_refused_unknown_is_kept(stripe: StripeServer, invoice: Invoice) -> None:
    attempt = visit(invoice)
    (event,) = stripe.account.complete(attempt.session_id or "")
    assert tell(stripe, event, signature="t=1,v1=00") == 400
    assert tell(stripe, event, signature="") == 400
    assert not StripeEvent.objects.exists()
    assert tell(stripe, stripe.account.event("radar.early_fraud_warning.created", {"id": "x"})) == 200
    foreign = stripe.account.event("checkout.session.completed", {"id": "cs_of_another_site", "metadata": {}})
    assert tell(stripe, foreign) == 200
    drain()
    assert [event.outcome for event in StripeEvent.objects.order_by("pk")] == [
        "nothing to do for this kind of message",
        "not about one of our invoices",
    ]
    assert Client().get("/webhooks/stripe/").status_code == 405


@pytest.mark.parametrize(
    ("version", "note"),
    [
        (API_VERSION, ""),
        (None, ""),
        ("2019-02-19", f"; told in version 2019-02-19, read as {API_VERSION}"),
    ],
)
def test_a_message_in_another_version_of_the_api_is_applied_and_noted(
    stripe: StripeServer,
    invoice: Invoice,
    caplog: pytest.LogCaptureFixture,
    version: str | None,
    note: str,
) -> None:
    (event,) = stripe.account.complete(visit(invoice).session_id or "")
    assert event["api_version"] == API_VERSION
    event["api_version"] = version
    assert tell(stripe, event) == tell(stripe, event) == 200
    drain()
    assert state(invoice) == ("paid", "paid", 1)
    kept = StripeEvent.objects.get()
    assert kept.outcome.endswith(note)
    assert ("told in version" in kept.outcome) is bool(note)
    assert caplog.text.count("told in version") == bool(note)


def test_our_version_of_the_api_is_that_of_the_types_of_the_package() -> None:
    assert api_version == API_VERSION
    assert API_VERSION in (Path(__file__).resolve().parents[2] / "docs/configuration.md").read_text()


@pytest.mark.parametrize(
    "change",
    [
        {"amount_total": 100},
        {"currency": "usd"},
        {"metadata": {"invoice": "999999", "attempt": "1"}},
        {"metadata": {"invoice": "x", "attempt": "1"}},
        {"id": "cs_test_other"},
    ],
)
def test_what_contradicts_our_books_waits_and_undoes_nothing(
    stripe: StripeServer, invoice: Invoice, change: Event
) -> None:
    attempt = visit(invoice)
    (event,) = stripe.account.complete(attempt.session_id or "")
    event["data"]["object"] |= change
    assert tell(stripe, event) == 200
    drain()
    kept = StripeEvent.objects.get()
    assert kept.applied_at is None
    assert kept.error.startswith("EventRefused")
    assert state(invoice) == ("issued", "open", 0)


def test_what_waited_is_replayed_once(
    stripe: StripeServer, invoice: Invoice, capsys: pytest.CaptureFixture[str]
) -> None:
    attempt = visit(invoice)
    (event,) = stripe.account.complete(attempt.session_id or "")
    CheckoutAttempt.objects.update(amount=Decimal("1.00"))
    tell(stripe, event)
    drain()
    CheckoutAttempt.objects.update(amount=Decimal("1210.00"))
    call_command("replay_stripe_events")
    call_command("replay_stripe_events")
    assert capsys.readouterr().out.count("1210.00 EUR recorded") == 1
    assert state(invoice) == ("paid", "paid", 1)
    assert StripeEvent.objects.get().error == ""


def test_an_open_visit_is_used_again_until_the_amount_changes(stripe: StripeServer, invoice: Invoice) -> None:
    first = visit(invoice)
    assert visit(invoice) == first
    record_payment(
        invoice=invoice,
        amount=Decimal("210.00"),
        method="transfer",
        received_on=timezone.localdate(),
        external_reference="bank:1",
        by=None,
        at=timezone.now(),
    )
    second = visit(invoice)
    assert (second.number, second.amount) == (2, Decimal("1000.00"))
    CheckoutAttempt.objects.update(expires_at=timezone.now() + timedelta(minutes=1))
    assert visit(invoice).number == 3


def test_who_has_paid_is_not_led_to_pay_again_before_the_message_comes(
    stripe: StripeServer, invoice: Invoice
) -> None:
    attempt = visit(invoice)
    (event,) = stripe.account.complete(attempt.session_id or "", is_debit=True)
    with pytest.raises(PaymentUnderWay):
        visit(invoice)
    tell(stripe, event)
    drain()
    assert state(invoice) == ("issued", "pending", 0)
    with pytest.raises(PaymentUnderWay):
        visit(invoice)


@pytest.mark.parametrize("first_answered", [True, False])
def test_of_visits_begun_at_the_same_time_one_is_left_to_pay_in(
    stripe: StripeServer, invoice: Invoice, monkeypatch: pytest.MonkeyPatch, first_answered: bool
) -> None:
    """Two tabs, or a double click: the second asks while Stripe still answers the first."""
    create = StripeAccount.create_checkout
    begun: list[str] = []
    others: list[CheckoutAttempt] = []

    def meanwhile(account: StripeAccount, **words: Any) -> CheckoutSession:
        made = create(account, **words) if first_answered else None
        begun.append(words["idempotency_key"])
        if len(begun) == 1:
            others.append(visit(invoice))
        return made or create(account, **words)

    monkeypatch.setattr(StripeAccount, "create_checkout", meanwhile)
    ours = visit(invoice)
    sessions = [thing for name, thing in stripe.account.kept.items() if name.startswith("cs_")]
    assert sorted(session["status"] for session in sessions) == ["expired", "open"]
    assert [ours] == others, "both tabs are at the page that is open"
    assert stripe.account.kept[ours.session_id or ""]["status"] == "open"
    assert visit(invoice) == ours


def test_a_visit_that_stripe_closed_makes_room_for_the_next(stripe: StripeServer, invoice: Invoice) -> None:
    attempt = visit(invoice)
    stripe.account.kept[attempt.session_id or ""]["status"] = "expired"
    assert visit(invoice).number == 2
    attempt.refresh_from_db()
    assert attempt.status == "failed"


def test_paid_by_transfer_the_pay_page_closes(stripe: StripeServer, invoice: Invoice) -> None:
    attempt = visit(invoice)
    record_payment(
        invoice=invoice,
        amount=Decimal("1210.00"),
        method="transfer",
        received_on=timezone.localdate(),
        external_reference="bank:1",
        by=None,
        at=timezone.now(),
    )
    drain()
    assert stripe.account.kept[attempt.session_id or ""]["status"] == "expired"
    assert state(invoice) == ("paid", "failed", 1)
    with pytest.raises(NothingToPay):
        visit(invoice)


def test_stripe_down_leaves_a_started_attempt_and_the_next_one_works(
    stripe: StripeServer, invoice: Invoice
) -> None:
    stripe.failure = 503
    with pytest.raises(StripeUnavailable):
        visit(invoice)
    assert state(invoice) == ("issued", "started", 0)
    stripe.failure = 0
    assert visit(invoice).number == 2


def test_a_customer_is_one_at_stripe_and_told_of_when_it_changes(
    stripe: StripeServer, invoice: Invoice
) -> None:
    visit(invoice)
    number = Customer.objects.get().stripe_id
    assert number
    assert stripe.account.kept[number]["metadata"] == {"customer": str(invoice.customer_id)}
    asked = len(stripe.requests)
    other = issue(customer=Customer.objects.get(), at=timezone.now())
    visit(other)
    assert len(stripe.requests) == asked + 1  # the session alone
    customer = Customer.objects.get()
    change_customer(customer=customer, details={"email": "nieuw@demo.example"}, at=timezone.now(), by=None)
    visit(issue(customer=Customer.objects.get(), at=timezone.now()))
    assert stripe.account.kept[number]["email"] == "nieuw@demo.example"
    assert Customer.objects.get().stripe_id == number


def test_another_name_after_an_answer_that_was_lost_is_another_request(
    stripe: StripeServer, invoice: Invoice
) -> None:
    """Stripe refuses a key that comes back with other words."""
    visit(invoice)
    Customer.objects.update(stripe_id=None, stripe_details={})
    customer = Customer.objects.get()
    change_customer(customer=customer, details={"email": "nieuw@demo.example"}, at=timezone.now(), by=None)
    visit(issue(customer=Customer.objects.get(), at=timezone.now()))
    number = Customer.objects.get().stripe_id
    assert stripe.account.kept[number or ""]["email"] == "nieuw@demo.example"


@pytest.mark.parametrize("has_changed", [True, False])
def test_a_customer_that_stripe_lost_is_made_anew(
    stripe: StripeServer, invoice: Invoice, has_changed: bool
) -> None:
    Customer.objects.update(stripe_id="cus_gone")
    if not has_changed:
        customer = Customer.objects.get()
        told = {"name": customer.name, "email": customer.email, "locale": customer.language}
        Customer.objects.update(stripe_details=told)
    attempt = visit(Invoice.objects.get())
    number = Customer.objects.get().stripe_id
    assert number not in (None, "cus_gone")
    assert stripe.account.kept[attempt.session_id or ""]["customer"] == number


def test_a_visit_that_stripe_does_not_know_is_begun_anew(stripe: StripeServer, invoice: Invoice) -> None:
    """The keys were changed: nobody has to wait until the visit would have expired."""
    lost = visit(invoice)
    stripe.account.kept.clear()
    found = visit(Invoice.objects.get())
    assert (found.number, found.session_id in stripe.account.kept) == (2, True)
    lost.refresh_from_db()
    assert lost.status == "failed"


def test_without_keys_nothing_is_paid_online(settings: Settings, invoice: Invoice) -> None:
    settings.STRIPE_SECRET_KEY = settings.STRIPE_WEBHOOK_SECRET = ""
    with pytest.raises(OnlinePaymentOff):
        visit(invoice)
    assert Client().post("/webhooks/stripe/", b"{}", content_type="application/json").status_code == 503
