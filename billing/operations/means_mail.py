"""What all who act for a customer are told of its means of payment, each in their own language."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.utils import translation

from billing.documents import make_sheet
from billing.models import AutomaticPayment, Invoice, Issuer, PaymentMeans
from billing.operations.delivery import private_url
from billing.operations.plans import announce_payment
from billing.queries import means_address, open_amount, plans_of, recipients_of
from cms.emails import queue_email


class Announced(NamedTuple):
    """A charge to come: what of which invoice, when, and a private address of the invoice."""

    plan: AutomaticPayment
    invoice: Invoice
    url: str


def mail_of_means(
    template: str, means: PaymentMeans, *, at: datetime, dropped: Sequence[AutomaticPayment] = ()
) -> None:
    """Mail all who act for a customer what was saved or ended, and what follows from it.

    What is planned with it is announced by this: amount, day, means and how to stop. `dropped` are the
    payments that do not come any more.
    """
    planned = [each for each in plans_of(means.customer) if each.means_id == means.pk and each.may_be_stopped]
    charges = [
        Announced(announce_payment(plan=each, at=at), each.invoice, private_url(invoice=each.invoice, at=at))
        for each in planned
        if means.is_active
    ]
    open_ones = [
        (
            make_sheet(each.invoice),
            open_amount(each.invoice),
            private_url(invoice=each.invoice, at=at),
            each.invoice,
        )
        for each in dropped
        if each.invoice.is_open
    ]
    for to in recipients_of(means.customer):
        with translation.override(to.language):
            words = {"means_url": means_address(means.customer)}
        queue_email(
            template=f"billing/{template}",
            to=to.email,
            language=to.language,
            context={"means": means, "charges": charges, "open_ones": open_ones, **words},
            reply_to=Issuer.load().email,
            at=at,
        )
