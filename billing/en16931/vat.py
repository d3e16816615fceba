"""Rules about VAT: categories, rates, reasons, and whose numbers stand on the document. No Django."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal
from xml.etree.ElementTree import Element

from billing.en16931 import codes
from billing.en16931.reading import (
    BUYER,
    SELLER,
    SPACES,
    amount,
    is_note,
    line_elements,
    tax_number,
    text,
)
from billing.money import CENT, cents


def check_vat(root: Element) -> Iterator[str]:
    """VAT by category and rate, as the lines have it."""
    # The rule's own check lets VAT differ by less than a euro. We need a cent, where a credit note of a part
    # takes what the rounded VAT of all notes together grows by (`billing.money.spread_vat`).
    slack = CENT if is_note(root) else Decimal(0)
    nets: dict[tuple[str, Decimal], Decimal] = defaultdict(Decimal)
    for line in line_elements(root):
        category = line.find("cac:Item/cac:ClassifiedTaxCategory", SPACES)
        if category is None:
            yield f"BR-CO-04: line {text(line, 'cbc:ID')} has no VAT category"
            continue
        yield from _category(category)
        key = text(category, "cbc:ID"), amount(category, "cbc:Percent")
        nets[key] += amount(line, "cbc:LineExtensionAmount")
    told: Counter[tuple[str, Decimal]] = Counter()
    for part in root.findall("cac:TaxTotal/cac:TaxSubtotal", SPACES):
        category = part.find("cac:TaxCategory", SPACES)
        if category is None:
            yield "BR-47: a VAT subtotal without category"
            continue
        yield from _category(category)
        key = text(category, "cbc:ID"), amount(category, "cbc:Percent")
        told[key] += 1
        taxable = amount(part, "cbc:TaxableAmount")
        if not text(part, "cbc:TaxableAmount") or taxable != nets.get(key):
            yield f"BR-{key[0]}-08: the lines of {key[0]} {key[1]} % do not come to {taxable}"
        tax = amount(part, "cbc:TaxAmount")
        if not text(part, "cbc:TaxAmount") or abs(tax - cents(taxable * key[1] / 100)) > slack:
            yield f"BR-CO-17: VAT on {taxable} at {key[1]} % is not {tax}"
        yield from _reason(category)
    if set(told) != set(nets) or any(times > 1 for times in told.values()) or not told:
        yield "BR-CO-18: one VAT subtotal for each category and rate of the lines"
    yield from _numbers(root, {category for category, _rate in nets})


def _category(element: Element) -> Iterator[str]:
    category, rate = text(element, "cbc:ID"), text(element, "cbc:Percent")
    if category not in codes.CATEGORIES:
        yield f"BR-CL-17: {category} is no VAT category"
    if text(element, "cac:TaxScheme/cbc:ID") != "VAT":
        yield "BR-CO-04: TaxScheme is not VAT"
    if category == "O" and rate:
        yield "BR-O-05: outside the scope there is no rate"
    if category != "O" and not rate:
        yield f"BR-48: category {category} without rate"
    if category == "S" and rate and Decimal(rate) <= 0:
        yield "BR-S-05: the standard rate is above 0"
    if category in ("E", "AE") and rate and Decimal(rate) != 0:
        yield f"BR-{category}-05: the rate of {category} is 0"


def _reason(element: Element) -> Iterator[str]:
    category = text(element, "cbc:ID")
    reason, code = text(element, "cbc:TaxExemptionReason"), text(element, "cbc:TaxExemptionReasonCode")
    if category == "S" and (reason or code):
        yield "BR-S-10: a reason where VAT is due"
    if category != "S" and not reason:
        yield f"BR-{category}-10: no reason for category {category} (Belgian law asks for its words)"
    if code and code not in codes.REASON_CODES:
        yield f"BR-CL-22: {code} is no VATEX"
    fixed = {"VATEX-EU-AE": "AE", "VATEX-EU-O": "O"}
    if code and fixed.get(code, "E") != category:
        yield f"PEPPOL-EN16931-P0104: {code} beside category {category}"


def _numbers(root: Element, categories: set[str]) -> Iterator[str]:
    parties = root.find(SELLER, SPACES), root.find(BUYER, SPACES)
    seller, buyer = map(tax_number, parties)
    registration = tax_number(parties[0], "TAX")
    if "O" in categories and (seller or buyer):
        yield "BR-O-02: VAT numbers stand beside what is outside the scope"
    if "O" in categories and len(categories) > 1:
        yield "BR-O-11: outside the scope beside other categories"
    for category in sorted(categories & {"S", "E", "AE"}):
        if not (seller or registration):
            yield f"BR-{category}-02: the seller's VAT number is missing"
    if "AE" in categories and not buyer:
        yield "BR-AE-02: the buyer's VAT number is missing"
