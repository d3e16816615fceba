"""The demo association's own details, and the invoices of its members: most are paid, a few are not yet."""

from datetime import datetime, time, timedelta
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext, override

from billing.models import Customer, Issuer, Payment
from billing.operations.invoices import DraftLine, issue_invoice, record_payment
from membership.models import Membership
from membership.operations.joining import REFERENCE
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

UNPAID = 6
"""So many of the newest invoices still wait for their transfer."""


def load_issuer() -> str:
    """Fill in who invoices."""
    Issuer.objects.update_or_create(pk=1, defaults=ISSUER)
    return "the association's details"


def load_invoices(*, at: datetime) -> str:
    """Invoice each running membership on its first day, in that order, and pay all but the newest."""
    memberships = list(
        Membership.objects.filter(status__in=Membership.RUNNING)
        .select_related("organisation", "tier")
        .order_by("starts_on", "pk")
    )
    for number, membership in enumerate(memberships):
        first_day = membership.starts_on or timezone.localdate(at)
        moment = timezone.make_aware(datetime.combine(first_day, time(10)))
        _invoice(membership, at=moment, is_paid=number < len(memberships) - UNPAID)
    return f"{len(memberships)} invoices"


def _invoice(membership: Membership, *, at: datetime, is_paid: bool) -> None:
    organisation = membership.organisation
    customer = Customer.objects.create(
        name=organisation.name,
        street=organisation.street,
        postcode=organisation.postcode,
        city=organisation.city,
        email=f"facturen+{organisation.pk}@demo.example",
        enterprise_number=organisation.enterprise_number,
    )
    organisation.customer = customer
    organisation.save(update_fields=["customer"])
    fee = yearly_fee(
        tier=membership.tier,
        employees=organisation.employees or 0,
        kind=organisation.kind,
        on=timezone.localdate(at),
    )
    with override(customer.language):
        text = gettext("Membership %(tier)s, 12 months from the day of payment")
    invoice = issue_invoice(
        customer=customer,
        lines=[DraftLine(text=text % {"tier": membership.tier.name_nl}, unit_price=Decimal(fee))],
        reference=f"{REFERENCE}{membership.pk}",
        at=at,
        by=None,
        is_mailed=False,
    )
    if is_paid:
        paid_at = at + timedelta(days=5 + membership.pk % 20)
        record_payment(
            invoice=invoice,
            amount=invoice.gross,
            method=Payment.Method.TRANSFER,
            received_on=timezone.localdate(paid_at),
            external_reference=f"demo-{invoice.number}",
            by=None,
            at=paid_at,
        )
