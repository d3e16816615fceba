"""What is to be paid back, for lists."""

from typing import Any

from django.db.models import Case, F, OuterRef, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce, Round

from billing.models import Invoice, Payment, Reversal
from billing.queries.invoices import MONEY, ZERO


def with_refundable(invoices: QuerySet[Invoice]) -> QuerySet[Any]:
    """Annotate `refundable` where there is `left`: what is to be paid back, as `refundable_amount` says."""
    too_much = (
        Payment.objects.filter(invoice=OuterRef("pk"))
        .order_by()
        .values("invoice")
        .annotate(total=Sum("surplus"))
        .values("total")
    )
    returned_of_it = (
        Reversal.objects.filter(payment__invoice=OuterRef("pk"), status__in=Reversal.COUNTS)
        .order_by()
        .values("payment__invoice")
        .annotate(total=Sum("of_surplus"))
        .values("total")
    )
    surplus = Coalesce(Subquery(too_much, output_field=MONEY), Value(ZERO), output_field=MONEY) - Coalesce(
        Subquery(returned_of_it, output_field=MONEY), Value(ZERO), output_field=MONEY
    )
    credited_later = Case(When(left__lt=0, then=-F("left")), default=Value(ZERO), output_field=MONEY)
    return invoices.annotate(refundable=Round(surplus + credited_later, 2, output_field=MONEY))
