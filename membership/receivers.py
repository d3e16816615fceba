"""What memberships do when billing says that something was paid, or was not."""

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from billing.signals import invoice_overdue, invoice_paid
from membership.models import Charge, Membership
from membership.operations.starting import start_membership
from membership.operations.terms import fall_past_due, recover


@receiver(invoice_paid, dispatch_uid="membership_follow_payment")
def follow_payment(sender: type, invoice_id: int, at: datetime, **words: Any) -> None:
    """Start or recover the membership that the paid invoice is for, in the transaction of the payment."""
    if membership := _membership_of(invoice_id):
        if membership.status == Membership.Status.AWAITING_PAYMENT:
            start_membership(membership=membership, at=at)
        else:
            recover(membership=membership, at=at)


@receiver(invoice_overdue, dispatch_uid="membership_follow_overdue")
def follow_overdue(sender: type, invoice_id: int, at: datetime, **words: Any) -> None:
    """Put a running membership on the ladder; an application waits for its cut-off."""
    if membership := _membership_of(invoice_id):
        fall_past_due(membership=membership, at=at)


def _membership_of(invoice_id: int) -> Membership | None:
    charge = Charge.objects.filter(invoice=invoice_id, voided_at__isnull=True).select_related("membership")
    found = charge.first()
    return found.membership if found else None
