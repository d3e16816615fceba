"""Charging what was announced: each outcome, told twice and in any order, and what it never does."""

from datetime import timedelta
from decimal import Decimal
from itertools import permutations

import pytest
from django.utils import timezone

from billing.gateways.stripe import StripeUnavailable
from billing.models import (
    AutomaticPayment,
    ChargeTry,
    Invoice,
    Payment,
    PaymentMeans,
    StripeEvent,
)
from billing.operations.charges import begin_charges, look_up_charge, send_charge
from billing.operations.checkout import PaymentUnderWay, start_checkout
from billing.operations.delivery import send_invoice
from billing.operations.dunning import hold_dunning
from billing.operations.invoices import credit_invoice
from billing.operations.means import end_means
from billing.operations.overdue import mark_overdue
from billing.operations.plans import NotStoppable, stop_payment
from billing.queries import Obstacle, is_being_paid, reminder_obstacle
from demo.stand_in.base import kept_as
from tests.billing.automatic import DAY, fresh, hear, noon, planned, run, tries
from tests.billing.paying import pay, tell, texts, visit
from tests.fakes.stripe_api import StripeServer
from tests.queue import drain

pytestmark = pytest.mark.django_db
Plan, Because = AutomaticPayment.Status, AutomaticPayment.Because
ONE = timedelta(days=1)


def state(plan: AutomaticPayment) -> tuple[str, str, int]:
    plan = AutomaticPayment.objects.select_related("invoice").get(pk=plan.pk)
    return plan.status, plan.invoice.status, Payment.objects.count()


def test_a_card_is_charged_on_its_day_and_not_before(stripe: StripeServer) -> None:
    plan = planned(stripe)
    assert state(run(stripe, DAY - ONE)) == ("planned", "issued", 0)
    assert tries() == []
    assert state(run(stripe, DAY)) == ("paid", "paid", 1)
    payment = Payment.objects.get()
    assert (payment.amount, payment.method) == (Decimal("1210.00"), "stripe")
    for day in range(1, 40):
        run(stripe, DAY + day * ONE)
    assert (state(plan), tries()) == (("paid", "paid", 1), [(1, "paid", "")])


@pytest.mark.parametrize("order", list(permutations(range(2))))
def test_a_debit_waits_for_the_bank_and_nothing_else_happens_meanwhile(
    stripe: StripeServer, order: tuple[int, int]
) -> None:
    plan = planned(stripe, "sepa_debit")
    begin_charges(noon(DAY))
    drain()
    assert state(plan) == ("under_way", "issued", 0)
    intent = ChargeTry.objects.get().intent_id or ""
    stripe.account.settle_charge(intent, is_paid=True)
    mark_overdue(noon(DAY + 5 * ONE))
    assert fresh(plan.invoice).status == "issued"
    assert Invoice.objects.filter(is_being_paid("pk")).exists()
    with pytest.raises(PaymentUnderWay):
        visit(plan.invoice)
    with pytest.raises(NotStoppable):
        stop_payment(plan=plan, because=Because.PAYER, at=noon(DAY), by=None)
    events = list(stripe.account.told)
    stripe.account.told.clear()
    for number in (*order, *order):
        tell(stripe, events[number])
        drain()
    assert (state(plan), tries()) == (("paid", "paid", 1), [(1, "paid", "")])


def test_a_debit_that_nobody_hears_of_is_late_after_a_fortnight(stripe: StripeServer) -> None:
    plan = planned(stripe, "sepa_debit")
    begin_charges(noon(DAY))
    drain()
    mark_overdue(noon(DAY + 15 * ONE))
    assert fresh(plan.invoice).status == "overdue"
    assert reminder_obstacle(fresh(plan.invoice), noon(DAY + 16 * ONE)) == Obstacle.PENDING


