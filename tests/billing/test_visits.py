"""Visits to Stripe's page of which no message came: Stripe is asked, and its answer counts as the message."""

from collections.abc import Callable
from datetime import timedelta
from itertools import permutations

import pytest
from django.utils import timezone
from pytest_django import Settings
from wagtail.models import ModelLogEntry

from billing.gateways.stripe import StripeAccount, StripeUnavailable
from billing.models import CheckoutAttempt, Invoice, Payment, PaymentMeans, StripeEvent
from billing.operations.checkout import start_checkout
from billing.operations.stripe_events import EventRefused, apply_event, keep_event
from billing.operations.visits import ask_about_visits, look_up_visit
from cms.models import OutgoingMail
from tests.billing.paying import Event, tell, visit
from tests.billing.test_concurrency import at_once
from tests.factories.billing import issue
from tests.fakes.stripe_api import StripeServer
from tests.queue import drain

Story = Callable[[StripeServer, str], list[Event]]
ONE = timedelta(days=1)


def by_card(stripe: StripeServer, session: str) -> list[Event]:
    return stripe.account.complete(session)


def by_debit(stripe: StripeServer, session: str) -> list[Event]:
    return stripe.account.complete(session, is_debit=True)


def by_debit_that_is_paid(stripe: StripeServer, session: str) -> list[Event]:
    return by_debit(stripe, session) + stripe.account.settle_debit(session, is_paid=True)


def by_debit_that_is_refused(stripe: StripeServer, session: str) -> list[Event]:
    return by_debit(stripe, session) + stripe.account.settle_debit(session, is_paid=False)


def never_paid(stripe: StripeServer, session: str) -> list[Event]:
    stripe.account.kept[session] |= {"status": "expired", "url": None}
    return [stripe.account.event("checkout.session.expired", stripe.account.kept[session])]


STORIES: dict[Story, tuple[str, str, int, int]] = {
    by_card: ("paid", "paid", 1, 0),
    by_debit: ("issued", "pending", 0, 0),
    by_debit_that_is_paid: ("paid", "paid", 1, 0),
    by_debit_that_is_refused: ("issued", "failed", 0, 1),
    never_paid: ("issued", "failed", 0, 0),
}
"""How each ends: invoice, visit, payments, and mails about a debit that was refused."""


def state(invoice: Invoice) -> tuple[str, str, int, int]:
    invoice = Invoice.objects.get(pk=invoice.pk)
    refused = OutgoingMail.objects.filter(template="billing/debit_refused").count()
    return invoice.status, invoice.checkout_attempts.get().status, Payment.objects.count(), refused


def ask(days: int = 3) -> int:
    """Let the clock ask, and the worker hear the answer."""
    asked = ask_about_visits(timezone.now() + days * ONE)
    drain()
    return asked


@pytest.mark.django_db
@pytest.mark.parametrize("story", STORIES)
def test_without_any_message_it_ends_as_the_messages_would_have_ended_it(
    stripe: StripeServer, invoice: Invoice, story: Story
) -> None:
    story(stripe, visit(invoice).session_id or "")
    assert ask() == 1
    assert state(invoice) == STORIES[story]
    assert StripeEvent.objects.get().payload["data"]["object"]["id"].startswith("cs_"), "the proof is kept"


ORDERS = [
    (story, order)
    for story in STORIES
    for order in sorted(
        set(permutations((*range(1 + ("_that_" in story.__name__)), "ask", "ask"), 3)), key=str
    )
]


@pytest.mark.django_db
@pytest.mark.parametrize(("story", "order"), ORDERS)
def test_messages_lost_late_doubled_or_out_of_order_and_the_answer_end_alike(
    stripe: StripeServer, invoice: Invoice, story: Story, order: tuple[int | str, ...]
) -> None:
    attempt = visit(invoice)
    events = story(stripe, attempt.session_id or "")
    for step in (*order, *order):
        if step == "ask":
            look_up_visit(attempt=attempt, at=timezone.now())
        else:
            tell(stripe, events[int(step)])
        drain()
    assert state(invoice) == STORIES[story]
    assert not StripeEvent.objects.exclude(error="").exists()


@pytest.mark.django_db
def test_a_visit_is_asked_about_once_a_day_when_it_should_be_over(
    stripe: StripeServer, invoice: Invoice
) -> None:
    attempt = visit(invoice)
    assert attempt.expires_at
    assert ask_about_visits(attempt.expires_at + timedelta(minutes=59)) == 0
    (event,) = by_debit(stripe, attempt.session_id or "")
    tell(stripe, event)
    drain()
    began, asked = attempt.created_at, len(stripe.requests)
    days = (began + 3 * ONE - timedelta(minutes=1), began + 3 * ONE, began + 3.5 * ONE, began + 4 * ONE)
    assert [ask_about_visits(day) for day in days] == [0, 1, 0, 1]
    drain()
    assert len(stripe.requests) == asked + 4, "the visit and its payment, twice"
    assert state(invoice) == STORIES[by_debit]
    assert StripeEvent.objects.count() == 1, "nothing new"
    stripe.account.settle_debit(attempt.session_id or "", is_paid=True)
    assert [ask(5), ask(6)] == [1, 0]
    assert state(invoice) == STORIES[by_debit_that_is_paid]


