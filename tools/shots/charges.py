"""Saved means of payment with all the mails that they cause, and a VAT number that staff must look at."""

from datetime import datetime, timedelta
from typing import Any

from billing.gateways.stripe import SavedMeans
from billing.models import AutomaticPayment, Customer, Invoice, PaymentMeans
from billing.operations.means import end_means, keep_means
from billing.operations.plan_mail import mail_of_plan
from cms.emails import queue_email

CARD = {"kind": "card", "brand": "visa", "last4": "4242", "expires_year": 2030, "expires_month": 5}
DEBIT = {"kind": "sepa_debit", "last4": "3201", "country": "BE", "mandate": "mandate_proef"}
RETRY = timedelta(days=3)


def cause_mails(invoice: Invoice, *, at: datetime) -> None:
    """Let a customer save a card, have an open invoice announced, refused, given up and stopped by turns.

    Only the mails are of interest: nobody is charged. A direct debit takes the card's place.
    """
    customer = invoice.customer
    means = _save(customer, at=at, **CARD)
    plan = AutomaticPayment.objects.select_related("means", "invoice__customer").get(invoice=invoice)
    mail_of_plan("charge_announced", plan, at=at)
    plan.next_on = plan.charge_on + RETRY
    mail_of_plan("charge_refused", plan, at=at, code="insufficient_funds")
    mail_of_plan("charge_given_up", plan, at=at, code="expired_card")
    mail_of_plan("charge_stopped", plan, at=at)
    end_means(means=means, because=PaymentMeans.Because.PAYER, at=at, by=None)
    _save(customer, at=at + timedelta(minutes=1), **DEBIT)


def ask_staff(customer: Customer, *, at: datetime) -> None:
    """Mail what staff read when nobody knows whether a VAT number is valid; VIES itself is not asked."""
    context = {"customer": customer, "vat_number": "NL123456782B90", "is_refused": False}
    queue_email(
        template="billing/vat_number_waits",
        to="bureau@demo.example",
        language="nl",
        context=context,
        at=at,
    )


def _save(customer: Customer, *, at: datetime, **facts: Any) -> PaymentMeans:
    saved = SavedMeans(id=f"pm_shots_{customer.pk}_{facts['kind']}", customer=customer.stripe_id, **facts)  # type: ignore[arg-type]  # Stripe knows none of them
    means = keep_means(customer=customer, saved=saved, at=at, agreed_at=at, agreed_by=None)
    if means is None:
        raise ValueError(f"customer {customer.pk} is another at Stripe")
    return means
