"""Stripe's messages in shuffled order and doubled: whatever the order, the whole end state is the same."""

import copy
import itertools
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from pytest_django import Settings

from billing.models import (
    CheckoutAttempt,
    Invoice,
    Payment,
    PaymentMeans,
    Reversal,
    StripeEvent,
)
from billing.operations.checkout import start_checkout
from billing.queries import open_amount, refundable_amount, settled_amount, surplus_amount
from cms.models import OutgoingMail
from demo.stand_in.base import API_VERSION
from membership.models import Affiliation, Charge, Membership
from tests.billing.automatic import hear
from tests.billing.paying import Event, tell
from tests.fakes.stripe_api import KEY
from tests.membership.clock import Clock, run_money, ticking
from tests.membership.life import groups, join
from tests.queue import drain

pytestmark = pytest.mark.django_db
ORDERS = 8
"""So many orders of more messages than can be told in all of them."""


@pytest.fixture
def clock(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    with ticking(settings, monkeypatch, run_money) as made:
        yield made


class Story:
    """What happens at Stripe to the first invoice of who joins, message by message, a minute apart."""

    def __init__(self, clock: Clock) -> None:
        self.clock, self.account = clock, clock.stripe.account
        self.invoice = Invoice.documents.get()
        self.events: list[Event] = []

    def visit(self, *, saves: bool = False) -> str:
        """Open the pay page; returns its session."""
        attempt = start_checkout(
            invoice=self.invoice, return_url="http://testserver/nl/", at=self.clock.moment, saves_means=saves
        )
        return attempt.session_id or ""

    def happens(self, *events: Event) -> None:
        """Keep what Stripe has to say of what happened just now."""
        self.events += [*events, *self.account.told]
        self.account.told.clear()
        self.clock.moment += timedelta(minutes=1)

    def about(self, kind: str) -> Event:
        """Make a message about the last payment, as Stripe sends of every payment."""
        (intent,) = [each for name, each in self.account.kept.items() if name.startswith("pi_")]
        return self.account.event(f"payment_intent.{kind}", intent)

    def refund(self, amount: int) -> dict[str, Any]:
        """Pay back at Stripe itself, in cents; returns the refund."""
        (intent,) = [name for name in self.account.kept if name.startswith("pi_")]
        status, refund = self.account.handle(
            method="POST",
            path="/v1/refunds",
            headers={"authorization": f"Bearer {KEY}", "stripe-version": API_VERSION},
            body=f"payment_intent={intent}&amount={amount}".encode(),
        )
        assert status == 200
        return refund


def by_card(story: Story) -> None:
    story.happens(*story.account.complete(story.visit()))
    story.happens(story.about("succeeded"))


def by_card_that_is_saved(story: Story) -> None:
    story.happens(*story.account.complete(story.visit(saves=True)))
    story.happens(story.about("succeeded"))


def by_debit(story: Story, *, is_paid: bool = True, saves: bool = False) -> None:
    session = story.visit(saves=saves)
    story.happens(*story.account.complete(session, is_debit=True), story.about("processing"))
    story.clock.moment += timedelta(days=3)
    story.happens(*story.account.settle_debit(session, is_paid=is_paid))
    story.happens(story.about("succeeded" if is_paid else "payment_failed"))


def by_debit_that_is_saved(story: Story) -> None:
    by_debit(story, saves=True)


def debit_refused(story: Story) -> None:
    by_debit(story, is_paid=False)


def second_visit(story: Story) -> None:
    left = story.visit()
    story.account.kept[left] |= {"status": "expired", "url": None}
    story.happens(story.account.event("checkout.session.expired", story.account.kept[left]))
    story.happens(*story.account.complete(story.visit()))


def refunded_in_part(story: Story) -> None:
    by_card(story)
    story.clock.moment += timedelta(days=1)
    refund = story.refund(21_000)
    story.happens(story.account.event("refund.created", refund | {"status": "pending"}))
    story.happens(*story.account.follow_refund(refund["id"], "succeeded"))
    story.happens(story.account.event("charge.refund.updated", story.account.kept[refund["id"]]))


def refund_that_fails(story: Story) -> None:
    by_card(story)
    refund = story.refund(21_000)
    story.happens(story.account.event("refund.created", refund))
    story.clock.moment += timedelta(days=4)
    story.happens(*story.account.follow_refund(refund["id"], "failed"))


def disputed(story: Story, end: str, days: int) -> None:
    session = story.visit()
    story.happens(*story.account.complete(session))
    story.clock.moment += timedelta(days=days)
    for event in story.account.dispute(session):
        story.happens(event)
    story.clock.moment += timedelta(days=5)
    for event in story.account.dispute(session, status=end):
        story.happens(event)


def dispute_lost(story: Story) -> None:
    disputed(story, "lost", 2)


def dispute_won(story: Story) -> None:
    disputed(story, "won", 2)


def dispute_lost_when_overdue(story: Story) -> None:
    disputed(story, "lost", 40)


def debit_disputed(story: Story) -> None:
    by_debit(story)
    story.clock.moment += timedelta(days=10)
    (intent,) = [name for name in story.account.kept if name.startswith("pi_")]
    for event in story.account.dispute(intent):
        story.happens(event)


@dataclass(frozen=True)
class Outcome:
    """The whole end state, as plain values that can be compared."""

    documents: list[Any]
    money: list[Any]
    attempts: list[Any]
    membership: list[Any]
    means: list[Any]
    mails: Counter[tuple[str, str, str]]
    waiting: list[Any]


def outcome() -> Outcome:
    documents = list(Invoice.documents.order_by("pk"))
    sums = (open_amount, settled_amount, surplus_amount, refundable_amount)
    return Outcome(
        documents=[
            (
                each.number,
                each.kind,
                each.status,
                each.paid_on,
                each.gross,
                *(reckon(each) for reckon in sums),
            )
            for each in documents
        ],
        money=[
            *Payment.objects.order_by("pk").values_list(
                "invoice__number", "amount", "method", "surplus", "received_on", "external_reference"
            ),
            *Reversal.objects.order_by("pk").values_list(
                "kind", "amount", "of_surplus", "status", "returned_on", "external_id", "reason"
            ),
        ],
        attempts=list(CheckoutAttempt.objects.order_by("pk").values_list("number", "status", "amount")),
        membership=[
            *Membership.objects.values_list("status", "tier__slug", "starts_on", "ends_on", "lapses_on"),
            *Charge.objects.values_list("purpose", "term_starts_on", "invoice__number", "voided_at"),
            *Affiliation.objects.values_list("user__email", "role", "ended_at"),
            *(sorted(groups()) if Affiliation.objects.exists() else ()),
        ],
        means=list(PaymentMeans.objects.values_list("kind", "last4", "status", "stripe_id")),
        mails=Counter(OutgoingMail.objects.values_list("template", "recipient", "subject")),
        waiting=list(StripeEvent.objects.filter(applied_at=None).values_list("type", "error")),
    )


PASSING = ("billing/payment_returned", "billing/refund", "membership/past_due")
"""Mails about a state that has passed when it is known that it did: told once, or not at all."""

STORIES: dict[Callable[[Story], None], tuple[str, str]] = {
    by_card: ("paid", "active"),
    by_card_that_is_saved: ("paid", "active"),
    by_debit: ("paid", "active"),
    by_debit_that_is_saved: ("paid", "active"),
    debit_refused: ("issued", "awaiting_payment"),
    second_visit: ("paid", "active"),
    refunded_in_part: ("issued", "active"),
    refund_that_fails: ("paid", "active"),
    dispute_lost: ("issued", "active"),
    dispute_won: ("paid", "active"),
    dispute_lost_when_overdue: ("overdue", "past_due"),
    debit_disputed: ("issued", "active"),
}


def orders(events: list[Event]) -> Iterator[tuple[list[Event], set[int]]]:
    """Yield the messages as they happened, then in other orders, with those after which the worker works.

    Some are told twice; in each second order all of them, once more under another number, which applies them
    again. The others show that what came too early is not lost.
    """
    yield events, set(range(len(events)))
    chance = random.Random(20270301)
    all_orders = [*itertools.permutations(events)] if len(events) < 5 else []
    for number in range(ORDERS):
        order = [*events]
        chance.shuffle(order)
        if number % 2:
            order += [{**each, "id": f"{each['id']}_again"} for each in events]
            chance.shuffle(order)
        elif all_orders:
            order = [*all_orders[-1 - number // 2 % len(all_orders)]]
        order += chance.sample(order, len(order) // 2)
        yield order, {place for place in range(len(order)) if chance.random() < number / ORDERS}


@pytest.mark.parametrize("happens", STORIES, ids=lambda story: story.__name__)
def test_messages_in_any_order_and_doubled_end_in_the_same_state(
    clock: Clock, happens: Callable[[Story], None]
) -> None:
    join(clock.today)
    drain()
    story = Story(clock)
    happens(story)
    kept, found = copy.deepcopy(dict(story.account.kept)), list[Outcome]()
    for order, works_after in orders(story.events):
        savepoint = transaction.savepoint()
        for place, event in enumerate(order):
            assert tell(clock.stripe, event) == 200
            if place in works_after:
                drain()
        drain()
        hear(clock.stripe)
        found.append(outcome())
        transaction.savepoint_rollback(savepoint)
        story.account.kept.clear()
        story.account.kept.update(copy.deepcopy(kept))
    first = found[0]
    assert (first.documents[-1][2], Membership.objects.count(), first.waiting) == (STORIES[happens][0], 1, [])
    assert first.membership[0][0] == STORIES[happens][1]
    for (order, _works), other in zip(orders(story.events), found, strict=True):
        told = [event["type"] for event in order]
        for name in ("documents", "money", "attempts", "membership", "means", "waiting"):
            assert getattr(other, name) == getattr(first, name), (name, told)
        for mail in {*first.mails, *other.mails}:
            passes = mail[0] in PASSING and other.mails[mail] < 2
            assert other.mails[mail] == first.mails[mail] or passes, (mail, told)
