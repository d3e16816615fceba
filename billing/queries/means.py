"""What customers saved to be charged later, and what is planned with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from billing.models import AutomaticPayment, Customer, Invoice, PaymentMeans
from billing.registries import customer_access

MEANS_FACTS = (
    "kind",
    "brand",
    "last4",
    "expires_year",
    "expires_month",
    "country",
    "mandate_reference",
    "status",
)


@dataclass(frozen=True)
class Recipient:
    """Somebody to mail about a customer's means of payment, in a language."""

    email: str
    language: str


def active_means(customer: Customer) -> PaymentMeans | None:
    """Return what may be charged for a customer, if there is anything."""
    return PaymentMeans.objects.filter(customer=customer, status=PaymentMeans.Status.ACTIVE).first()


def plan_of(invoice: Invoice) -> AutomaticPayment | None:
    """Return the automatic payment of an invoice that is still to come or under way, if there is one."""
    plans = AutomaticPayment.objects.filter(invoice=invoice, status__in=AutomaticPayment.OPEN)
    return plans.select_related("means").first()


def plans_of(customer: Customer) -> QuerySet[AutomaticPayment]:
    """Return the automatic payments of a customer that are to come or under way, the first one first."""
    plans = AutomaticPayment.objects.filter(invoice__customer=customer, status__in=AutomaticPayment.OPEN)
    return plans.select_related("invoice", "means").order_by("charge_on", "pk")


def renews(customer: Customer) -> bool:
    """Say whether a higher app invoices a customer each year, so that saving is of use."""
    return any(entry.renews(customer) for entry in customer_access)


def recipients_of(customer: Customer) -> Sequence[Recipient]:
    """Return whom to mail about a customer's means of payment: its billing address, and who acts for it."""
    known = {customer.email.lower(): Recipient(customer.email, customer.language)}
    for entry in customer_access:
        for email, language in entry.contacts(customer):
            known.setdefault(email.lower(), Recipient(email, language))
    return list(known.values())


def means_address(customer: Customer) -> str:
    """Return where a customer's people see and stop the means of payment; "" where no app shows it."""
    return next(filter(None, (entry.means_url(customer) for entry in customer_access)), "")


def means_facts(customers: QuerySet[Customer]) -> list[dict[str, Any]]:
    """Return what is kept of what these customers saved, as plain data."""
    return [
        {name: getattr(means, name) for name in MEANS_FACTS}
        | {
            "agreed_at": means.agreed_at.isoformat(),
            "words": means.words,
            "saved_at": means.saved_at.isoformat(),
            "ended_at": means.ended_at.isoformat() if means.ended_at else None,
        }
        for means in PaymentMeans.objects.filter(customer__in=customers)
    ]
