"""What memberships do when billing says that something was paid."""

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from billing.signals import invoice_paid
from membership.models import Membership
from membership.operations.joining import REFERENCE, start_membership


@receiver(invoice_paid, dispatch_uid="membership_start_when_paid")
def start_when_paid(sender: type, reference: str, at: datetime, **words: Any) -> None:
    """Start the membership that the paid invoice is for, in the transaction of the payment."""
    if not reference.startswith(REFERENCE):
        return
    membership = Membership.objects.filter(pk=reference.removeprefix(REFERENCE)).first()
    if membership:
        start_membership(membership=membership, at=at)
