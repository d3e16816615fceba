"""How a document stands, asked once for all that is said of it."""

from dataclasses import dataclass
from decimal import Decimal

from billing.models import AutomaticPayment, Invoice, Payment, Reversal
from billing.queries.invoices import ZERO, open_amount
from billing.queries.means import plan_of


@dataclass(frozen=True)
class Standing:
    """What came in, went back or may still, was credited, is left and is planned. Amounts in EUR.

    What failed to go back is not in `went`. `left` is what `open_amount` says, `owed_back` what
    `refundable_amount` does.
    """

    came: list[Payment]
    went: list[Reversal]
    notes: list[Invoice]
    left: Decimal
    owed_back: Decimal
    plan: AutomaticPayment | None


def standing_of(invoice: Invoice) -> Standing:
    """Return how a document stands, in three queries, and one more where money came in."""
    came = list(invoice.payments.order_by("pk"))
    went = list(Reversal.objects.filter(payment__in=came, status__in=Reversal.COUNTS).order_by("pk"))
    is_note = invoice.kind == Invoice.Kind.CREDIT_NOTE
    notes = [] if is_note else list(invoice.credit_notes.order_by("pk"))
    surplus = sum((each.surplus for each in came), ZERO) - sum((each.of_surplus for each in went), ZERO)
    kept = sum((each.amount for each in came), ZERO) - sum((each.amount for each in went), ZERO)
    credited = sum((each.gross for each in notes), ZERO)
    left = open_amount(invoice, settled=kept - surplus, credited=credited)
    return Standing(
        came=came,
        went=went,
        notes=notes,
        left=left,
        owed_back=surplus + max(-left, ZERO),
        plan=plan_of(invoice) if invoice.is_open and not invoice.is_pro_forma else None,
    )
