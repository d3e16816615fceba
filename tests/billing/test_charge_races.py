"""Many workers at once, in real transactions: an invoice is charged once, and a card is saved once."""

from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from wagtail.models import Site

from billing.gateways.stripe import SavedMeans
from billing.models import AutomaticPayment, ChargeTry, Invoice, Payment, PaymentMeans
from billing.operations.charges import begin_charges, send_charge
from billing.operations.invoices import record_payment
from billing.operations.means import MeansEnded, end_means, keep_means
from billing.operations.stripe_events import apply_event, keep_event
from billing.queries import preview_total
from tests.billing.automatic import DAY, noon, planned, save_means
from tests.billing.paying import visit
from tests.billing.test_concurrency import at_once
from tests.factories.billing import CustomerFactory, fill_in_issuer, issue
from tests.fakes.stripe_api import StripeServer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("committed_site")]


def test_twenty_who_begin_make_one_try_and_twenty_who_ask_charge_once(stripe: StripeServer) -> None:
    plan = planned(stripe)
    at_once(lambda number: begin_charges(noon(DAY)))
    charge = ChargeTry.objects.get()
    results = at_once(lambda number: send_charge(charge=charge, at=noon(DAY)))
    assert [each for each in results if isinstance(each, Exception)] == []
    assert sum(name.startswith("pi_") for name in stripe.account.kept) == 1
    (event,) = [each for each in stripe.account.told if each["type"] == "payment_intent.succeeded"]
    kept = keep_event(event=event, at=noon(DAY))
    assert kept
    at_once(lambda number: apply_event(event=kept, at=noon(DAY)))
    assert Payment.objects.filter(invoice=plan.invoice).count() == 1
    assert AutomaticPayment.objects.get().status == "paid"


def test_twenty_tabs_that_go_and_pay_at_once_leave_one_page_to_pay_on(stripe: StripeServer) -> None:
    invoice = issue(at=timezone.now())
    results = at_once(lambda number: visit(Invoice.objects.get(pk=invoice.pk)))
    assert [each for each in results if isinstance(each, Exception)] == []
    sessions = {name: thing for name, thing in stripe.account.kept.items() if name.startswith("cs_")}
    (left,) = [name for name, session in sessions.items() if session["status"] == "open"]
    assert visit(Invoice.objects.get(pk=invoice.pk)).session_id == left


def test_a_transfer_and_the_charge_at_once_pay_once_or_leave_a_surplus_that_is_known(
    stripe: StripeServer,
) -> None:
    plan = planned(stripe)

    def work(number: int) -> Any:
        if number % 2:
            return begin_charges(noon(DAY))
        return record_payment(
            invoice=plan.invoice,
            amount=plan.invoice.gross,
            method="transfer",
            received_on=DAY,
            external_reference="bank:1",
            by=None,
            at=noon(DAY),
        )

    results = at_once(work)
    assert [each for each in results if isinstance(each, Exception)] == []
    for charge in ChargeTry.objects.all():
        send_charge(charge=charge, at=noon(DAY))
    assert not any(name.startswith("pi_") for name in stripe.account.kept)
    assert AutomaticPayment.objects.get().stopped_because == "settled"


def test_twenty_who_hear_of_a_card_save_it_once_and_twenty_who_end_it_end_it_once(
    stripe: StripeServer, committed_site: Site
) -> None:
    plan = planned(stripe)
    customer = plan.invoice.customer
    customer.refresh_from_db()
    saved = SavedMeans(id="pm_new", kind="card", customer=customer.stripe_id or "", last4="1111")
    words = {"agreed_at": timezone.now() + timedelta(days=1), "at": noon(DAY)}
    results = at_once(lambda number: keep_means(customer=customer, saved=saved, agreed_by=None, **words))
    assert {each.pk for each in results} == {PaymentMeans.objects.get(stripe_id="pm_new").pk}
    assert PaymentMeans.objects.filter(status="active").count() == 1
    means = PaymentMeans.objects.get(stripe_id="pm_new")
    ended = at_once(lambda number: end_means(means=means, because="payer", at=noon(DAY), by=None))
    assert sum(isinstance(each, MeansEnded) for each in ended) == len(ended) - 1


def test_what_is_saved_cannot_end_between_what_the_document_says_and_its_plan(
    stripe: StripeServer, committed_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_in_issuer()
    customer = CustomerFactory.create()
    means = save_means(stripe, customer)
    ending: list[Thread] = []

    def end() -> None:
        try:
            end_means(means=means, because="payer", at=timezone.now(), by=None)
        finally:
            connection.close()

    def meanwhile(*args: Any, **words: Any) -> Any:
        thread = Thread(target=end)
        thread.start()
        thread.join(1)
        ending.append(thread)
        return preview_total(*args, **words)

    monkeypatch.setattr("billing.operations.issuing.preview_total", meanwhile)
    invoice = issue(customer=customer, is_charged=True, at=timezone.now())
    ending[0].join()
    means.refresh_from_db()
    assert (means.status, invoice.way) == ("ended", "charge")
    plan = AutomaticPayment.objects.get(invoice=invoice)
    assert (plan.status, plan.stopped_because) == ("stopped", "means"), "it was planned, so the payer is told"
