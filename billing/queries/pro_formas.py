"""What was asked before there was an invoice, and which of it needs somebody."""

from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce, Round

from billing.bank.references import read_reference
from billing.models import Invoice, Payment, Reversal
from billing.queries.invoices import MONEY, ZERO


def followed(document: Invoice) -> Invoice:
    """Return the invoice that followed a pro forma; any other document is itself."""
    if not document.is_pro_forma:
        return document
    return Invoice.objects.filter(pro_forma=document).first() or document


def is_of_pro_forma(text: str) -> bool:
    """Say whether a text is the number or the structured communication of a pro forma."""
    named = Q(structured_communication=read_reference(text)) | Q(number=text.strip().upper())
    is_sought = bool(text) and text.isprintable()  # PostgreSQL takes no NUL
    return is_sought and pro_formas().filter(named).exists()


def pro_formas() -> QuerySet[Any]:
    """Return all pro formas, with the number of the invoice that followed."""
    rows: QuerySet[Any] = Invoice.documents.filter(kind=Invoice.Kind.PRO_FORMA)
    return rows.select_related("made")


def with_money(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Annotate pro formas with `money`: what came in and stands on no invoice, nor went back, in EUR.

    Their invoice could not be issued when it came in, or they were withdrawn before: somebody must look.
    """
    came = Payment.objects.filter(invoice=OuterRef("pk")).order_by().values("invoice")
    back = Reversal.objects.filter(payment__invoice=OuterRef("pk"), status__in=Reversal.COUNTS).order_by()
    sums = [
        came.annotate(total=Sum("amount")).values("total"),
        back.values("payment__invoice").annotate(total=Sum("amount")).values("total"),
    ]
    received, returned = (
        Coalesce(Subquery(each, output_field=MONEY), Value(ZERO), output_field=MONEY) for each in sums
    )
    return rows.annotate(money=Round(received - returned, 2, output_field=MONEY))
