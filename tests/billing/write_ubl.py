"""Writes UBL files to try by hand against the official rules, as docs/peppol.md tells; no test of the suite.

    python -m pytest tests/billing/write_ubl.py --basetemp=/tmp/ubl

One of every kind that leaves, and a few hundred with odd amounts, lines, credits in part and addresses.
"""

import random
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from billing.documents.ubl import UblImpossible, make_ubl
from billing.models import Invoice, Issuer
from billing.operations.invoices import DraftLine, credit_invoice
from tests.billing.test_ubl import TERM, documents
from tests.factories.billing import NOON, CustomerFactory, abroad, fill_in_issuer, issue, line

pytestmark = pytest.mark.django_db
ODD = 240
NAMES = (
    "Proef & Zonen <bv>",
    "Ünïcödé \N{LEFT DOUBLE QUOTATION MARK}李\N{RIGHT DOUBLE QUOTATION MARK}",
    "x" * 150,
)
ABROAD: tuple[dict[str, Any], ...] = (
    {"country": "DE", "vat_number": "DE136695976", "peppol_id": "9930:DE136695976", "city": "Köln"},
    {"country": "FR", "vat_number": "FR40303265045", "peppol_id": "0009:30326504500012", "city": "Paris"},
    {"country": "LU", "vat_number": "LU15027442", "peppol_id": "9938:LU15027442", "postcode": "L-1611"},
    {"country": "NL", "vat_number": "NL123456782B90", "peppol_id": "9944:NL123456782B90"},
    {"country": "IE", "vat_number": "IE6433435F", "peppol_id": "9935:IE6433435F", "postcode": ""},
)
BEYOND: tuple[dict[str, Any], ...] = (
    {"country": "GB", "peppol_id": "9932:GB980780684"},
    {"country": "CH", "peppol_id": "0183:CHE123456788"},
    {"country": "US", "peppol_id": "0060:123456789", "postcode": ""},
)


def odd_line(dice: random.Random, treatment: str | None) -> DraftLine:
    """A line of any amount, above zero or below, with a period or not."""
    price = Decimal(dice.choice((1, 33, 9_999, 1_234_567)) * dice.choice((-1, 1, 1))) / 100
    return line(
        text=dice.choice(("Lidmaatschap connect", "Coaching & advies", "Korting <5 %>", "x" * 200)),
        unit_price=price,
        quantity=Decimal(dice.choice(("1", "2.5", "0.001", "3", "99"))),
        unit=dice.choice(("C62", "HUR", "DAY")),
        **({"vat_treatment": treatment} if treatment else {}),
        **(TERM if dice.random() < 0.4 else {}),
    )


def odd_document(dice: random.Random) -> Invoice:
    """An invoice of any kind, or a credit note of all of it or of a part."""
    kind = dice.choice(("home", "home", "home", "eu", "beyond"))
    words: dict[str, Any] = {
        "language": dice.choice(("nl", "en")),
        "po_number": dice.choice(("", "PO-77 / 2026", "é\t&")),
    }
    treatments: tuple[str | None, ...] = (None,)
    if kind == "home":
        customer = CustomerFactory.create(name=dice.choice(NAMES), **words)
        treatments = dice.choice(
            ((None,), ("exempt",), (None, "exempt", "small-enterprise"), ("outside-scope",))
        )
    elif kind == "eu":
        customer = abroad(**dice.choice(ABROAD), **words)
    else:
        customer = CustomerFactory.create(
            **{"vat_number": "", "enterprise_number": "", **dice.choice(BEYOND)}, **words
        )
    lines = [odd_line(dice, dice.choice(treatments)) for _number in range(dice.randint(1, 6))]
    rest = line(unit_price=Decimal(10**7), **({"vat_treatment": treatments[0]} if treatments[0] else {}))
    invoice = issue(rest, *lines, customer=customer)
    if dice.random() < 0.35:
        part = {1: Decimal(dice.choice(("0.01", "0.03", "33.33")))}
        amounts = part if dice.random() < 0.7 else None
        return credit_invoice(invoice=invoice, amounts=amounts, reason="", at=NOON, by=None, is_mailed=False)
    return invoice


def test_write(tmp_path: Path) -> None:
    for name, invoice in documents():
        (tmp_path / f"{name}.xml").write_bytes(make_ubl(invoice))
    dice = random.Random(16931)
    for regime in Issuer.Regime.values:
        fill_in_issuer(vat_regime=regime)
        for number in range(ODD // 4):
            with transaction.atomic():
                document = odd_document(dice)
            with suppress(UblImpossible):  # outside the scope beside taxed lines: refused, as it should be
                (tmp_path / f"odd-{regime}-{number:03}.xml").write_bytes(make_ubl(document))
