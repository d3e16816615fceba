"""The balance of the debtors at the end of a day, customer's document by document."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Case, F, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce, Round

from billing.models import Invoice, Payment, Reversal
from billing.queries.invoices import MONEY, ZERO

LEFT = F("invoiced") - F("credited") - F("received") + F("returned")


def open_items(on: date) -> QuerySet[Any]:
    """Return what was open at the end of a day, oldest first: `left` in EUR, and the four sums it comes from.

    `invoiced` less `credited` less `received` plus `returned`, each up to and including that day and whole,
    whatever of it was too much: the order in which it was recorded tells nothing, only the days do. What is
    below zero is owed to the payer: paid too much, credited afterwards, before its invoice, or for a pro
    forma without one. So the list comes to the balance of the debtors. Credit notes stand with their invoice.
    """
    came = Payment.objects.filter(invoice=OuterRef("pk"), received_on__lte=on)
    went = Reversal.objects.filter(
        payment__invoice=OuterRef("pk"), returned_on__lte=on, status__in=Reversal.COUNTS
    )
    notes = Invoice.objects.filter(credits=OuterRef("pk"), issued_on__lte=on)
    is_invoiced = Q(issued_on__lte=on) & ~Q(kind=Invoice.Kind.PRO_FORMA)
    documents = Invoice.documents.exclude(kind=Invoice.Kind.CREDIT_NOTE).annotate(
        invoiced=Case(When(is_invoiced, then=F("gross")), default=Value(ZERO), output_field=MONEY),
        credited=_sum(notes, "credits", "gross"),
        received=_sum(came, "invoice", "amount"),
        returned=_sum(went, "payment__invoice", "amount"),
    )
    items = documents.annotate(left=Round(LEFT, 2, output_field=MONEY))
    return items.exclude(left=Decimal(0)).order_by("issued_on", "pk")


def _sum(rows: QuerySet[Any], of: str, what: str) -> Round:
    """Return the sum of the rows of a document, in EUR, as a part of its own row."""
    sums = rows.order_by().values(of).annotate(total=Sum(what)).values("total")
    total = Coalesce(Subquery(sums, output_field=MONEY), Value(ZERO), output_field=MONEY)
    return Round(total, 2, output_field=MONEY)  # SQLite reckons in floating point
