"""Paying in tests: by transfer, and through Stripe, against the stand-in on the loopback."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.core import mail
from django.test import Client
from django.utils import timezone

from billing.models import CheckoutAttempt, Invoice, Payment
from billing.operations.checkout import start_checkout
from billing.operations.invoices import record_payment
from billing.queries import with_money
from tests.factories.billing import NOON
from tests.fakes.stripe_api import StripeServer
from tests.queue import drain

Event = dict[str, Any]
GROSS = Decimal("1210.00")
"""Of the invoice that the factory issues."""
TODAY = NOON.date()


def visit(invoice: Invoice) -> CheckoutAttempt:
    """Start a visit to the pay page."""
    return start_checkout(invoice=invoice, return_url="http://testserver/nl/", at=timezone.now())


def tell(stripe: StripeServer, event: Event, *, signature: str | None = None) -> int:
    """Post a message as Stripe does, signed unless said otherwise; return how it was answered."""
    body, signed = stripe.account.sign(event)
    headers = {"Stripe-Signature": signed if signature is None else signature}
    return (
        Client(enforce_csrf_checks=True)
        .post("/webhooks/stripe/", body, content_type="application/json", headers=headers)
        .status_code
    )


def pay_online(stripe: StripeServer, invoice: Invoice) -> Payment:
    """Pay what is open of an invoice by card, and hear of it."""
    attempt = visit(invoice)
    for event in stripe.account.complete(attempt.session_id or ""):
        tell(stripe, event)
    drain()
    payment = Payment.objects.filter(invoice=invoice).order_by("pk").last()
    assert payment
    return payment


def pay(invoice: Invoice, amount: Decimal = GROSS, on: date = TODAY) -> Payment:
    """Record a transfer."""
    return record_payment(
        invoice=invoice,
        amount=amount,
        method="transfer",
        received_on=on,
        external_reference=f"bank:{uuid4()}",
        by=None,
        at=timezone.now(),
    )


def texts(subject: str) -> list[str]:
    """What was mailed with these words in the subject, once the worker is through."""
    drain()
    return [str(message.body) for message in mail.outbox if subject in message.subject]


def status(invoice: Invoice) -> str:
    """Say how an invoice fares by now."""
    return str(Invoice.objects.get(pk=invoice.pk).status)


def fares(document: Invoice) -> str:
    """Say how a document fares by now, a pro forma too."""
    return str(Invoice.documents.get(pk=document.pk).status)


def money(pro_forma: Invoice) -> Decimal:
    """What came for a pro forma and stands on no invoice, as its list says it."""
    return Decimal(with_money(Invoice.documents.filter(pk=pro_forma.pk)).get().money)
