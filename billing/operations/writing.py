"""What every operation on invoices shares: numbering and storing a document, and following how it fares."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Max
from django.utils import timezone

from billing import rules
from billing.models import Customer, Invoice, InvoiceLine, NumberSeries
from billing.money import add_up, spread_vat
from billing.queries import TreatedLine, credited_amount, settled_amount, with_left


class NothingToInvoice(ValueError):
    """An invoice needs at least one line, a total between 0.01 and 99,999,999.99 EUR, and no VAT below 0."""


class Received(NamedTuple):
    """Money that is there before its invoice is: EUR, and how the last of it came (a `Payment.Method`)."""

    amount: Decimal
    method: str


def write_document(
    *,
    kind: str,
    customer: Customer,
    details: dict[str, str],
    issuer: dict[str, str],
    lines: Sequence[InvoiceLine],
    reference: str,
    due_on: date,
    at: datetime,
    buyer_reference: str = "",
    credits: Invoice | None = None,
    pro_forma: Invoice | None = None,
    received: Received | None = None,
    way: str = Invoice.Way.TRANSFER,
    credited: Iterable[InvoiceLine] = (),
) -> Invoice:
    """Number and store a document. The series stays locked until the commit: a rollback leaves no gap.

    `credited` are the lines of earlier credit notes, after which this one's VAT is rounded. What is
    `received` stands on it as paid before, up to its total; `way` is how the rest is to be paid. Raises
    NothingToInvoice.
    """
    for line, vat in zip(lines, spread_vat(lines, after=credited), strict=True):
        line.vat = vat
    sums = add_up(lines)
    if not Decimal(0) < sums.gross <= rules.HIGHEST_AMOUNT or sums.vat < 0:
        raise NothingToInvoice(f"{sums.gross} EUR, of which {sums.vat} EUR VAT")
    prepaid = min(received.amount, sums.gross) if received else Decimal(0)
    if received and prepaid == sums.gross:
        way = received.method
    issued_on = timezone.localdate(at)
    year = issued_on.year
    series = _lock_series(kind=kind, year=year)
    series.last += 1
    series.save(update_fields=["last"])
    invoice: Invoice = Invoice.objects.create(
        **details,
        kind=kind,
        year=year,
        sequence=series.last,
        number=rules.invoice_number(kind, year, series.last),
        structured_communication=rules.structured_communication(kind, year, series.last),
        customer=customer,
        issuer=issuer,
        credits=credits,
        pro_forma=pro_forma,
        reference=reference,
        buyer_reference=buyer_reference,
        net=sums.net,
        vat=sums.vat,
        gross=sums.gross,
        prepaid=prepaid,
        way=way,
        issued_on=issued_on,
        due_on=max(due_on, issued_on),
        issued_at=at,
        line_count=len(lines),
    )
    for position, line in enumerate(lines, 1):
        line.invoice, line.position = invoice, position
    InvoiceLine.objects.bulk_create(lines)
    return invoice


def _lock_series(*, kind: str, year: int) -> NumberSeries:
    rows = NumberSeries.objects.select_for_update()
    try:
        return rows.get(kind=kind, year=year)
    except NumberSeries.DoesNotExist:  # the first of its year
        NumberSeries.objects.get_or_create(kind=kind, year=year)
        return rows.get(kind=kind, year=year)


def stored_line(line: TreatedLine, ledger_account: str, language: str) -> InvoiceLine:
    """Return a line as an invoice keeps it, not saved; the text of the reason in a language."""
    draft, treatment = line.draft, line.treatment
    return InvoiceLine(
        text=draft.text,
        quantity=draft.quantity,
        unit=draft.unit,
        unit_price=draft.unit_price,
        vat_treatment=treatment.slug,
        vat_category=treatment.category,
        vat_rate=treatment.rate,
        vat_reason=treatment.reason(language),
        vat_reason_code=treatment.reason_code,
        vat_code=treatment.vat_code,
        net=draft.net,
        period_from=draft.period_from,
        period_to=draft.period_to,
        ledger_account=draft.ledger_account or treatment.ledger_account or ledger_account,
        reference=draft.reference,
    )


def follow_invoice(
    invoice: Invoice,
    *,
    at: datetime,
    paid_on: date | None = None,
    settled: Decimal | None = None,
    credited: Decimal | None = None,
) -> None:
    """Bring the status of a locked invoice in line with what was paid and credited.

    These sums (EUR) are asked unless the caller, who holds the lock, knows them. That it is overdue is left
    to the clock, which tells it too. A pro forma only keeps that money came in for it.
    """
    if invoice.is_pro_forma:
        _follow_pro_forma(invoice, settled=settled_amount(invoice) if settled is None else settled)
        return
    was_paid = invoice.status == Invoice.Status.PAID
    status = rules.status_after(
        gross=invoice.gross,
        settled=settled_amount(invoice) if settled is None else settled,
        credited=credited_amount(invoice) if credited is None else credited,
        due_on=invoice.due_on,
        on=timezone.localdate(at),
    )
    if status not in Invoice.OPEN or invoice.status not in Invoice.OPEN:
        invoice.status = status
    if invoice.status == Invoice.Status.PAID and invoice.paid_on is None:
        kept = with_left(invoice.payments.order_by()).filter(left__gt=0)
        invoice.paid_on = paid_on or kept.aggregate(last=Max("received_on"))["last"]
    if was_paid and invoice.status in Invoice.OPEN:  # money went back
        invoice.paid_on = None
        if invoice.status == Invoice.Status.OVERDUE:
            invoice.overdue_on = timezone.localdate(at)
    invoice.save(update_fields=["status", "paid_on", "overdue_on"])


def _follow_pro_forma(pro_forma: Invoice, *, settled: Decimal) -> None:
    if pro_forma.status in Invoice.UNDECIDED:
        pro_forma.status = Invoice.Status.RECEIVED if settled > 0 else Invoice.Status.ISSUED
        pro_forma.save(update_fields=["status"])
