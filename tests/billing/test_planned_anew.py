"""What was to be charged and seemed paid: it is planned and announced anew when that was a mistake."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from wagtail.models import Site

from billing.models import AutomaticPayment, ChargeRules, ChargeTry, Payment
from billing.operations.charges import announce_payments, begin_charges
from billing.operations.means import end_means
from billing.operations.plans import stop_payment
from billing.queries import Obstacle, reminder_obstacle
from billing.signals import invoice_reopened
from tests.billing.automatic import DAY, fresh, noon, planned, run, save_means
from tests.billing.paying import pay, status, texts
from tests.billing.test_bank_desk import text_of
from tests.billing.test_desk import LIST, person
from tests.billing.test_undoing import undo
from tests.fakes.stripe_api import StripeServer
from tests.queue import drain

pytestmark = pytest.mark.django_db
Because = AutomaticPayment.Because
ONE = timedelta(days=1)
ANEW = "alsnog automatisch geïnd"


def undone(payment: Payment, day: date, kind: str = "mistake") -> AutomaticPayment:
    undo(payment, kind, returned_on=payment.received_on, at=noon(day))
    return AutomaticPayment.objects.select_related("invoice").get()


@pytest.mark.parametrize("late", [-20, -3, 10])
def test_it_is_charged_after_all_and_never_within_seven_days_of_its_notice(
    stripe: StripeServer, late: int
) -> None:
    invoice = planned(stripe).invoice
    payment = pay(invoice)
    assert run(stripe, DAY - 20 * ONE).stopped_because == Because.SETTLED
    at_the_signal: list[str] = []

    def listen(sender: type, **words: Any) -> None:
        at_the_signal.append(AutomaticPayment.objects.get().status)

    invoice_reopened.connect(listen)
    plan = undone(payment, DAY + late * ONE)
    invoice_reopened.disconnect(listen)
    day = max(DAY, DAY + (late + 7) * ONE)
    assert at_the_signal == ["planned"], "who hears of it tells the payer how it is paid"
    assert (plan.status, plan.announced_at, plan.charge_on, plan.stopped_because) == (
        "planned",
        None,
        day,
        "",
    )
    for passed in range((day - DAY).days - late):
        on = DAY + (late + passed) * ONE
        announce_payments(noon(on))
        assert run(stripe, on).tries == 0
    plan.refresh_from_db()
    assert plan.not_before
    assert plan.not_before <= day
    assert len(texts("Automatische betaling van")) == 1
    if late == 10:
        assert reminder_obstacle(fresh(invoice), noon(day)) == Obstacle.PENDING
    assert run(stripe, day).status == "paid"
    assert (status(invoice), ChargeTry.objects.get().announced_amount) == ("paid", invoice.gross)


@pytest.mark.parametrize("why", ["recall", "ended", "off", "refused", "stopped", "too much"])
def test_it_is_not_where_the_payer_or_the_bank_would_not(
    stripe: StripeServer, site: Site, client: Client, why: str
) -> None:
    plan = planned(stripe, "sepa_debit")
    if why == "stopped":
        stop_payment(plan=plan, because=Because.PAYER, at=noon(DAY), by=None)
    payment = pay(plan.invoice)
    plan.refresh_from_db()
    before = plan.stopped_because
    if why == "ended":
        end_means(means=plan.means, because="payer", at=noon(DAY), by=None)
    if why == "refused":
        AutomaticPayment.objects.update(failed=1)
    ChargeRules.objects.all().delete()
    rules = ChargeRules.load()
    rules.is_on = why != "off"
    rules.highest_debit = 1000 if why == "too much" else 10_000
    rules.save()
    client.force_login(person("finance"))
    words = {"payment": payment.pk, "kind": "mistake", "reason": "verkeerde klant", "confirmed": ""}
    if why == "recall":
        words |= {"kind": why, "returned_on": payment.received_on.strftime("%d/%m/%Y")}
    page = text_of(client.post(f"{LIST}undo/{plan.invoice_id}/", words))
    assert ANEW not in page
    assert "De herinneringen lopen verder" in page
    plan = undone(payment, DAY, "recall" if why == "recall" else "mistake")
    assert (plan.status, plan.stopped_because) == ("stopped", before)
    assert status(plan.invoice) != "paid"


def test_the_page_that_undoes_it_says_so_and_another_card_that_was_saved_since_is_charged(
    stripe: StripeServer, site: Site, client: Client
) -> None:
    plan = planned(stripe)
    payment = pay(plan.invoice)
    client.force_login(person("finance"))
    words = {"payment": payment.pk, "kind": "mistake", "reason": "verkeerde klant", "confirmed": ""}
    page = text_of(client.post(f"{LIST}undo/{plan.invoice_id}/", words))
    assert ANEW in page
    assert "De herinneringen lopen verder" not in page
    customer = plan.invoice.customer
    customer.refresh_from_db()
    means = save_means(stripe, customer, at=noon(DAY - ONE))
    assert undone(payment, DAY).means == means


def test_the_days_of_the_next_tries_count_from_the_first_that_stripe_was_asked_for(
    stripe: StripeServer,
) -> None:
    plan = planned(stripe, refusal="insufficient_funds")
    begin_charges(noon(DAY))
    payment = pay(plan.invoice)
    drain()
    assert ChargeTry.objects.get().code == Because.SETTLED, "taken back, of which Stripe never heard"
    day = undone(payment, DAY + 20 * ONE).charge_on
    assert day == DAY + 27 * ONE
    announce_payments(noon(DAY + 20 * ONE))
    assert run(stripe, day).next_on == day + 3 * ONE
