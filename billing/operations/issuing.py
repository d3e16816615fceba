"""Issuing invoices: whoever asks for it, and whatever becomes of them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from billing import rules
from billing.models import ChargeRules, Customer, Invoice, Issuer
from billing.models.customers import POSTAL_FIELDS
from billing.operations.delivery import deliver_invoice
from billing.operations.plans import means_to_charge, plan_payment
from billing.operations.writing import Received, stored_line, write_document
from billing.queries import preview_total, treat_lines, vat_standing
from billing.rules import DraftLine
from billing.signals import invoice_issued
from billing.vat import CONFIRMED, document_kind
from cms.log import record


class VatUnconfirmed(ValueError):
    """Reverse charge waits: neither VIES nor staff confirmed the VAT number, which is the message."""


@transaction.atomic
def issue_invoice(
    *,
    customer: Customer,
    lines: Sequence[DraftLine],
    reference: str,
    at: datetime,
    by: User | None,
    due_on: date | None = None,
    is_mailed: bool = True,
    details: dict[str, str] | None = None,
    buyer_reference: str = "",
    pro_forma: Invoice | None = None,
    received: Received | None = None,
    is_charged: bool = False,
) -> Invoice:
    """Issue an invoice to a customer, numbered without gaps, dated by the clock `at`.

    `reference` says what it is for ("membership:123") and comes back in the signals. Without `due_on` the
    association's term of payment counts. `by` is None when the platform itself acts. The customer gets it by
    Peppol and by mail unless `is_mailed` is off. `details` stand on this invoice instead of the customer's
    own (fields of `Postal`); `buyer_reference` is what the customer wants to find on it. VAT follows the
    treatment that holds for each line; where none of them needs an invoice, the document is a payment
    request. `pro_forma` is what asked for the money before (`invoice_pro_forma`), and `received` what came in
    for it. With `is_charged` the automatic payment is planned where the customer saved a means that takes as
    much, and the document says so. Raises InvalidLine, NothingToInvoice, IssuerIncomplete as long as the
    association's own details are not filled in, and VatUnconfirmed where reverse charge waits for the
    customer's VAT number.
    """
    issued_on = timezone.localdate(at)
    issuer = Issuer.load()
    means = None
    if is_charged:
        # What is saved ends and is replaced under this lock: the document says for ever that it is charged.
        # Other documents of the customer need not wait (no_key), who hold the series that comes next.
        customer = Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
        means = means_to_charge(customer)
        if means and not ChargeRules.load().takes(means, preview_total(customer, lines, at=at).gross):
            means = None
    invoice = draw_up(
        customer=customer,
        details={name: getattr(customer, name) for name in POSTAL_FIELDS} | (details or {}),
        issuer=issuer,
        lines=lines,
        reference=reference,
        buyer_reference=buyer_reference,
        due_on=due_on or rules.due_date(issued_on, issuer.payment_days),
        at=at,
        pro_forma=pro_forma,
        received=received,
        way=Invoice.Way.CHARGE if means else Invoice.Way.TRANSFER,
    )
    data = {"gross": str(invoice.gross)} | ({"pro_forma": pro_forma.number} if pro_forma else {})
    record(invoice, "billing.issue", by=by, at=at, data=data)
    if means:
        plan_payment(invoice=invoice, means=means, at=at, by=by)
    if is_mailed:
        deliver_invoice(invoice=invoice, at=at, by=by)
    asked = {"pro_forma_id": pro_forma.pk} if pro_forma else {}
    invoice_issued.send(Invoice, invoice_id=invoice.pk, reference=reference, at=at, **asked)
    return invoice


def draw_up(
    *,
    details: dict[str, str],
    issuer: Issuer,
    lines: Sequence[DraftLine],
    at: datetime,
    kind: str = "",
    **fields: Any,
) -> Invoice:
    """Write a document as VAT is treated for who is named in the details.

    An invoice or a payment request, as its lines need, unless a `kind` is given. The operation that issues it
    writes the line in the log.
    """
    facts = {"country": details["country"], "vat_number": details["vat_number"]}
    treated = treat_lines(lines, issuer=issuer, **facts, at=at)
    is_reversed = any(line.vat_category == rules.REVERSE_CHARGE for line in treated)
    if is_reversed and vat_standing(details["vat_number"], at=at).state != CONFIRMED:
        raise VatUnconfirmed(details["vat_number"])
    return write_document(
        kind=kind or document_kind(line.treatment.needs_invoice for line in treated),
        details=details,
        issuer=issuer.snapshot(),
        lines=[stored_line(line, issuer.ledger_account, details["language"]) for line in treated],
        at=at,
        **fields,
    )
