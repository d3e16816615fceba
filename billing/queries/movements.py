"""What came in for a document and went back again, as the one who pays reads it."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import chain

from django.utils.translation import gettext as _

from billing.models import Invoice, Payment, Reversal
from billing.queries.invoices import refundable_amount


@dataclass(frozen=True)
class Movement:
    """Money that came in, or went back and is below zero. `amount` in EUR, `said` in the active language."""

    on: date
    said: str
    amount: Decimal


def movements_of(invoice: Invoice) -> list[Movement]:
    """Return what was received of a document and what went back, the first first; what failed is left out.

    Two queries, one where nothing came in.
    """
    came = list(invoice.payments.order_by("pk"))
    went = Reversal.objects.filter(payment__in=came, status__in=Reversal.COUNTS).order_by("pk")
    return sorted(chain(map(_came, came), map(_went, went)), key=lambda move: move.on)


def owed_back(invoice: Invoice, moves: list[Movement]) -> Decimal:
    """Return what is still to be paid back, in EUR; where nothing came in it asks nothing."""
    return refundable_amount(invoice) if moves else Decimal(0)


def _came(payment: Payment) -> Movement:
    said = {
        Payment.Method.TRANSFER: _("Paid by bank transfer"),
        Payment.Method.STRIPE: _("Paid online"),
        Payment.Method.CASH: _("Paid in cash"),
    }
    return Movement(payment.received_on, said[Payment.Method(payment.method)], payment.amount)


def _went(reversal: Reversal) -> Movement:
    if reversal.kind in (Reversal.Kind.DISPUTE, Reversal.Kind.RECALL):
        said = _("Taken back by your bank")
    elif reversal.kind == Reversal.Kind.MISTAKE:
        said = _("Booked here in error")
    elif reversal.status == Reversal.Status.DONE:
        said = _("Paid back")
    else:
        said = _("Being paid back")
    return Movement(reversal.returned_on, said, -reversal.amount)
