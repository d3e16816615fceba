"""Rules about the lines and the totals, to the cent. No Django."""

from collections import Counter
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from billing.en16931 import codes
from billing.en16931.reading import SPACES, amount, check_period, is_note, line_elements, text
from billing.money import cents


def check_lines(root: Element) -> Iterator[str]:
    """Each line by itself."""
    start, end = text(root, "cac:InvoicePeriod/cbc:StartDate"), text(root, "cac:InvoicePeriod/cbc:EndDate")
    numbers = Counter(text(line, "cbc:ID") for line in line_elements(root))
    quantity = "cbc:CreditedQuantity" if is_note(root) else "cbc:InvoicedQuantity"
    for line in line_elements(root):
        number = text(line, "cbc:ID")
        if not number or numbers[number] > 1:
            yield f"BR-21: line {number} has no number of its own"
        for rule, path in (
            ("BR-22", quantity),
            ("BR-24", "cbc:LineExtensionAmount"),
            ("BR-25", "cac:Item/cbc:Name"),
            ("BR-26", "cac:Price/cbc:PriceAmount"),
        ):
            if not text(line, path):
                yield f"{rule}: {path} of line {number} is missing"
        counted = line.find(quantity, SPACES)
        if counted is not None and counted.get("unitCode") not in codes.UNITS:
            yield f"BR-CL-23: unit {counted.get('unitCode')} of line {number}"
        price = amount(line, "cac:Price/cbc:PriceAmount")
        if price < 0:
            yield f"BR-27: price of line {number} is below zero"
        if cents(amount(line, quantity) * price) != amount(line, "cbc:LineExtensionAmount"):
            yield f"PEPPOL-EN16931-R120: line {number} is not quantity times price"
        yield from check_period(line, "BR-30")
        own = text(line, "cac:InvoicePeriod/cbc:StartDate"), text(line, "cac:InvoicePeriod/cbc:EndDate")
        if any(own) and not (start and start <= own[0] and own[1] <= end):
            yield f"PEPPOL-EN16931-R110: period of line {number} is outside the invoice's"


def check_sums(root: Element) -> Iterator[str]:
    """The totals of the lines and of VAT."""
    total = root.find("cac:LegalMonetaryTotal", SPACES)
    if total is None:
        yield "BR-12: LegalMonetaryTotal is missing"
        return
    names = ("LineExtensionAmount", "TaxExclusiveAmount", "TaxInclusiveAmount", "PayableAmount")
    for rule, name in zip(("BR-12", "BR-13", "BR-14", "BR-15"), names, strict=True):
        if not text(total, f"cbc:{name}"):
            yield f"{rule}: {name} is missing"
    lines, net, gross, payable = (amount(total, f"cbc:{name}") for name in names)
    tax = amount(root, "cac:TaxTotal/cbc:TaxAmount")
    parts = [amount(part, "cbc:TaxAmount") for part in root.findall("cac:TaxTotal/cac:TaxSubtotal", SPACES)]
    if len(root.findall("cac:TaxTotal", SPACES)) != 1 or not text(root, "cac:TaxTotal/cbc:TaxAmount"):
        yield "PEPPOL-EN16931-R053: one TaxTotal"
    if lines != sum(amount(line, "cbc:LineExtensionAmount") for line in line_elements(root)):
        yield "BR-CO-10: lines do not add up"
    if net != lines:
        yield "BR-CO-13: total without VAT"
    if tax != sum(parts):
        yield "BR-CO-14: VAT does not add up"
    if gross != net + tax:
        yield "BR-CO-15: total with VAT"
    prepaid = amount(total, "cbc:PrepaidAmount")
    if payable != gross - prepaid + amount(total, "cbc:PayableRoundingAmount"):
        yield "BR-CO-16: amount to pay"
    if prepaid < 0 or prepaid > gross:
        yield "BE-PREPAID: what was paid before is more than the total, or below zero"
