"""A story that Stripe tells message by message, told in shuffled order and doubled: it ends the same way."""

import copy
import itertools
import random
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction

from billing.models import (
    AutomaticPayment,
    ChargeTry,
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
from tests.membership.clock import Clock
from tests.membership.life import groups
from tests.queue import drain

ORDERS = 8
"""So many orders of more messages than can be told in all of them."""


class Story:
    """What happens at Stripe to the first invoice of who joins, message by message, a minute apart."""

    def __init__(self, clock: Clock) -> None:
        self.clock, self.account = clock, clock.stripe.account
        self.invoice = Invoice.documents.earliest("pk")
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


@dataclass(frozen=True)
class Outcome:
    """The whole end state, as plain values that can be compared."""

    documents: list[Any]
    money: list[Any]
    attempts: list[Any]
    membership: list[Any]
    means: list[Any]
    plans: list[Any]
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
        means=list(
            PaymentMeans.objects.order_by("pk").values_list(
                "kind", "last4", "status", "stripe_id", "ended_because"
            )
        ),
        plans=[
            *AutomaticPayment.objects.order_by("pk").values_list(
                "invoice__number",
                "status",
                "next_on",
                "tries",
                "failed",
                "stopped_because",
                "means__stripe_id",
            ),
            *ChargeTry.objects.order_by("pk").values_list("number", "status", "amount", "intent_id", "code"),
        ],
        mails=Counter(OutgoingMail.objects.values_list("template", "recipient", "subject")),
        waiting=list(StripeEvent.objects.filter(applied_at=None).values_list("type", "error")),
    )


PASSING = ("billing/payment_returned", "billing/refund", "membership/past_due")
"""Mails about a state that has passed when it is known that it did: told once, or not at all."""


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


def told_in_any_order(clock: Clock, story: Story, passing: Collection[str] = ()) -> Outcome:
    """Tell what happened as it happened, and in other orders; each ends in the state that is returned.

    `passing` are more mails that are told once or not at all.
    """
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
    for (order, _works), other in zip(orders(story.events), found, strict=True):
        told = [event["type"] for event in order]
        for name in ("documents", "money", "attempts", "membership", "means", "plans", "waiting"):
            assert getattr(other, name) == getattr(first, name), (name, told)
        for mail in {*first.mails, *other.mails}:
            passes = mail[0] in {*PASSING, *passing} and other.mails[mail] < 2
            assert other.mails[mail] == first.mails[mail] or passes, (mail, told)
    return first
