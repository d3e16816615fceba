"""What payers are told about money on its way: paid back, taken back by their bank, or refused by it."""

from datetime import datetime

from billing.documents import make_sheet
from billing.models import Invoice, Reversal
from billing.operations.checkout import may_pay_online
from billing.operations.delivery import private_url
from billing.queries import open_amount
from cms.emails import queue_email


def tell_refund(*, reversal: Reversal, at: datetime) -> None:
    """Mail the payer that we pay money back, how, and of which invoice."""
    invoice = reversal.payment.invoice
    _tell("billing/refund", invoice, at, reversal=reversal)


def tell_returned(*, reversal: Reversal, at: datetime) -> None:
    """Mail the payer that their bank took a payment back, and what is open by it."""
    invoice = reversal.payment.invoice
    _tell("billing/payment_returned", invoice, at, reversal=reversal)


def tell_debit_refused(*, invoice: Invoice, at: datetime) -> None:
    """Mail the payer that their bank refused a direct debit, and how to pay otherwise."""
    _tell("billing/debit_refused", invoice, at)


def _tell(template: str, invoice: Invoice, at: datetime, **words: object) -> None:
    left = open_amount(invoice)
    queue_email(
        template=template,
        to=invoice.email,
        language=invoice.language,
        context={
            "invoice": invoice,
            "sheet": make_sheet(invoice),
            "url": private_url(invoice=invoice, at=at),
            "left": left,
            "may_pay_online": may_pay_online(invoice, left=left),
            **words,
        },
        reply_to=invoice.issuer["email"],
        at=at,
    )
