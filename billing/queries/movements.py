"""What came in for a document and went back again, as the one who pays reads it."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from billing.models import Payment, Reversal
from billing.queries.standing import Standing


@dataclass(frozen=True)
class Movement:
    """Money that came in, or went back and is below zero. `amount` in EUR, `said` in the active language."""

    on: date
    said: str
    amount: Decimal


def movements_of(standing: Standing) -> list[Movement]:
    """Return what was received of a document and what went back, the first first; what failed is left out."""
    moves = [*map(_came, standing.came), *map(_went, standing.went)]
    return sorted(moves, key=lambda move: move.on)


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
