"""Invoices that staff make themselves: project work, coaching, sponsoring. First looked at, then issued."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from billing.documents import Gap, find_gaps
from billing.models import Customer, Invoice, InvoiceLine, Issuer
from billing.models.customers import POSTAL_FIELDS
from billing.money import Totals, totals
from billing.operations.issuing import issue_invoice
from billing.operations.writing import NothingToInvoice, stored_line
from billing.queries import needs_vat_check, treat_lines, vat_standing
from billing.rules import DESK, HIGHEST_AMOUNT, REVERSE_CHARGE, DraftLine
from billing.vat import CONFIRMED, SUBJECT, document_kind


class PreviewOutdated(RuntimeError):
    """What would be issued now is not what was shown: the customer, a treatment of VAT or a line changed."""


@dataclass(frozen=True)
class Preview:
    """What would be issued: the document and its lines, not saved, what they come to, and what is missing."""

    invoice: Invoice
    lines: list[InvoiceLine]
    totals: Totals
    gaps: list[Gap]

    @property
    def seal(self) -> str:
        """A fingerprint of all that is shown: who confirms it confirms this and nothing else."""
        names = (*POSTAL_FIELDS, "kind", "buyer_reference", "due_on", "issuer")
        of_line = ("text", "quantity", "unit", "unit_price", "vat_treatment", "vat_rate", "net")
        shown = [str(getattr(self.invoice, name)) for name in names]
        shown += [str(getattr(line, name)) for line in self.lines for name in of_line]
        return sha256("\0".join([*shown, str(self.totals.gross)]).encode()).hexdigest()


def preview_free_invoice(
    *,
    customer: Customer,
    lines: Sequence[DraftLine],
    po_number: str,
    buyer_reference: str,
    due_on: date,
    at: datetime,
) -> Preview:
    """Return what `issue_free_invoice` would issue, to the cent; writes nothing.

    Raises InvalidLine, NothingToInvoice, and IssuerIncomplete.
    """
    issuer = Issuer.load()
    facts = {"country": customer.country, "vat_number": customer.vat_number}
    treated = treat_lines(lines, issuer=issuer, **facts, at=at)
    sums = totals(treated)
    if not 0 < sums.gross <= HIGHEST_AMOUNT:
        raise NothingToInvoice(f"{sums.gross} EUR")
    details = {name: getattr(customer, name) for name in POSTAL_FIELDS} | {"po_number": po_number}
    invoice = Invoice(
        **details,
        kind=document_kind(line.treatment.needs_invoice for line in treated),
        customer=customer,
        issuer=issuer.snapshot(),
        buyer_reference=buyer_reference,
        due_on=due_on,
    )
    stored = [stored_line(line, issuer.ledger_account, customer.language) for line in treated]
    gaps = list(find_gaps(invoice, stored))
    if any(line.vat_category == REVERSE_CHARGE for line in stored):
        gaps += find_vat_gaps(customer, at=at)
    return Preview(invoice, stored, sums, gaps)


def find_vat_gaps(customer: Customer, *, at: datetime) -> list[Gap]:
    """Say why an invoice with reverse charge to a customer would wait, or could not be."""
    if not needs_vat_check(customer, regime=SUBJECT):
        return [
            Gap("lines", _("Reverse charge is for a business elsewhere in the EU, with a VAT number there."))
        ]
    if vat_standing(customer.vat_number, at=at).state == CONFIRMED:
        return []
    told = _("The VAT number %(number)s is not confirmed yet: reverse charge waits for that.")
    return [Gap("customer", told % {"number": customer.vat_number})]


@transaction.atomic
def issue_free_invoice(
    *,
    customer: Customer,
    lines: Sequence[DraftLine],
    po_number: str,
    buyer_reference: str,
    due_on: date,
    key: UUID,
    seal: str,
    at: datetime,
    by: User | None,
) -> Invoice:
    """Issue and mail an invoice as its preview showed it; the same `key` counts once, and returns the first.

    `seal` is the preview's. Raises PreviewOutdated, VatUnconfirmed, and what `preview_free_invoice` raises.
    """
    customer = Customer.objects.select_for_update().get(pk=customer.pk)
    reference = f"{DESK}{key}"
    known = Invoice.objects.filter(reference=reference).exclude(kind=Invoice.Kind.CREDIT_NOTE).first()
    if known:
        return known
    words = {"po_number": po_number, "buyer_reference": buyer_reference}
    preview = preview_free_invoice(customer=customer, lines=lines, due_on=due_on, **words, at=at)
    if preview.seal != seal:
        raise PreviewOutdated
    return issue_invoice(
        customer=customer,
        lines=lines,
        reference=reference,
        due_on=due_on,
        details={"po_number": po_number},
        buyer_reference=buyer_reference,
        at=at,
        by=by,
    )
