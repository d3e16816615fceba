"""Reading a UBL document: texts, numbers, parties and lines below an element. No Django."""

from collections.abc import Iterator
from decimal import Decimal
from xml.etree.ElementTree import Element

SELLER = "cac:AccountingSupplierParty/cac:Party"
BUYER = "cac:AccountingCustomerParty/cac:Party"
SPACES = {
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
}


def text(element: Element, path: str) -> str:
    """Return the text of an element below this one, or nothing."""
    return (element.findtext(path, "", SPACES) or "").strip()


def tax_number(party: Element | None, scheme: str = "VAT") -> str:
    """Return the number of a party under a scheme: its VAT number, or another of the tax office."""
    for each in [] if party is None else party.findall("cac:PartyTaxScheme", SPACES):
        if text(each, "cac:TaxScheme/cbc:ID") == scheme:
            return text(each, "cbc:CompanyID")
    return ""


def amount(element: Element, path: str) -> Decimal:
    """Return a number below this element; 0 where there is none. `check_shape` saw that it is a number."""
    return Decimal(text(element, path) or 0)


def is_note(root: Element) -> bool:
    """Whether this is a credit note."""
    return root.tag.endswith("}CreditNote")


def line_elements(root: Element) -> list[Element]:
    """Return the lines."""
    return root.findall("cac:CreditNoteLine" if is_note(root) else "cac:InvoiceLine", SPACES)


def check_period(element: Element, rule: str) -> Iterator[str]:
    """A period has both days, in order."""
    period = element.find("cac:InvoicePeriod", SPACES)
    if period is None:
        return
    start, end = text(period, "cbc:StartDate"), text(period, "cbc:EndDate")
    if not start or not end or end < start:
        yield f"{rule}: period {start} to {end}"
