"""What billing does when an invoice is settled."""

from typing import Any

from django.dispatch import receiver

from billing.models import CheckoutAttempt
from billing.signals import invoice_credited, invoice_paid
from billing.tasks import close_stripe_checkouts


@receiver([invoice_paid, invoice_credited], dispatch_uid="billing_close_checkouts")
def close_pay_pages(sender: type, invoice_id: int, **words: Any) -> None:
    """Let nobody pay online for what needs no payment any more."""
    if CheckoutAttempt.objects.filter(invoice_id=invoice_id, status=CheckoutAttempt.Status.OPEN).exists():
        close_stripe_checkouts.enqueue(invoice_id)
