"""What is planned of an invoice: stopped, announced anew, switched off, and what the database refuses."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from pytest_django import Settings

from billing.documents import make_ubl
from billing.models import (
    AutomaticPayment,
    ChargeRules,
    ChargeTry,
)
from billing.operations.charges import announce_payments, begin_charges
from billing.operations.means import end_means
from billing.operations.overdue import mark_overdue
from billing.operations.plans import NotStoppable, announce_payment, plan_payment, stop_payment
from tests.billing.automatic import DAY, fresh, hear, noon, planned, run, save_means, tries
from tests.billing.paying import pay, texts
from tests.factories.billing import CustomerFactory, issue
from tests.fakes.stripe_api import StripeServer
from tests.queue import drain

pytestmark = pytest.mark.django_db
Plan, Because = AutomaticPayment.Status, AutomaticPayment.Because
ONE = timedelta(days=1)


def test_ending_the_means_stops_what_is_planned_and_says_how_to_pay(stripe: StripeServer) -> None:
    plan = planned(stripe)
    end_means(means=plan.means, because="payer", at=noon(DAY - ONE), by=None)
    assert run(stripe, DAY).stopped_because == Because.MEANS
    assert tries() == []
    (told,) = texts("Niet meer in gebruik")
    assert plan.invoice.communication in told


def test_stopping_one_charge_leaves_the_means_and_another_card_does_not_bring_it_back(
    stripe: StripeServer,
) -> None:
    plan = planned(stripe)
    stop_payment(plan=plan, because=Because.PAYER, at=noon(DAY), by=None)
    assert run(stripe, DAY).stopped_because == Because.PAYER
    assert len(texts("Geen automatische betaling")) == 1
    save_means(stripe, plan.invoice.customer, "sepa_debit", at=timezone.now() + ONE)
    again = plan_payment(invoice=plan.invoice, at=noon(DAY), by=None)
    assert again
    assert again.status == Plan.STOPPED
    with pytest.raises(NotStoppable):
        stop_payment(plan=plan, because=Because.PAYER, at=noon(DAY), by=None)


def test_the_file_of_what_is_charged_asks_for_no_transfer_and_stays_as_it_was_sent(
    stripe: StripeServer,
) -> None:
    customer = CustomerFactory.create()
    save_means(stripe, customer, at=noon(DAY - 40 * ONE))
    invoice = issue(customer=customer, at=noon(DAY - 30 * ONE), due_on=DAY, is_charged=True)
    plan = AutomaticPayment.objects.get(invoice=invoice)
    first = make_ubl(invoice)
    assert (plan.status, plan.charge_on, invoice.way) == (Plan.PLANNED, DAY, "charge")
    assert b"<cbc:PaymentMeansCode>68<" in first
    assert b"ten vroegste op 1 december 2026" in first
    assert invoice.issuer["iban"].encode() not in first
    stop_payment(plan=plan, because=Because.PAYER, at=noon(DAY - ONE), by=None)
    assert make_ubl(fresh(invoice)) == first


def test_nothing_is_planned_of_an_invoice_where_nothing_is_saved_or_nobody_asked_for_it(
    stripe: StripeServer,
) -> None:
    customer = CustomerFactory.create()
    bare = issue(customer=customer, is_charged=True)
    save_means(stripe, customer, at=noon(DAY - 40 * ONE))
    other = issue(customer=customer)
    later = plan_payment(invoice=other, at=noon(DAY - 30 * ONE), by=None)
    assert later
    assert AutomaticPayment.objects.get() == later
    for invoice in (bare, other):
        assert fresh(invoice).way == "transfer"
        assert invoice.issuer["iban"].encode() in make_ubl(fresh(invoice))


def test_another_means_is_announced_anew_seven_days_before(stripe: StripeServer) -> None:
    plan = planned(stripe)
    save_means(stripe, plan.invoice.customer, "sepa_debit", at=timezone.now() + ONE)
    late = DAY - 3 * ONE
    again = plan_payment(invoice=plan.invoice, at=noon(late), by=None)
    assert again
    assert (again.announced_at, again.charge_on) == (None, late + 7 * ONE)
    run(stripe, late + 7 * ONE)
    assert tries() == []
    announce_payments(noon(late + ONE))
    assert len(texts("Automatische betaling van factuur")) == 1
    announce_payments(noon(late + ONE))
    assert len(texts("Automatische betaling van factuur")) == 1
    run(stripe, late + 7 * ONE)
    assert tries() == []
    run(stripe, late + 8 * ONE)
    assert [number for number, _status, _code in tries()] == [1]
    mark_overdue(noon(DAY + ONE))
    assert fresh(plan.invoice).status == "issued"


def test_a_means_that_was_replaced_while_the_bank_was_at_it_is_followed_by_the_new_one(
    stripe: StripeServer,
) -> None:
    plan = planned(stripe, "sepa_debit")
    begin_charges(noon(DAY))
    drain()
    new = save_means(stripe, plan.invoice.customer, at=timezone.now() + ONE)
    stripe.account.settle_charge(ChargeTry.objects.get().intent_id or "", is_paid=False)
    hear(stripe)
    plan.refresh_from_db()
    assert (plan.status, plan.means, plan.announced_at, plan.failed) == (Plan.PLANNED, new, None, 0)


def test_after_a_standstill_the_charge_is_announced_anew(stripe: StripeServer) -> None:
    planned(stripe)
    late = DAY + 90 * ONE
    run(stripe, late)
    assert tries() == []
    announce_payments(noon(late))
    run(stripe, late + 6 * ONE)
    assert tries() == []
    assert run(stripe, late + 7 * ONE).status == Plan.PAID


def test_switched_off_nothing_is_charged_and_the_payer_is_told(stripe: StripeServer) -> None:
    plan = planned(stripe)
    ChargeRules.objects.update_or_create(pk=ChargeRules.load().pk, defaults={"is_on": False})
    assert run(stripe, DAY - 5 * ONE).stopped_because == Because.OFF
    assert len(texts("Geen automatische betaling")) == 1
    other = issue(customer=plan.invoice.customer, at=noon(DAY))
    assert plan_payment(invoice=other, at=noon(DAY), by=None) is None


def test_without_keys_nothing_is_planned_or_charged(stripe: StripeServer, settings: Settings) -> None:
    plan = planned(stripe)
    settings.STRIPE_SECRET_KEY = ""
    assert begin_charges(noon(DAY)) == 0
    other = issue(customer=plan.invoice.customer, at=noon(DAY))
    assert plan_payment(invoice=other, at=noon(DAY), by=None) is None
    mark_overdue(noon(DAY + ONE))
    assert fresh(plan.invoice).status == "overdue"


def test_what_stripe_does_not_charge_is_to_be_transferred(stripe: StripeServer) -> None:
    plan = planned(stripe)
    pay(plan.invoice, Decimal("1209.70"))
    assert run(stripe, DAY).status == Plan.GIVEN_UP
    assert tries() == []


@pytest.mark.parametrize(
    "change",
    [
        {"announced_at": None},
        {"not_before": DAY + ONE},
        {"status": "stopped"},
        {"next_on": None},
        {"status": "nonsense"},
    ],
)
def test_the_database_refuses_a_plan_without_sense(stripe: StripeServer, change: dict[str, object]) -> None:
    planned(stripe)
    with pytest.raises(IntegrityError), transaction.atomic():
        AutomaticPayment.objects.update(**change)


@pytest.mark.parametrize(
    "change",
    [{"tried_on": DAY - 24 * ONE}, {"amount": Decimal("1210.01")}, {"amount": Decimal(0)}],
)
def test_the_database_refuses_a_wrong_try(stripe: StripeServer, change: dict[str, object]) -> None:
    planned(stripe)
    run(stripe, DAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        ChargeTry.objects.update(**change)


def test_announcing_twice_changes_nothing(stripe: StripeServer) -> None:
    plan = planned(stripe)
    again = announce_payment(plan=plan, at=noon(DAY - ONE))
    assert (again.announced_at, again.charge_on) == (plan.announced_at, DAY)