def test_the_ladder_of_a_refused_card_tries_twice_more_and_asks_for_a_transfer(stripe: StripeServer) -> None:
    plan = planned(stripe, refusal="insufficient_funds")
    assert run(stripe, DAY).next_on == DAY + 3 * ONE
    (first,) = texts("geweigerd")
    assert "niet genoeg geld" in first
    assert "4\N{NO-BREAK SPACE}december\N{NO-BREAK SPACE}2026" in first
    assert "+++" in first
    mark_overdue(noon(DAY + ONE))
    assert fresh(plan.invoice).status == "overdue"
    assert reminder_obstacle(fresh(plan.invoice), noon(DAY + 2 * ONE)) == Obstacle.PENDING
    run(stripe, DAY + 2 * ONE)
    assert len(tries()) == 1
    assert run(stripe, DAY + 3 * ONE).next_on == DAY + 7 * ONE
    last = run(stripe, DAY + 7 * ONE)
    assert (last.status, last.next_on, last.failed) == (Plan.GIVEN_UP, None, 3)
    (asked,) = texts("zelf te betalen")
    assert "+++" in asked
    assert "niet meer" in asked
    run(stripe, DAY + 60 * ONE)
    assert [outcome for _number, outcome, _code in tries()] == ["failed"] * 3
    assert reminder_obstacle(fresh(plan.invoice), noon(DAY + 8 * ONE)) is None
    assert visit(plan.invoice).url


@pytest.mark.parametrize("code", ["stolen_card", "authentication_required"])
def test_after_a_final_refusal_there_is_no_other_try(stripe: StripeServer, code: str) -> None:
    planned(stripe, refusal=code)
    assert run(stripe, DAY).status == Plan.GIVEN_UP
    assert len(texts("zelf te betalen")) == 1
    assert texts("werd geweigerd") == []


def test_a_refused_debit_is_told_by_the_bank_days_later_and_tried_again(stripe: StripeServer) -> None:
    plan = planned(stripe, "sepa_debit")
    begin_charges(noon(DAY))
    drain()
    intent = ChargeTry.objects.get().intent_id or ""
    stripe.account.settle_charge(intent, is_paid=False)
    stripe.account.told *= 2
    hear(stripe)
    plan.refresh_from_db()
    assert (plan.status, plan.failed) == (Plan.PLANNED, 1)
    assert plan.next_on
    assert plan.next_on > DAY
    assert len(texts("geweigerd")) == 1


def test_the_refusal_that_is_answered_and_then_told_counts_once(stripe: StripeServer) -> None:
    planned(stripe, refusal="insufficient_funds")
    begin_charges(noon(DAY))
    drain()
    assert tries() == [(1, "failed", "insufficient_funds")]
    stripe.account.told *= 3
    hear(stripe)
    assert AutomaticPayment.objects.get().failed == 1
    assert len(texts("geweigerd")) == 1


def test_a_try_pays_even_where_we_took_it_for_refused(stripe: StripeServer) -> None:
    plan = planned(stripe)
    begin_charges(noon(DAY))
    drain()
    ChargeTry.objects.update(status="failed")
    AutomaticPayment.objects.update(status="given_up")
    hear(stripe)
    assert state(plan) == ("paid", "paid", 1)


@pytest.mark.parametrize(
    "wrong",
    [{"amount": 1}, {"currency": "usd"}, {"id": "pi_other"}, {"metadata": {"invoice": "1", "try": "9"}}],
)
def test_what_contradicts_our_books_waits(stripe: StripeServer, wrong: dict[str, object]) -> None:
    plan = planned(stripe)
    begin_charges(noon(DAY))
    drain()
    event = stripe.account.told.pop()
    event["data"]["object"] |= wrong
    tell(stripe, event)
    drain()
    assert state(plan) == ("under_way", "issued", 0)
    assert StripeEvent.objects.filter(applied_at__isnull=True).exclude(error="").count() == 1


def test_messages_about_payments_on_the_pay_page_are_passed_over(
    stripe: StripeServer, invoice: Invoice
) -> None:
    intent = {"id": "pi_1", "object": "payment_intent", "metadata": {"invoice": "1", "attempt": "1"}}
    tell(stripe, stripe.account.event("payment_intent.succeeded", intent))
    drain()
    assert "pay page" in StripeEvent.objects.get().outcome


def test_what_is_open_is_charged_and_never_more_than_was_announced(stripe: StripeServer) -> None:
    plan = planned(stripe)
    pay(plan.invoice, Decimal("210.00"))
    assert state(run(stripe, DAY)) == ("paid", "paid", 2)
    assert ChargeTry.objects.get().amount == Decimal("1000.00")


