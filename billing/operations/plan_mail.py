"""What is mailed to where a customer's invoices go about the automatic payment of one of them."""

from datetime import datetime
from typing import Any

from django.utils import timezone, translation

from billing.documents import make_sheet
from billing.models import AutomaticPayment
from billing.operations.checkout import may_pay_online
from billing.operations.delivery import private_url
from billing.queries import means_address, open_amount
from cms.emails import queue_email


def mail_of_plan(template: str, plan: AutomaticPayment, *, at: datetime, **context: Any) -> None:
    """Mail where a customer's invoices go what is or is not charged, with all it takes to pay otherwise."""
    invoice, means = plan.invoice, plan.means
    with translation.override(invoice.language):
        address = means_address(invoice.customer)
    left = open_amount(invoice)
    queue_email(
        template=f"billing/{template}",
        to=invoice.email,
        language=invoice.language,
        context={
            "plan": plan,
            "means": means,
            "means_url": address,
            "invoice": invoice,
            "today": timezone.localdate(at),
            "sheet": make_sheet(invoice),
            "url": private_url(invoice=invoice, at=at),
            "left": left,
            "may_pay_online": may_pay_online(invoice, left=left),
            **context,
        },
        reply_to=invoice.issuer["email"],
        at=at,
    )