@pytest.mark.django_db
def test_a_page_that_stripe_keeps_open_is_left_open(stripe: StripeServer, invoice: Invoice) -> None:
    visit(invoice)
    look_up_visit(attempt=CheckoutAttempt.objects.get(), at=timezone.now())
    assert state(invoice) == ("issued", "open", 0, 0)


@pytest.mark.django_db
def test_what_stripe_does_not_know_brings_nothing_once_no_bank_can_be_at_it(
    stripe: StripeServer, invoice: Invoice, caplog: pytest.LogCaptureFixture
) -> None:
    attempt = visit(invoice)
    kept = dict(stripe.account.kept)
    (event,) = by_debit(stripe, attempt.session_id or "")
    for was, days, expected in (("pending", 13, "pending"), ("pending", 14, "failed"), ("open", 1, "failed")):
        CheckoutAttempt.objects.update(status=was)
        stripe.account.kept.clear()
        look_up_visit(attempt=attempt, at=attempt.created_at + days * ONE)
        assert state(invoice) == ("issued", expected, 0, 0)
    assert "does not know visit" in caplog.text
    lines = ModelLogEntry.objects.filter(action="billing.checkout_lost")
    assert [line.data["amount"] for line in lines] == ["1210.00"] * 2
    stripe.account.kept.update(kept)  # the keys are right again, and the message comes after all
    event["data"]["object"] |= {"payment_status": "paid", "payment_intent": "pi_1"}
    tell(stripe, event)
    drain()
    assert state(invoice) == ("paid", "paid", 1, 0)


@pytest.mark.django_db
def test_no_answer_changes_nothing_and_what_contradicts_our_books_waits_for_staff(
    stripe: StripeServer, invoice: Invoice
) -> None:
    attempt = visit(invoice)
    by_card(stripe, attempt.session_id or "")
    stripe.failure = 503
    with pytest.raises(StripeUnavailable):
        look_up_visit(attempt=attempt, at=timezone.now())
    stripe.failure = 0
    stripe.account.kept[attempt.session_id or ""] |= {"amount_total": 100}
    with pytest.raises(EventRefused):
        look_up_visit(attempt=attempt, at=timezone.now())
    assert ask() == 1
    assert StripeEvent.objects.get().error.startswith("EventRefused"), "once, where staff look"
    assert state(invoice) == ("issued", "open", 0, 0)


@pytest.mark.django_db
def test_what_was_to_be_saved_is_saved_by_the_answer_too(stripe: StripeServer, invoice: Invoice) -> None:
    url = "http://testserver/nl/"
    attempt = start_checkout(invoice=invoice, return_url=url, at=timezone.now(), saves_means=True)
    by_card(stripe, attempt.session_id or "")
    ask()
    assert PaymentMeans.objects.get().is_active


@pytest.mark.django_db
def test_without_keys_nobody_is_asked(stripe: StripeServer, invoice: Invoice, settings: Settings) -> None:
    attempt = visit(invoice)
    settings.STRIPE_SECRET_KEY = ""
    assert ask_about_visits(timezone.now() + ONE) == 0
    assert look_up_visit(attempt=attempt, at=timezone.now()) is None


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("committed_site")
@pytest.mark.parametrize("story", [by_card, by_debit_that_is_paid, by_debit_that_is_refused])
def test_the_message_that_comes_while_we_ask_counts_once(stripe: StripeServer, story: Story) -> None:
    """Twenty workers ask, or apply a message, from the same moment on."""
    invoice, at = issue(at=timezone.now()), timezone.now()
    attempt = visit(invoice)
    events = [keep_event(event=each, at=at) for each in story(stripe, attempt.session_id or "")]

    def work(number: int) -> object:
        event = events[number % len(events)]
        if number % 4 and event:
            return apply_event(event=event, at=at)
        return look_up_visit(attempt=attempt, at=at)

    results = at_once(work)
    assert [each for each in results if isinstance(each, Exception)] == []
    assert state(invoice) == STORIES[story]


@pytest.mark.django_db
@pytest.mark.parametrize("story", [by_card, by_debit_that_is_paid])
def test_the_message_that_comes_between_the_question_and_the_answer_counts_once(
    stripe: StripeServer, invoice: Invoice, monkeypatch: pytest.MonkeyPatch, story: Story
) -> None:
    attempt = visit(invoice)
    events = story(stripe, attempt.session_id or "")
    retrieve = StripeAccount.retrieve_checkout

    def meanwhile(account: StripeAccount, *, session_id: str) -> object:
        answer = retrieve(account, session_id=session_id)
        for event in events:
            kept = keep_event(event=event, at=timezone.now())
            assert kept
            apply_event(event=kept, at=timezone.now())
        return answer

    monkeypatch.setattr(StripeAccount, "retrieve_checkout", meanwhile)
    look_up_visit(attempt=attempt, at=timezone.now())
    assert state(invoice) == STORIES[story]
