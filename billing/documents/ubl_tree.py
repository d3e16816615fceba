"""The elements of a UBL 2.1 invoice or credit note, in the order of its schema (Peppol BIS Billing 3.0).

Everything comes from the issued document itself: nothing that changed since can change what was sent.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from xml.etree.ElementTree import Element, SubElement

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from stdnum import bic

from billing import rules
from billing.documents.sheet import vat_reason
from billing.documents.signs import tidy
from billing.models import Invoice, InvoiceLine
from billing.money import VatSum, add_up
from cms.amounts import say_euro

CUSTOMIZATION = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
PROFILE = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
NAMESPACES = {
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
}
DOCUMENT = "urn:oasis:names:specification:ubl:schema:xsd:{}-2"
ENTERPRISE = "0208"
"""Scheme of the Belgian enterprise number (EAS and ICD list)."""
MEANS_CODES = {
    Invoice.Way.TRANSFER: "30",
    Invoice.Way.CASH: "10",
    Invoice.Way.STRIPE: "68",
    Invoice.Way.CHARGE: "68",
}
"""UNCL4461: credit transfer, in cash, online payment service."""
TYPE_CODES = {rules.INVOICE: "380", rules.PAYMENT_REQUEST: "71", rules.CREDIT_NOTE: "381"}
"""UNCL1001: commercial invoice, request for payment, credit note."""


@dataclass(frozen=True)
class Party:
    """Seller or buyer. `endpoint` and `legal_id` come with their scheme: ("0208", "0123456789").

    A `legal_id` of elsewhere has an empty scheme.
    """

    name: str
    street: str
    postcode: str
    city: str
    country: str
    endpoint: tuple[str, str]
    legal_id: tuple[str, str] | None
    vat_number: str
    tax_number: str = ""
    register: str = ""
    phone: str = ""
    email: str = ""


def add(parent: Element, name: str, text: str = "", **attributes: str) -> Element:
    """Add an element by its prefixed name, and return it."""
    prefix, _colon, local = name.partition(":")
    element = SubElement(parent, f"{{{NAMESPACES[prefix]}}}{local}", attributes)
    element.text = _plain(text) or None
    return element


def _plain(text: str) -> str:
    """Return a text as programs expect it: without the spaces that hold words together on paper."""
    return tidy(text).replace("\N{NO-BREAK SPACE}", " ").strip()


def add_text(parent: Element, name: str, text: str, **attributes: str) -> None:
    """Add an element unless there is nothing to say: Peppol refuses empty ones (R008)."""
    if _plain(text):
        add(parent, name, text, **attributes)


def add_amount(parent: Element, name: str, amount: Decimal) -> None:
    """Add an amount in euros and cents."""
    add(parent, name, f"{amount:.2f}", currencyID="EUR")


def figure(number: Decimal) -> str:
    """Return a number without zeros that say nothing, and never as a power of ten."""
    return f"{number.normalize():f}"


def draw(invoice: Invoice, lines: list[InvoiceLine], seller: Party, buyer: Party) -> Element:
    """Return the document. Words are in the active language."""
    is_note = invoice.kind == Invoice.Kind.CREDIT_NOTE
    name = "CreditNote" if is_note else "Invoice"
    root = Element(f"{{{DOCUMENT.format(name)}}}{name}")
    _head(root, invoice, lines, is_note)
    _party(add(root, "cac:AccountingSupplierParty"), seller)
    _party(add(root, "cac:AccountingCustomerParty"), buyer)
    if not is_note:
        _means(root, invoice)
    add(add(root, "cac:PaymentTerms"), "cbc:Note", _terms(invoice))
    _tax(root, invoice, lines)
    total = add(root, "cac:LegalMonetaryTotal")
    add_amount(total, "cbc:LineExtensionAmount", invoice.net)
    add_amount(total, "cbc:TaxExclusiveAmount", invoice.net)
    add_amount(total, "cbc:TaxInclusiveAmount", invoice.gross)
    if invoice.prepaid:
        add_amount(total, "cbc:PrepaidAmount", invoice.prepaid)
    add_amount(total, "cbc:PayableAmount", invoice.gross - invoice.prepaid)
    for line in lines:
        _line(root, line, "CreditNote" if is_note else "Invoice")
    return root


def _head(root: Element, invoice: Invoice, lines: list[InvoiceLine], is_note: bool) -> None:
    add(root, "cbc:CustomizationID", CUSTOMIZATION)
    add(root, "cbc:ProfileID", PROFILE)
    add(root, "cbc:ID", invoice.number)
    add(root, "cbc:IssueDate", invoice.issued_on.isoformat())
    if not is_note:
        add(root, "cbc:DueDate", invoice.due_on.isoformat())
    code = TYPE_CODES[invoice.kind]
    add(root, "cbc:CreditNoteTypeCode" if is_note else "cbc:InvoiceTypeCode", code)
    add(root, "cbc:DocumentCurrencyCode", invoice.currency)
    # Peppol asks for a reference of the buyer's (R003); who gave none finds the number of the document.
    order = _plain(invoice.po_number)
    add(root, "cbc:BuyerReference", _plain(invoice.buyer_reference) or order or invoice.number)
    periods = [(line.period_from, line.period_to) for line in lines if line.period_from and line.period_to]
    if periods:
        _period(root, min(start for start, _end in periods), max(end for _start, end in periods))
    if order:
        add(add(root, "cac:OrderReference"), "cbc:ID", order)
    if invoice.credits:
        document = add(add(root, "cac:BillingReference"), "cac:InvoiceDocumentReference")
        add(document, "cbc:ID", invoice.credits.number)
        add(document, "cbc:IssueDate", invoice.credits.issued_on.isoformat())


def _period(parent: Element, start: date, end: date) -> None:
    period = add(parent, "cac:InvoicePeriod")
    add(period, "cbc:StartDate", start.isoformat())
    add(period, "cbc:EndDate", end.isoformat())


def _party(parent: Element, party: Party) -> None:
    element = add(parent, "cac:Party")
    add(element, "cbc:EndpointID", party.endpoint[1], schemeID=party.endpoint[0])
    add(add(element, "cac:PartyName"), "cbc:Name", party.name)
    address = add(element, "cac:PostalAddress")
    add(address, "cbc:StreetName", party.street)
    add(address, "cbc:CityName", party.city)
    add_text(address, "cbc:PostalZone", party.postcode)
    add(add(address, "cac:Country"), "cbc:IdentificationCode", party.country)
    for number, scheme in ((party.vat_number, "VAT"), (party.tax_number, "TAX")):
        if number:
            tax = add(element, "cac:PartyTaxScheme")
            add(tax, "cbc:CompanyID", number)
            add(add(tax, "cac:TaxScheme"), "cbc:ID", scheme)
    legal = add(element, "cac:PartyLegalEntity")
    add(legal, "cbc:RegistrationName", party.name)
    if party.legal_id:
        scheme, number = party.legal_id
        add(legal, "cbc:CompanyID", number, **({"schemeID": scheme} if scheme else {}))
    add_text(legal, "cbc:CompanyLegalForm", party.register)
    if party.phone or party.email:
        contact = add(element, "cac:Contact")
        add_text(contact, "cbc:Telephone", party.phone)
        add_text(contact, "cbc:ElectronicMail", party.email)


def _means(root: Element, invoice: Invoice) -> None:
    means = add(root, "cac:PaymentMeans")
    add(means, "cbc:PaymentMeansCode", MEANS_CODES[Invoice.Way(invoice.way)])
    if invoice.way != Invoice.Way.TRANSFER:  # an account would be taken for an order to transfer
        return
    add(means, "cbc:PaymentID", invoice.structured_communication)
    account = add(means, "cac:PayeeFinancialAccount")
    add(account, "cbc:ID", invoice.issuer["iban"])
    add(account, "cbc:Name", invoice.issuer["name"])
    if bic.is_valid(invoice.issuer["bic"]):  # it was not always checked in the settings
        branch = add(account, "cac:FinancialInstitutionBranch")
        add(branch, "cbc:ID", bic.compact(invoice.issuer["bic"]))


def _terms(invoice: Invoice) -> str:
    if invoice.credits:
        words = {"document": f"{invoice.credits.get_kind_display()} {invoice.credits.number}"}
        return _("Set off against %(document)s; what was paid too much on it is paid back.") % words
    words = {"day": date_format(invoice.due_on), "communication": invoice.communication}
    if invoice.way == Invoice.Way.CHARGE:
        return (
            _("We collect it automatically, on %(day)s at the earliest. There is nothing to transfer.")
            % words
        )
    if invoice.prepaid == invoice.gross:
        return _("Already paid: there is nothing more to pay.")
    if invoice.prepaid:
        words |= {"paid": say_euro(invoice.prepaid), "left": say_euro(invoice.gross - invoice.prepaid)}
        text = _(
            "Already paid: %(paid)s. "
            "Still to be paid by %(day)s with communication %(communication)s: %(left)s."
        )
        return text % words
    return _("To be paid by %(day)s with communication %(communication)s.") % words


def _tax(root: Element, invoice: Invoice, lines: list[InvoiceLine]) -> None:
    total = add(root, "cac:TaxTotal")
    add_amount(total, "cbc:TaxAmount", invoice.vat)
    for part in add_up(lines).per_rate:
        subtotal = add(total, "cac:TaxSubtotal")
        add_amount(subtotal, "cbc:TaxableAmount", part.net)
        add_amount(subtotal, "cbc:TaxAmount", part.vat)
        category = _category(subtotal, "cac:TaxCategory", part.category, part.rate)
        reasons, codes = _reasons(part, lines)
        if len(codes) == 1:
            add(category, "cbc:TaxExemptionReasonCode", codes[0])
        add_text(category, "cbc:TaxExemptionReason", " ".join(reasons))
        _scheme(category)


def _reasons(part: VatSum, lines: Iterable[InvoiceLine]) -> tuple[list[str], list[str]]:
    """Return the reasons and the codes of a category, once each; S has none."""
    mine = [line for line in lines if line.vat_category == part.category != rules.STANDARD]
    reasons = dict.fromkeys(vat_reason(line) for line in mine)
    return list(reasons), list(dict.fromkeys(line.vat_reason_code for line in mine if line.vat_reason_code))


def _category(parent: Element, name: str, category: str, rate: Decimal) -> Element:
    element = add(parent, name)
    add(element, "cbc:ID", category)
    if category != rules.OUTSIDE_SCOPE:  # which bears no rate at all (BR-O-05)
        add(element, "cbc:Percent", figure(rate))
    return element


def _scheme(category: Element) -> None:
    add(add(category, "cac:TaxScheme"), "cbc:ID", "VAT")


def _line(root: Element, line: InvoiceLine, kind: str) -> None:
    element = add(root, f"cac:{kind}Line")
    add(element, "cbc:ID", str(line.position))
    # A price is never below zero (BR-27): a reduction is a quantity below zero.
    sign = -1 if line.unit_price < 0 else 1
    name = "CreditedQuantity" if kind == "CreditNote" else "InvoicedQuantity"
    add(element, f"cbc:{name}", figure(line.quantity * sign), unitCode=line.unit)
    add_amount(element, "cbc:LineExtensionAmount", line.net)
    if line.period_from and line.period_to:
        _period(element, line.period_from, line.period_to)
    item = add(element, "cac:Item")
    add(item, "cbc:Name", line.text)
    _scheme(_category(item, "cac:ClassifiedTaxCategory", line.vat_category, line.vat_rate))
    add_amount(add(element, "cac:Price"), "cbc:PriceAmount", line.unit_price * sign)
