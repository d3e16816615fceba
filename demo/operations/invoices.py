"""The demo association's own details, and the invoices of its members: most are paid, a few are not yet."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext, override

from billing.models import Customer, Invoice, Issuer, Payment
from billing.operations.invoices import DraftLine, issue_invoice, record_payment
from membership.models import Charge, Membership, Organisation
from membership.operations.charges import REFERENCE
from membership.queries import yearly_fee

ISSUER = {
    "name": "Smart Cities Vlaanderen (demo)",
    "legal_form": "vzw",
    "street": "Stadsplein 1",
    "postcode": "9999",
    "city": "Voorbeeldstad",
    "email": "facturen@demo.example",
    "enterprise_number": "0999999922",
    "register": "RPR Voorbeeldstad",
    "iban": "BE90999202600132",
    "bank": "Voorbeeldbank",
}
"""Plainly fictional: no number of the 0999 range is given out, and no bank has code 999."""

DAYS_TO_PAY = 12
"""So long before its first day a membership was invoiced: it starts when that is paid."""
SPONSORS = (4, 9, 15, 24, 36, 48)
"""So many days ago members were invoiced for sponsoring the yearly meeting; none has paid yet."""
BANKED = (20, 19, 18, 17, 16)
"""The next members were invoiced for it so many days ago, and have paid by the bank since (`treasury`)."""
SPONSORING = Decimal("750.00")


def load_issuer() -> str:
    """Fill in who invoices."""
    Issuer.objects.update_or_create(pk=1, defaults=ISSUER)
    return "the association's details"


@dataclass(frozen=True)
class Planned:
    """An invoice to issue: what for, when, and when it was paid, if it was."""

    membership: Membership
    customer: Customer
    issued_at: datetime
    paid_at: datetime | None = None


def load_invoices(*, at: datetime) -> str:
    """Issue in the order of the days the invoice that each running membership began with, and some others."""
    memberships = list(
        Membership.objects.filter(status__in=Membership.RUNNING)
        .select_related("organisation", "tier")
        .order_by("starts_on", "pk")
    )
    today, planned = timezone.localdate(at), []
    for number, membership in enumerate(memberships):
        first_day, customer = _morning(membership.starts_on or today), _make_customer(membership.organisation)
        issued_at = first_day - timedelta(days=DAYS_TO_PAY)
        planned.append(Planned(membership, customer, issued_at=issued_at, paid_at=first_day))
        if number < len(SPONSORS + BANKED):
            sponsored_at = _morning(today - timedelta(days=(SPONSORS + BANKED)[number]))
            planned.append(Planned(membership, customer, issued_at=sponsored_at))
    for invoice in sorted(planned, key=lambda each: each.issued_at):
        _issue(invoice)
    return f"{len(planned)} invoices"


def payers_by_bank(*, at: datetime) -> list[Invoice]:
    """Return the invoices that are paid by the bank, the oldest first."""
    days = [timezone.localdate(at) - timedelta(days=ago) for ago in BANKED]
    return list(Invoice.objects.filter(reference="", issued_on__in=days).order_by("issued_on"))


def _morning(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(10)))


def _make_customer(organisation: Organisation) -> Customer:
    contact = organisation.affiliations.select_related("user").first()
    organisation.customer = Customer.objects.create(
        name=organisation.name,
        street=organisation.street,
        postcode=organisation.postcode,
        city=organisation.city,
        email=f"facturen+{organisation.pk}@demo.example",
        enterprise_number=organisation.enterprise_number,
        language=contact.user.language if contact else "nl",
    )
    organisation.save(update_fields=["customer"])
    return organisation.customer


def _issue(planned: Planned) -> None:
    membership = planned.membership
    invoice = issue_invoice(
        customer=planned.customer,
        lines=[_line(planned)],
        reference=f"{REFERENCE}{membership.pk}" if planned.paid_at else "",
        at=planned.issued_at,
        by=None,
        is_mailed=False,
    )
    if planned.paid_at:
        Charge.objects.filter(membership=membership).update(invoice=invoice)
        record_payment(
            invoice=invoice,
            amount=invoice.gross,
            method=Payment.Method.TRANSFER,
            received_on=timezone.localdate(planned.paid_at),
            external_reference=f"demo-{invoice.number}",
            by=None,
            at=planned.paid_at,
        )


def _line(planned: Planned) -> DraftLine:
    tier, organisation = planned.membership.tier, planned.membership.organisation
    with override(planned.customer.language):
        if planned.paid_at is None:
            return DraftLine(text=gettext("Sponsoring of the yearly meeting"), unit_price=SPONSORING)
        text = gettext("%(tier)s membership, 12 months from the day of payment") % {"tier": tier.name}
    fee = yearly_fee(
        tier=tier,
        employees=organisation.employees or 0,
        kind=organisation.kind,
        on=timezone.localdate(planned.issued_at),
    )
    return DraftLine(text=text, unit_price=Decimal(fee))
