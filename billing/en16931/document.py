"""Rules about the document as a whole: its head, the parties, the payment. No Django."""

import re
from collections.abc import Iterator
from datetime import date
from xml.etree.ElementTree import Element

from stdnum import iban
from stdnum.be import ogm_vcs, vat

from billing.en16931 import codes
from billing.en16931.reading import (
    BUYER,
    SELLER,
    SPACES,
    amount,
    check_period,
    is_note,
    line_elements,
    tax_number,
    text,
)

CUSTOMIZATION = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
PROFILE = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
AMOUNT = re.compile(r"-?\d{1,10}\.\d{2}")
NUMBER = re.compile(r"-?\d+(\.\d+)?")


def check_shape(root: Element) -> Iterator[str]:
    """No empty elements; amounts with two decimals in euro; numbers and days that are some."""
    for element in root.iter():
        name = element.tag.rpartition("}")[2]
        said = (element.text or "").strip()
        if len(element) == 0 and not said:
            yield f"PEPPOL-EN16931-R008: {name} is empty"
        elif name.endswith("Amount"):
            if not AMOUNT.fullmatch(said):
                yield f"BR-DEC: {name} {said} is no amount in cents"
            if element.get("currencyID") != "EUR":
                yield f"PEPPOL-EN16931-R051: {name} is not in EUR"
        elif name.endswith("Quantity") or name == "Percent":
            if not NUMBER.fullmatch(said):
                yield f"BR-22: {name} {said} is no number"
        elif name.endswith("Date") and _day(said) is None:
            yield f"PEPPOL-EN16931-F001: {name} {said} is no day"


def _day(said: str) -> date | None:
    try:
        return date.fromisoformat(said) if len(said) == 10 else None
    except ValueError:
        return None


def check_head(root: Element) -> Iterator[str]:
    """Profile, number, day, kind, currency, reference; a credit note names its invoice."""
    is_credit = is_note(root)
    kind = text(root, "cbc:CreditNoteTypeCode" if is_credit else "cbc:InvoiceTypeCode")
    expected = {
        "PEPPOL-EN16931-R004: CustomizationID": text(root, "cbc:CustomizationID") == CUSTOMIZATION,
        "PEPPOL-EN16931-R007: ProfileID": text(root, "cbc:ProfileID") == PROFILE,
        "BR-02: ID": text(root, "cbc:ID"),
        "BR-03: IssueDate": text(root, "cbc:IssueDate"),
        "BR-CL-01: type code": kind in (codes.CREDIT_NOTE_TYPES if is_credit else codes.INVOICE_TYPES),
        "BR-CL-04: DocumentCurrencyCode": text(root, "cbc:DocumentCurrencyCode") == "EUR",
        "PEPPOL-EN16931-R003: BuyerReference": text(root, "cbc:BuyerReference")
        or text(root, "cac:OrderReference/cbc:ID"),
        "BR-16: lines": line_elements(root),
    }
    yield from (f"{rule} is missing or wrong" for rule, holds in expected.items() if not holds)
    credited = "cac:BillingReference/cac:InvoiceDocumentReference/cbc:ID"
    if is_credit and not text(root, credited):
        yield "BR-55: a credit note names its invoice"
    yield from check_period(root, "BR-29")


def check_parties(root: Element) -> Iterator[str]:
    """Names, addresses, electronic addresses and numbers of seller and buyer."""
    for path, rules in ((SELLER, ("BR-06", "BR-09", "R020")), (BUYER, ("BR-07", "BR-11", "R010"))):
        party = root.find(path, SPACES)
        if party is None:
            yield f"{rules[0]}: {path} is missing"
            continue
        if not text(party, "cac:PartyLegalEntity/cbc:RegistrationName"):
            yield f"{rules[0]}: RegistrationName is missing"
        if text(party, "cac:PostalAddress/cac:Country/cbc:IdentificationCode") not in codes.COUNTRIES:
            yield f"{rules[1]}: IdentificationCode is no country"
        for part in ("StreetName", "CityName"):
            if not text(party, f"cac:PostalAddress/cbc:{part}"):
                yield f"BE-ADDRESS: {part} is missing (Belgian royal decree no. 1, art. 5)"
        endpoint = party.find("cbc:EndpointID", SPACES)
        if endpoint is None:
            yield f"PEPPOL-EN16931-{rules[2]}: EndpointID is missing"
        elif endpoint.get("schemeID") not in codes.ENDPOINT_SCHEMES:
            yield f"BR-CL-25: scheme {endpoint.get('schemeID')} is no EAS"
        yield from _numbers(party)
    legal = f"{SELLER}/cac:PartyLegalEntity/cbc:CompanyID"
    if not (text(root, legal) or tax_number(root.find(SELLER, SPACES))):
        yield "BR-CO-26: the seller has no number"


def _numbers(party: Element) -> Iterator[str]:
    for number in party.iter():
        said = (number.text or "").strip()
        is_ten = len(said) == 10 and said.isdecimal() and vat.is_valid(said)
        if number.get("schemeID") == "0208" and not is_ten:
            yield f"PEPPOL-COMMON-R043: {said} is no enterprise number"
    for scheme in party.iterfind("cac:PartyTaxScheme", SPACES):
        if not text(scheme, "cbc:CompanyID") or not text(scheme, "cac:TaxScheme/cbc:ID"):
            yield "UBL-SR-53: a tax scheme has a number and a name"
    number_of_vat = tax_number(party)
    if number_of_vat and not re.match(r"[A-Z]{2}.", number_of_vat):
        yield f"BR-CO-09: {number_of_vat} has no country"
    if number_of_vat.startswith("BE") and not vat.is_valid(number_of_vat):
        yield f"BE-VAT: {number_of_vat} has wrong check digits"


def check_payment(root: Element) -> Iterator[str]:
    """By when, how, and with which communication."""
    is_due = text(root, "cbc:DueDate") or text(root, "cac:PaymentTerms/cbc:Note")
    if amount(root, "cac:LegalMonetaryTotal/cbc:PayableAmount") > 0 and not is_due:
        yield "BR-CO-25: neither due date nor terms of payment"
    if is_note(root):
        return
    if not text(root, "cbc:DueDate"):
        yield "BE-DUE: an invoice says by when it is to be paid"
    means = root.find("cac:PaymentMeans", SPACES)
    code = "" if means is None else text(means, "cbc:PaymentMeansCode")
    if means is None or code not in codes.CREDIT_TRANSFERS | codes.OTHER_MEANS:
        yield "BR-49: no means of payment"
        return
    if code in codes.OTHER_MEANS:
        if means.find("cac:PayeeFinancialAccount", SPACES) is not None:
            yield f"BE-MEANS: an account to transfer to beside means {code}"
        return
    account = text(means, "cac:PayeeFinancialAccount/cbc:ID")
    if not iban.is_valid(account):
        yield f"BR-50: {account} is no IBAN"
    reference = text(means, "cbc:PaymentID")
    if not (re.fullmatch(r"\d{12}", reference) and ogm_vcs.is_valid(reference)):
        yield f"BE-OGM: {reference} is no structured communication"
