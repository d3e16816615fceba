"""Stripe's messages about what is charged without its payer, in shuffled order and doubled: one end state.

A member with a saved card and one with a mandate are built once each; every story goes on from there.
"""

import copy
from collections.abc import Callable, Iterator
from datetime import date

import pytest
from django.db import transaction
from pytest_django import Settings

from billing.models import ChargeTry, PaymentMeans
from membership.models import Membership
from tests.billing.automatic import save_means
from tests.membership.any_order import Story, told_in_any_order
from tests.membership.clock import Clock, run_money, ticking
from tests.membership.life import ONE, member, morning
from tests.queue import drain

pytestmark = pytest.mark.django_db
ENDS = date(2028, 2, 29)
"""The last day of the first term of who joins on FIRST: the day on which the renewal is charged."""


@pytest.fixture
def clock(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    with ticking(settings, monkeypatch, run_money) as made:
        yield made


def saved() -> PaymentMeans:
    return PaymentMeans.objects.get()


def is_charged(story: Story, on: date = ENDS, refusal: str = "") -> str:
    """Let the day come on which Stripe is asked; keep what it says of it, and return the charge."""
    if refusal or not saved().is_debit:
        story.account.kept[saved().stripe_id] |= {"_refusal": refusal}
    story.clock.moment = morning(on)
    story.clock.run(on)
    drain()
    story.happens()
    return ChargeTry.objects.latest("pk").intent_id or ""


def settles(story: Story, charge: str, *, is_paid: bool) -> None:
    story.clock.moment += 4 * ONE
    story.account.settle_charge(charge, is_paid=is_paid)
    story.happens()


def is_disputed(story: Story, charge: str) -> None:
    story.clock.moment += 10 * ONE
    for end in ("needs_response", "lost"):
        for event in story.account.dispute(charge, status=end):
            story.happens(event)


def charged(story: Story) -> None:
    is_charged(story)


def charged_and_disputed(story: Story) -> None:
    is_disputed(story, is_charged(story))


def refused_then_charged(story: Story) -> None:
    is_charged(story, refusal="insufficient_funds")
    is_charged(story, ENDS + 3 * ONE)


def refused_to_the_end(story: Story) -> None:
    for days in (0, 3, 7):
        is_charged(story, ENDS + days * ONE, refusal="insufficient_funds")


def detached_before_the_day(story: Story) -> None:
    story.account.detach(saved().stripe_id)
    story.happens()


def charged_and_detached(story: Story) -> None:
    is_charged(story)
    story.account.detach(saved().stripe_id)
    story.happens()


def renewed_then_detached(story: Story) -> None:
    story.account.renew_card(saved().stripe_id, 2035)
    story.happens()
    story.account.detach(saved().stripe_id)
    story.happens()


def debited(story: Story) -> None:
    settles(story, is_charged(story), is_paid=True)


def debit_refused(story: Story) -> None:
    settles(story, is_charged(story), is_paid=False)


def debited_and_disputed(story: Story) -> None:
    charge = is_charged(story)
    settles(story, charge, is_paid=True)
    is_disputed(story, charge)


def mandate_withdrawn(story: Story) -> None:
    story.account.withdraw_mandate(saved().mandate_id)
    story.happens()


def debited_and_withdrawn(story: Story) -> None:
    charge = is_charged(story)
    story.account.withdraw_mandate(saved().mandate_id)
    story.happens()
    settles(story, charge, is_paid=True)


def withdrawn_and_refused(story: Story) -> None:
    charge = is_charged(story)
    story.account.withdraw_mandate(saved().mandate_id)
    story.happens()
    settles(story, charge, is_paid=False)


End = tuple[str, str, str]
"""How the renewal's invoice, its automatic payment and the membership stand."""
STORIES: dict[str, dict[Callable[[Story], None], End]] = {
    "card": {
        charged: ("paid", "paid", "active"),
        charged_and_disputed: ("overdue", "paid", "past_due"),
        refused_then_charged: ("paid", "paid", "active"),
        refused_to_the_end: ("issued", "given_up", "active"),
        detached_before_the_day: ("issued", "stopped", "active"),
        charged_and_detached: ("paid", "paid", "active"),
        renewed_then_detached: ("issued", "stopped", "active"),
    },
    "sepa_debit": {
        debited: ("paid", "paid", "active"),
        debit_refused: ("issued", "planned", "active"),
        debited_and_disputed: ("overdue", "paid", "past_due"),
        mandate_withdrawn: ("issued", "stopped", "active"),
        debited_and_withdrawn: ("paid", "paid", "active"),
        withdrawn_and_refused: ("issued", "stopped", "active"),
    },
}
OTHERWISE: dict[Callable[[Story], None], tuple[str, ...]] = {
    withdrawn_and_refused: ("billing/charge_refused", "billing/charge_given_up")
}
"""Mails of which the payer gets one or the other: either says that it is refused, and what is to be paid."""


@pytest.mark.parametrize("kind", STORIES)
def test_messages_about_charges_in_any_order_and_doubled_end_in_the_same_state(
    clock: Clock, kind: str
) -> None:
    customer = member().organisation.customer
    assert customer
    save_means(clock.stripe, customer, kind, at=clock.moment)
    for days in (30, 7):
        clock.go(ENDS - days * ONE, since=ENDS - days * ONE)
    kept, moment = copy.deepcopy(dict(clock.stripe.account.kept)), clock.moment
    for happens, expected in STORIES[kind].items():
        savepoint = transaction.savepoint()
        story = Story(clock)
        happens(story)
        end = told_in_any_order(clock, story, OTHERWISE.get(happens, ()))
        found = (end.documents[-1][2], end.plans[0][1], end.membership[0][0])
        assert (found, Membership.objects.count(), end.waiting) == (expected, 1, []), happens.__name__
        transaction.savepoint_rollback(savepoint)
        clock.stripe.account.kept.clear()
        clock.stripe.account.kept.update(copy.deepcopy(kept))
        clock.stripe.account.told.clear()
        clock.moment = moment
