"""What the app knows of a person, for one's own data: who is invoiced at their own address."""

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import QuerySet

from billing.models import Customer, Dispatch, Invoice, Payment, Reversal, VatCheck
from billing.queries.means import means_facts

CHECK_FACTS = ("vat_number", "outcome", "consultation_number", "name", "address", "reason")
CUSTOMER_FACTS = ("street", "postcode", "city", "country", "email", "vat_number", "enterprise_number")


def customers_of(person: AbstractBaseUser) -> QuerySet[Customer]:
    """Return the customers that are invoiced at a person's own address."""
    return Customer.objects.filter(email__iexact=getattr(person, "email", ""))


def personal_data_of(person: AbstractBaseUser) -> dict[str, Any]:
    """Return what the app knows of a person who is invoiced at their own address, as plain data."""
    invoices = Invoice.documents.filter(customer__in=customers_of(person)).prefetch_related(
        "payments__bank_allocation__entry", "payments__reversals", "reminders", "dispatches"
    )
    return {
        "means_of_payment": means_facts(customers_of(person)),
        "customers": [
            {name: getattr(customer, name) for name in ("name", *CUSTOMER_FACTS)}
            for customer in customers_of(person)
        ],
        "vat_checks": [
            {name: getattr(check, name) for name in CHECK_FACTS}
            | {"checked_at": check.checked_at.isoformat()}
            for check in VatCheck.objects.filter(customer__in=customers_of(person))
        ],
        "invoices": [
            {
                "number": invoice.number,
                "kind": invoice.kind,
                "issued_on": invoice.issued_on.isoformat(),
                "due_on": invoice.due_on.isoformat(),
                "gross": str(invoice.gross),
                "status": invoice.status,
                "payments": [
                    {
                        "amount": str(payment.amount),
                        "received_on": payment.received_on.isoformat(),
                        **_bank_facts(payment),
                        "went_back": [
                            {
                                "kind": reversal.kind,
                                "amount": str(reversal.amount),
                                "on": reversal.returned_on.isoformat(),
                                "status": reversal.status,
                            }
                            for reversal in payment.reversals.all()
                        ],
                    }
                    for payment in invoice.payments.all()
                ],
                "sent": [_dispatch_facts(dispatch) for dispatch in invoice.dispatches.all()],
                "reminders": [reminder.sent_at.isoformat() for reminder in invoice.reminders.all()],
            }
            for invoice in invoices
        ],
    }


def _bank_facts(payment: Payment) -> dict[str, str]:
    """Return what the bank told of the payer, for a payment that came in by a bank file.

    Nothing where it was booked in error: then it was somebody else's.
    """
    allocation = getattr(payment, "bank_allocation", None)
    if allocation is None or any(each.kind == Reversal.Kind.MISTAKE for each in payment.reversals.all()):
        return {}
    entry = allocation.entry
    return {
        "payer": entry.counterparty_name,
        "account": entry.counterparty_iban,
        "message": entry.remittance or entry.structured_communication,
    }


def _dispatch_facts(dispatch: Dispatch) -> dict[str, str]:
    """Return by which way a document went out, to which address and when, if it did."""
    sent_at = dispatch.sent_at.isoformat() if dispatch.sent_at else ""
    return {"by": dispatch.channel, "to": dispatch.address, "state": dispatch.state, "sent_at": sent_at}
