"""What the clock does to invoices."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from billing.models import AutomaticPayment, Invoice
from billing.queries import is_under_way
from billing.signals import invoice_overdue
from cms.log import record
from cms.operations.periodic import each

DEBIT_TAKES = timedelta(days=14)
"""A bank confirms or refuses a SEPA direct debit within so long (docs.stripe.com/payments/sepa-debit)."""


def mark_overdue(at: datetime) -> int:
    """Mark the invoices whose last day to pay has passed, and tell it. Returns how many.

    One that a bank is about to pay by direct debit waits for the bank, at most DEBIT_TAKES; one that we
    charge ourselves on a day to come waits for that day.
    """
    today, since = timezone.localdate(at), at - DEBIT_TAKES
    planned = AutomaticPayment.objects.filter(
        status=AutomaticPayment.Status.PLANNED, failed=0, next_on__gte=today
    )
    late = Invoice.objects.filter(
        status=Invoice.Status.ISSUED, due_on__lt=today, credits__isnull=True
    ).exclude(is_under_way("pk", since=since) | Q(pk__in=planned.values("invoice")))
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
