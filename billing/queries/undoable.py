"""Which payments staff may undo: all that did not come through Stripe and of which something is left."""

from decimal import Decimal
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce, Round

from billing.models import BankAllocation, BankEntry, Invoice, Payment, Reversal
from billing.queries.bank import is_named_by
from billing.queries.invoices import MONEY, ZERO, left_of_payment, open_amount, surplus_amount

LIKELY = 10


def with_left(payments: QuerySet[Payment]) -> QuerySet[Any]:
    """Annotate payments with `gone_back`, and with `left`: what of them did not, in EUR."""
    back = Reversal.objects.filter(payment=OuterRef("pk"), status__in=Reversal.COUNTS).order_by()
    total = Subquery(back.values("payment").annotate(total=Sum("amount")).values("total"), output_field=MONEY)
    gone_back = Round(Coalesce(total, Value(ZERO), output_field=MONEY), 2, output_field=MONEY)
    return payments.annotate(gone_back=gone_back).annotate(
        left=Round(F("amount") - F("gone_back"), 2, output_field=MONEY)
    )


def payments_left(document: Invoice) -> list[Any]:
    """Return the payments of a document of which something is `left`, the last first; those by Stripe too."""
    return list(with_left(document.payments.select_related("invoice")).filter(left__gt=0))


def recalled_payments(entry: BankEntry, document: Invoice | None = None) -> list[Any]:
    """Return the payments that a line which went out may take back, with what is `left`, likeliest first.

    Those of a document where one is given; else at most LIKELY for each reason: its invoice is named in the
    words of the line, it came from the same account, or it was of exactly this amount.
    """
    payments = with_left(
        Payment.objects.filter(
            method=Payment.Method.TRANSFER, received_on__lte=entry.booked_on
        ).select_related("invoice")
    ).filter(left__gt=0)
    if document is not None:
        return list(payments.filter(invoice=document))
    reasons = [is_named_by(entry, "invoice__"), Q(left=entry.taking_back)]
    if entry.counterparty_iban:
        same = BankAllocation.objects.filter(entry__counterparty_iban=entry.counterparty_iban)
        reasons.insert(1, Q(pk__in=same.values("payment")))
    found: dict[int, Any] = {}
    for reason in reasons:
        for payment in payments.filter(reason)[:LIKELY]:
            found.setdefault(payment.pk, payment)
    return list(found.values())


def open_without(payment: Payment, amount: Decimal | None = None) -> Decimal:
    """Return what would be open on the document of a payment without it, or without so much of it, in EUR.

    What was paid too much goes off first. Below zero something is to be paid back then.
    """
    amount = left_of_payment(payment) if amount is None else amount
    return open_amount(payment.invoice) + amount - min(amount, surplus_amount(payment.invoice))
