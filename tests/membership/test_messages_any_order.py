"""Stripe's messages in shuffled order and doubled: whatever the order, the whole end state is the same."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from pytest_django import Settings

from membership.models import Membership
from tests.membership.any_order import Story, told_in_any_order
from tests.membership.clock import Clock, run_money, ticking
from tests.membership.life import join
from tests.queue import drain

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    with ticking(settings, monkeypatch, run_money) as made:
        yield made


def by_card(story: Story) -> None:
    story.happens(*story.account.complete(story.visit()))
    story.happens(story.about("succeeded"))


def by_card_that_is_saved(story: Story) -> None:
    story.happens(*story.account.complete(story.visit(saves=True)))
    story.happens(story.about("succeeded"))


def card_that_is_saved_then_detached(story: Story) -> None:
    by_card_that_is_saved(story)
    (means,) = [name for name in story.account.kept if name.startswith("pm_")]
    story.account.detach(means)
    story.happens()


def mandate_that_is_saved_then_withdrawn(story: Story) -> None:
    by_debit(story, saves=True)
    (mandate,) = [name for name in story.account.kept if name.startswith("mandate_")]
    story.account.withdraw_mandate(mandate)
    story.happens()


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


STORIES: dict[Callable[[Story], None], tuple[str, str]] = {
    by_card: ("paid", "active"),
    by_card_that_is_saved: ("paid", "active"),
    card_that_is_saved_then_detached: ("paid", "active"),
    mandate_that_is_saved_then_withdrawn: ("paid", "active"),
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


@pytest.mark.parametrize("happens", STORIES, ids=lambda story: story.__name__)
def test_messages_in_any_order_and_doubled_end_in_the_same_state(
    clock: Clock, happens: Callable[[Story], None]
) -> None:
    join(clock.today)
    drain()
    story = Story(clock)
    happens(story)
    end = told_in_any_order(clock, story)
    assert (end.documents[-1][2], Membership.objects.count(), end.waiting) == (STORIES[happens][0], 1, [])
    assert end.membership[0][0] == STORIES[happens][1]
