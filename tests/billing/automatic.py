"""Saved means of payment and automatic payments in tests, against the stand-in on the loopback."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from billing.models import AutomaticPayment, ChargeTry, Customer, Invoice, PaymentMeans
from billing.operations.charges import begin_charges
from billing.operations.means import start_setup
from billing.operations.plans import announce_payment, plan_payment
from tests.billing.paying import tell
from tests.factories.billing import issue
from tests.fakes.stripe_api import StripeServer
from tests.queue import drain

DAY = date(2026, 12, 1)


def noon(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(12)))


def save_means(
    stripe: StripeServer,
    customer: Customer,
    kind: str = "card",
    *,
    refusal: str = "",
    at: datetime | None = None,
) -> PaymentMeans:
    """Save something on Stripe's page without paying, and hear of it."""
    moment, real = at or timezone.now(), stripe.account.now
    stripe.account.now = moment.timestamp
    start_setup(customer=customer, return_url="http://testserver/nl/", at=moment, by=None)
    session = customer.means_setups.order_by("-pk")[0].session_id
    events = stripe.account.complete(session or "", kind=kind, refusal=refusal)
    stripe.account.now = real  # messages are signed just now
    for event in events:
        tell(stripe, event)
    drain()
    found = PaymentMeans.objects.filter(customer=customer).latest("pk")
    assert found.is_active
    return found


def hear(stripe: StripeServer) -> list[str]:
    """Tell what the stand-in has to tell, and work the queue off; returns the kinds."""
    kinds = []
    while stripe.account.told:
        event = stripe.account.told.pop(0)
        kinds.append(event["type"])
        tell(stripe, event)
    drain()
    return kinds


def planned(
    stripe: StripeServer, kind: str = "card", *, refusal: str = "", on: date = DAY, **fields: Any
) -> AutomaticPayment:
    """An invoice that is announced to be charged on its last day to pay."""
    told_on = on - timedelta(days=30)
    invoice = issue(at=noon(told_on), due_on=on, **fields)
    save_means(stripe, invoice.customer, kind, refusal=refusal, at=noon(told_on))
    plan = plan_payment(invoice=invoice, at=noon(told_on), by=None)
    assert plan
    plan = announce_payment(plan=plan, at=noon(told_on))
    assert (plan.charge_on, plan.announced_amount) == (on, Decimal("1210.00"))
    return plan


def run(stripe: StripeServer, day: date) -> AutomaticPayment:
    """Begin what is due on a day, let the worker ask Stripe, and hear what comes of it."""
    begin_charges(noon(day))
    drain()
    hear(stripe)
    return AutomaticPayment.objects.select_related("invoice").get()


def tries() -> list[tuple[int, str, str]]:
    return list(ChargeTry.objects.order_by("number").values_list("number", "status", "code"))


def fresh(invoice: Invoice) -> Invoice:
    return Invoice.objects.get(pk=invoice.pk)
