"""Customers, the association's own details and issued invoices for tests."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone
from factory.declarations import Sequence
from factory.django import DjangoModelFactory

from billing.models import Customer, Invoice, Issuer, VatCheck
from billing.operations.invoices import DraftLine, issue_invoice
from billing.operations.pro_formas import ask_payment_first

NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
"""Noon in Brussels on a working day."""

ISSUER = {
    "name": "Voorbeeldstad",
    "legal_form": "vzw",
    "street": "Proefplein 1",
    "postcode": "2000",
    "city": "Antwerpen",
    "email": "facturen@demo.example",
    "enterprise_number": "0999999922",
    "register": "RPR Antwerpen",
    "iban": "BE90999202600132",
    "bank": "Voorbeeldbank",
}
"""Plainly fictional: no number of the 0999 range is given out, and no bank has code 999."""


def fill_in_issuer(**fields: Any) -> Issuer:
    """Fill in the association's details."""
    issuer, _created = Issuer.objects.update_or_create(pk=1, defaults={**ISSUER, **fields})
    return issuer


DUTCH_VAT = "NL123456782B90"
"""Made up; its check digits are right."""


class CustomerFactory(DjangoModelFactory[Customer]):
    """A fictional company in Antwerp."""

    class Meta:
        model = Customer

    name = Sequence(lambda n: f"Proefbedrijf {n}")
    legal_form = "bv"
    street = "Testkaai 7"
    postcode = "2000"
    city = "Antwerpen"
    email = Sequence(lambda n: f"boekhouding{n}@proefbedrijf.example")
    enterprise_number = "0999888767"
    vat_number = "BE0999888767"


def confirm_vat_number(customer: Customer, **fields: Any) -> VatCheck:
    """Keep the answer of VIES that a customer's VAT number is valid, of now unless told otherwise."""
    words = {"vat_number": customer.vat_number, "outcome": "valid", "checked_at": timezone.now()}
    check: VatCheck = VatCheck.objects.create(customer=customer, **{**words, **fields})
    return check


def abroad(*, is_confirmed: bool = True, **fields: Any) -> Customer:
    """Make a Dutch company, whose VAT number VIES confirmed just now."""
    own = {"country": "NL", "vat_number": DUTCH_VAT, "enterprise_number": ""}
    customer = CustomerFactory.create(**{**own, **fields})
    if is_confirmed:
        confirm_vat_number(customer)
    return customer


def line(**fields: Any) -> DraftLine:
    """A line of 1000 EUR at 21 %."""
    return DraftLine(**{"text": "Lidmaatschap connect", "unit_price": Decimal("1000.00"), **fields})


def issue(*lines: DraftLine, customer: Customer | None = None, **fields: Any) -> Invoice:
    """Issue an invoice: 1210 EUR unless lines are given."""
    if not Issuer.load().iban:
        fill_in_issuer()
    return issue_invoice(
        customer=customer or CustomerFactory.create(),
        lines=lines or [line()],
        **{"reference": "membership:1", "at": NOON, "by": None, "is_mailed": False, **fields},
    )


def ask(*lines: DraftLine, customer: Customer | None = None, **fields: Any) -> Invoice:
    """Ask for 1210 EUR by a pro forma, unless lines are given."""
    if not Issuer.load().iban:
        fill_in_issuer()
    return ask_payment_first(
        customer=customer or CustomerFactory.create(),
        lines=lines or [line()],
        **{"reference": "membership:1", "at": NOON, "by": None, **fields},
    )