@pytest.mark.parametrize("how", ["transfer", "credit"])
def test_what_was_settled_otherwise_is_not_charged(stripe: StripeServer, how: str) -> None:
    plan = planned(stripe)
    if how == "transfer":
        pay(plan.invoice)
    else:
        credit_invoice(invoice=plan.invoice, reason="fout", at=noon(DAY), by=None)
    assert run(stripe, DAY).stopped_because == Because.SETTLED
    assert tries() == []


def test_paid_between_the_try_and_stripe_is_charged_no_more(stripe: StripeServer) -> None:
    plan = planned(stripe)
    begin_charges(noon(DAY))
    pay(plan.invoice)
    drain()
    assert state(plan) == ("stopped", "paid", 1)
    assert tries() == [(1, "failed", "settled")]
    assert hear(stripe) == []


def test_stopped_between_the_try_and_stripe_is_not_charged_and_the_payer_hears_how_to_pay(
    stripe: StripeServer,
) -> None:
    plan = planned(stripe)
    begin_charges(noon(DAY))
    end_means(means=plan.means, because="payer", at=noon(DAY), by=None)
    drain()
    assert tries() == [(1, "failed", "means")]
    assert not any(name.startswith("pi_") for name in stripe.account.kept)
    plan.refresh_from_db()
    assert (plan.status, plan.stopped_because) == (Plan.STOPPED, Because.MEANS)
    assert len(texts("Geen automatische betaling")) == 1


def test_the_mail_with_the_invoice_says_that_it_is_charged(stripe: StripeServer) -> None:
    plan = planned(stripe)
    send_invoice(invoice=plan.invoice, at=noon(DAY - 20 * ONE), by=None)
    (told,) = texts(plan.invoice.number)
    assert "U hoeft dit niet zelf te betalen" in told
    assert "Hoe betalen?" not in told


@pytest.mark.parametrize("what", ["visit", "hold"])
def test_it_waits_while_the_payer_is_paying_or_disputes_it(stripe: StripeServer, what: str) -> None:
    plan = planned(stripe)
    if what == "visit":
        start_checkout(invoice=plan.invoice, return_url="http://t/", at=timezone.now())
        plan.invoice.checkout_attempts.update(expires_at=noon(DAY) + timedelta(minutes=30))
    else:
        hold_dunning(invoice=plan.invoice, reason="betwist", at=noon(DAY), by=None)
    run(stripe, DAY)
    assert tries() == []
    if what == "visit":
        assert state(run(stripe, DAY + ONE))[0] == "paid"


def test_killed_between_the_try_and_stripes_answer_nothing_is_lost_and_nothing_twice(
    stripe: StripeServer,
) -> None:
    plan = planned(stripe)
    begin_charges(noon(DAY))
    charge = ChargeTry.objects.get()
    stripe.failure = 500
    with pytest.raises(StripeUnavailable):
        send_charge(charge=charge, at=noon(DAY))
    stripe.failure = 0
    drain()  # the task itself
    intents = [name for name in stripe.account.kept if name.startswith("pi_")]
    ChargeTry.objects.update(status="started", intent_id=None)  # as if the answer was never written
    assert begin_charges(noon(DAY) + timedelta(minutes=30)) == 0
    assert begin_charges(noon(DAY) + timedelta(hours=1)) == 1
    drain()
    del stripe.account.kept[kept_as(plan.charge_tries.get().idempotency_key)]  # Stripe forgot it
    ChargeTry.objects.update(status="started", intent_id=None)
    begin_charges(noon(DAY) + timedelta(hours=3))
    drain()
    assert [name for name in stripe.account.kept if name.startswith("pi_")] == intents
    hear(stripe)
    assert (state(plan), len(tries())) == (("paid", "paid", 1), 1)


def test_our_keys_being_wrong_is_not_taken_for_a_refusal(stripe: StripeServer) -> None:
    planned(stripe)
    begin_charges(noon(DAY))
    stripe.failure = 401
    drain()
    assert tries() == [(1, "started", "")]


def test_the_means_that_is_gone_at_stripe_ends(stripe: StripeServer) -> None:
    plan = planned(stripe)
    del stripe.account.kept[plan.means.stripe_id]
    assert run(stripe, DAY).status == Plan.GIVEN_UP
    assert PaymentMeans.objects.get().ended_because == "detached"


