"""How documents went out, and which of them need somebody."""

from collections.abc import Collection
from typing import Any

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from billing.models import Dispatch, Invoice

MAILED = "mailed"
"""What a list says of a document that went by mail alone."""


def is_on_peppol(invoice: Invoice) -> bool:
    """Say whether the access point took a document: then the customer has it by Peppol."""
    return bool(on_peppol([invoice.pk]))


def on_peppol(pks: Collection[int]) -> set[int]:
    """Return which of some documents, by their ids, the access point took."""
    gone = Dispatch.objects.filter(channel=Dispatch.Channel.PEPPOL, state__in=Dispatch.GONE)
    return set(gone.filter(invoice__in=pks).values_list("invoice", flat=True))


def dispatches_of(invoice: Invoice) -> QuerySet[Dispatch]:
    """Return the ways that a document went out, newest first, with who sent it and what was looked up."""
    rows: QuerySet[Dispatch] = Dispatch.objects.filter(invoice=invoice)
    return rows.select_related("by").prefetch_related("lookups")


def peppol_dispatch(invoice: Invoice) -> Dispatch | None:
    """Return the newest dispatch of a document by Peppol."""
    found: Dispatch | None = (
        Dispatch.objects.filter(invoice=invoice, channel=Dispatch.Channel.PEPPOL)
        .order_by("-created_at", "-pk")
        .first()
    )
    return found


def with_delivery(invoices: QuerySet[Invoice]) -> QuerySet[Invoice]:
    """Annotate `delivery`, for lists: the state of the newest dispatch by Peppol, else "mailed", or ""."""
    by_peppol = (
        Dispatch.objects.filter(invoice=OuterRef("pk"), channel=Dispatch.Channel.PEPPOL)
        .order_by("-created_at", "-pk")
        .values("state")[:1]
    )
    mailed = Case(When(mailed_at__isnull=False, then=Value(MAILED)), default=Value(""))
    return invoices.annotate(delivery=Coalesce(Subquery(by_peppol), mailed))


def needs_somebody() -> Q:
    """Return the condition of dispatches that did not get through: refused, or tried without success."""
    return Q(state=Dispatch.State.FAILED) | Q(state=Dispatch.State.QUEUED) & ~Q(error="")


def stuck_dispatches() -> QuerySet[Any]:
    """Return the dispatches by Peppol that need somebody, unless a later one of the document got through.

    Nobody is needed for an invoice that was credited in full and never went by Peppol, nor for its credit
    notes: there they have nothing to take off.
    """
    later = Dispatch.objects.filter(
        invoice=OuterRef("invoice"), channel=Dispatch.Channel.PEPPOL, pk__gt=OuterRef("pk")
    )
    rows: QuerySet[Any] = Dispatch.objects.filter(needs_somebody(), ~Exists(later)).annotate(
        charged=Coalesce("invoice__credits", "invoice")
    )
    went = Dispatch.objects.filter(
        invoice=OuterRef("charged"), channel=Dispatch.Channel.PEPPOL, sent_at__isnull=False
    )
    undone = Invoice.objects.filter(pk=OuterRef("charged"), status=Invoice.Status.CREDITED)
    return rows.exclude(Exists(undone) & ~Exists(went))
