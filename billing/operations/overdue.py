"""What the clock does to invoices."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from billing.models import Invoice
from billing.signals import invoice_overdue
from cms.log import record
from cms.operations.periodic import each


def mark_overdue(at: datetime) -> int:
    """Mark the invoices whose last day to pay has passed, and tell it. Returns how many."""
    late = Invoice.objects.filter(
        status=Invoice.Status.ISSUED, due_on__lt=timezone.localdate(at), credits__isnull=True
    )
    return each(late.values_list("pk", flat=True), lambda pk: _mark(pk, at))


@transaction.atomic
def _mark(pk: int, at: datetime) -> bool:
    invoice = Invoice.objects.select_for_update().get(pk=pk)
    if invoice.status != Invoice.Status.ISSUED:
        return False  # paid meanwhile
    invoice.status, invoice.overdue_on = Invoice.Status.OVERDUE, timezone.localdate(at)
    invoice.save(update_fields=["status", "overdue_on"])
    record(invoice, "billing.overdue", at=at)
    invoice_overdue.send(Invoice, invoice_id=invoice.pk, reference=invoice.reference, at=at)
    return True