@pytest.mark.parametrize("is_paid", [True, False])
def test_a_debit_of_which_nothing_was_heard_is_asked_about_each_day(
    stripe: StripeServer, is_paid: bool
) -> None:
    plan = planned(stripe, "sepa_debit")
    begin_charges(noon(DAY))
    drain()
    charge = ChargeTry.objects.get()
    assert charge.status == "pending"
    late = stripe.account.settle_charge(charge.intent_id or "", is_paid=is_paid)
    stripe.account.told.clear()  # its message never comes
    asked = len(stripe.requests)
    assert begin_charges(noon(DAY + 2 * ONE)) == 0
    assert begin_charges(noon(DAY + 3 * ONE)) == 1
    assert begin_charges(noon(DAY + 3 * ONE)) == 0, "once a day"
    drain()
    assert len(stripe.requests) == asked + 1
    plan.refresh_from_db()
    charge.refresh_from_db()
    for _time in range(2):  # and its message comes after all
        assert (plan.status, charge.status) == (("paid", "paid") if is_paid else ("planned", "failed"))
        assert Payment.objects.count() == is_paid
        assert plan.failed == (not is_paid)
        tell(stripe, late)
        drain()
        plan.refresh_from_db()
        charge.refresh_from_db()
    if is_paid:
        assert fresh(plan.invoice).status == "paid"


def test_while_the_bank_works_on_it_the_answer_changes_nothing_and_it_is_asked_again(
    stripe: StripeServer,
) -> None:
    planned(stripe, "sepa_debit")
    run(stripe, DAY)
    for day in (3, 4, 5):
        assert begin_charges(noon(DAY + day * ONE)) == 1
        drain()
    assert tries() == [(1, "pending", "")]


def test_what_stripe_does_not_know_any_more_is_to_be_transferred_once_the_bank_had_its_time(
    stripe: StripeServer, caplog: pytest.LogCaptureFixture
) -> None:
    plan = planned(stripe, "sepa_debit")
    run(stripe, DAY)
    late = stripe.account.settle_charge(ChargeTry.objects.get().intent_id or "", is_paid=True)
    stripe.account.told.clear()
    stripe.account.kept.clear()
    charge = ChargeTry.objects.get()
    look_up_charge(charge=charge, at=noon(DAY + 13 * ONE))
    assert "does not know charge" in caplog.text
    assert (state(plan), tries()) == (("under_way", "issued", 0), [(1, "pending", "")])
    with pytest.raises(PaymentUnderWay):
        visit(plan.invoice)
    for _time in range(2):
        look_up_charge(charge=charge, at=noon(DAY + 14 * ONE))
    assert (state(plan), tries()) == (("given_up", "issued", 0), [(1, "failed", "resource_missing")])
    assert len(texts("zelf te betalen")) == 1
    assert visit(fresh(plan.invoice)).url
    tell(stripe, late)  # the keys are right again
    drain()
    assert (state(plan), tries()[0][1]) == (("paid", "paid", 1), "paid")


def test_a_debit_of_a_customer_that_was_deleted_at_stripe_is_found_by_its_own_number(
    stripe: StripeServer,
) -> None:
    plan = planned(stripe, "sepa_debit")
    run(stripe, DAY)
    charge = ChargeTry.objects.get()
    stripe.account.settle_charge(charge.intent_id or "", is_paid=True)
    del stripe.account.kept[Invoice.objects.get().customer.stripe_id or ""]
    look_up_charge(charge=charge, at=noon(DAY + 20 * ONE))
    assert state(plan) == ("paid", "paid", 1)


def test_a_debit_taken_back_before_we_heard_that_it_paid_is_open_again(stripe: StripeServer) -> None:
    plan = planned(stripe, "sepa_debit")
    run(stripe, DAY)
    intent = ChargeTry.objects.get().intent_id or ""
    stripe.account.settle_charge(intent, is_paid=True)
    stripe.account.told.clear()
    for event in stripe.account.dispute(intent):
        tell(stripe, event)
    drain()
    begin_charges(noon(DAY + 3 * ONE))
    drain()
    assert Payment.objects.count() == 1
    assert fresh(plan.invoice).status != "paid"
