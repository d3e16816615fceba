"""Books of any size for the bench: customers, members whose term ends, invoices, payments. In bulk."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from django.db import transaction
from django.utils import timezone

from billing import rules
from billing.models import (
    Customer,
    Dispatch,
    DunningHold,
    Invoice,
    InvoiceLine,
    Issuer,
    NumberSeries,
    Payment,
    StripeEvent,
    VatCheck,
)
from billing.models.customers import POSTAL_FIELDS
from membership.models import Charge, Lifecycle, Membership, Organisation, Tier
from membership.queries import yearly_fee
from membership.rules import name_key

NET, VAT = Decimal("1000.00"), Decimal("210.00")
EMPLOYEES = 25
NAME = "Meetbedrijf"
BATCH = 1000
_numbers = count(1)


def enterprise_number(number: int) -> str:
    """Return a number of the range 0999, which is given to nobody, with its check digits (mod 97)."""
    base = f"0999{number % 10_000:04d}"
    return f"{base}{97 - int(base) % 97:02d}"


def add_customers(most: int) -> list[Customer]:
    """Add companies that can be reached by Peppol."""
    rows = []
    for number in (next(_numbers) for _ in range(most)):
        place = {"street": "Telraamstraat 1", "postcode": "2000", "city": "Antwerpen"}
        rows.append(
            Customer(
                name=f"{NAME} {number}",
                email=f"boekhouding{number}@demo.example",
                enterprise_number=enterprise_number(number),
                **place,
            )
        )
    return Customer.objects.bulk_create(rows, batch_size=BATCH)


def add_members(most: int) -> None:
    """Add members whose next term is to be invoiced today."""
    today, tier = timezone.localdate(), Tier.objects.get(slug="connect")
    ends_on = today + timedelta(days=Lifecycle.load().invoice_days)
    starts_on = ends_on - timedelta(days=364)
    fee = yearly_fee(tier=tier, employees=EMPLOYEES, kind=Organisation.Kind.COMPANY, on=starts_on)
    organisations = Organisation.objects.bulk_create(
        [
            Organisation(
                name=customer.name,
                name_key=name_key(customer.name),
                employees=EMPLOYEES,
                customer=customer,
                is_confirmed=True,
            )
            for customer in add_customers(most)
        ],
        batch_size=BATCH,
    )
    memberships = Membership.objects.bulk_create(
        [
            Membership(
                organisation=organisation,
                tier=tier,
                status=Membership.Status.ACTIVE,
                applied_at=timezone.now(),
                starts_on=starts_on,
                ends_on=ends_on,
            )
            for organisation in organisations
        ],
        batch_size=BATCH,
    )
    term = {"purpose": Charge.Purpose.START, "term_starts_on": starts_on, "from_on": starts_on}
    what = {"tier": tier, "employees": EMPLOYEES, "yearly_fee": fee}
    charges = [Charge(membership=membership, **term, **what) for membership in memberships]
    Charge.objects.bulk_create(charges, batch_size=BATCH)


@transaction.atomic
def add_invoices(customers: Sequence[Customer], *, is_paid: bool = False) -> list[Invoice]:
    """Add an invoice of 1,210 EUR to each customer, sent by Peppol, open or paid; numbered on."""
    invoices = _add_documents(customers, kind=rules.INVOICE, is_paid=is_paid)
    Dispatch.objects.bulk_create([_dispatch(invoice) for invoice in invoices], batch_size=BATCH)
    if is_paid:
        Payment.objects.bulk_create([_payment(invoice) for invoice in invoices], batch_size=BATCH)
    return invoices


@transaction.atomic
def add_pro_formas(customers: Sequence[Customer]) -> list[Invoice]:
    """Ask each customer for 1,210 EUR by a pro forma; numbered on."""
    return _add_documents(customers, kind=rules.PRO_FORMA)


def add_messages(most: int) -> None:
    """Keep messages of Stripe that were applied."""
    at, first = timezone.now(), StripeEvent.objects.count()
    StripeEvent.objects.bulk_create(
        [
            StripeEvent(
                event_id=f"evt_bench{first + number}",
                type="customer.created",
                payload={"id": f"evt_bench{first + number}"},
                received_at=at,
                applied_at=at,
                outcome="nothing to do for this kind of message",
            )
            for number in range(most)
        ],
        batch_size=BATCH,
    )


def add_vat_checks(customers: Sequence[Customer]) -> None:
    """Keep what VIES answered about a number of each customer."""
    VatCheck.objects.bulk_create(
        [
            VatCheck(
                customer=customer,
                vat_number=f"NL{number:09d}B01",
                outcome=VatCheck.Outcome.VALID,
                consultation_number=f"BENCH{number}",
                name=customer.name,
                checked_at=timezone.now(),
            )
            for number, customer in enumerate(customers)
        ],
        batch_size=BATCH,
    )


def hold_reminders(invoices: Iterable[Invoice]) -> None:
    """Let nobody be reminded of some invoices."""
    at = timezone.now()
    holds = [DunningHold(invoice=invoice, reason="bench", held_at=at) for invoice in invoices]
    DunningHold.objects.bulk_create(holds, batch_size=BATCH)


def _add_documents(customers: Sequence[Customer], *, kind: str, is_paid: bool = False) -> list[Invoice]:
    at, issuer = timezone.now(), Issuer.load()
    today = timezone.localdate(at)
    year = today.year
    series, _made = NumberSeries.objects.get_or_create(kind=kind, year=year)
    invoices = []
    for sequence, customer in enumerate(customers, series.last + 1):
        details: dict[str, Any] = {name: getattr(customer, name) for name in POSTAL_FIELDS}
        issued_on = today - timedelta(days=sequence % 200)
        due_on = rules.due_date(issued_on)
        is_late = due_on < today and kind != rules.PRO_FORMA
        state = Invoice.Status.OVERDUE if is_late else Invoice.Status.ISSUED
        invoices.append(
            Invoice(
                **details,
                kind=kind,
                year=year,
                sequence=sequence,
                number=rules.invoice_number(kind, year, sequence),
                structured_communication=rules.structured_communication(kind, year, sequence),
                customer=customer,
                issuer=issuer.snapshot(),
                reference=f"bench:{sequence}",
                net=NET,
                vat=VAT,
                gross=NET + VAT,
                issued_on=issued_on,
                due_on=due_on,
                issued_at=at,
                line_count=1,
                mailed_at=at,
                status=Invoice.Status.PAID if is_paid else state,
                paid_on=today if is_paid else None,
            )
        )
    Invoice.objects.bulk_create(invoices, batch_size=BATCH)
    series.last += len(invoices)
    series.save()
    InvoiceLine.objects.bulk_create([_line(invoice) for invoice in invoices], batch_size=BATCH)
    return invoices


def _line(invoice: Invoice) -> InvoiceLine:
    price = {"unit_price": NET, "net": NET, "vat": VAT}
    treatment = {"vat_treatment": "standard", "vat_category": rules.STANDARD, "vat_rate": Decimal(21)}
    return InvoiceLine(invoice=invoice, position=1, text="Connect, 12 maanden", **price, **treatment)


def _dispatch(invoice: Invoice) -> Dispatch:
    at = {"created_at": invoice.issued_at, "queued_at": invoice.issued_at, "sent_at": invoice.issued_at}
    how = {"channel": Dispatch.Channel.PEPPOL, "address": f"0208:{invoice.enterprise_number}"}
    return Dispatch(invoice=invoice, state=Dispatch.State.SENT, **how, **at)


def _payment(invoice: Invoice) -> Payment:
    return Payment(
        invoice=invoice,
        amount=invoice.gross,
        method=Payment.Method.TRANSFER,
        received_on=timezone.localdate(invoice.issued_at),
        external_reference=f"bench:{invoice.number}",
        recorded_at=invoice.issued_at,
    )
