"""The invoice as Peppol BIS Billing 3.0: UBL 2.1 that a bookkeeping program reads (EN 16931)."""

from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element, indent, register_namespace, tostring

from django.utils import translation
from django.utils.translation import gettext as _
from stdnum import iban
from stdnum.be import vat
from stdnum.eu import vat as eu_vat

from billing import rules
from billing.documents.signs import tidy
from billing.documents.ubl_tree import ENTERPRISE, NAMESPACES, Party, draw
from billing.en16931 import problems
from billing.en16931.codes import COUNTRIES, ENDPOINT_SCHEMES
from billing.models import Invoice, InvoiceLine
from billing.numbers import BELGIUM, is_in_eu, kept_peppol_id

LONGEST_NAME = 150
"""As long as a customer's name may be in our own books."""

for _prefix, _address in NAMESPACES.items():
    register_namespace(_prefix, _address)


class UblImpossible(ValueError):
    """No valid file can be made of this document. `problems` say what is missing, in the active language."""

    def __init__(self, number: str, problems: list[str]) -> None:
        super().__init__(number, problems)
        self.number = number
        self.problems = problems

    def __str__(self) -> str:
        return f"{self.number}: {' '.join(self.problems)}"


@dataclass(frozen=True)
class Gap:
    """Something that is missing or wrong: in words, and what it is about.

    That is "customer", "lines" or "issuer", which any invoice needs, or "peppol", which only the file needs.
    """

    about: str
    text: str


def make_ubl(invoice: Invoice) -> bytes:
    """Return an issued invoice, payment request or credit note as UBL, words in the customer's language.

    The same document gives the same bytes, whatever changed since. Raises UblImpossible with all that is
    missing: a customer without street, without an address on Peppol, outside the scope beside taxed lines.
    """
    lines = list(invoice.lines.all())
    if gaps := list(find_gaps(invoice, lines)):
        raise UblImpossible(invoice.number, [gap.text for gap in gaps])
    with translation.override(invoice.language):
        root = draw(invoice, lines, _seller(invoice, lines), _buyer(invoice, lines))
    if broken := problems(root):
        raise UblImpossible(invoice.number, broken)
    return _written(root)


def _written(root: Element) -> bytes:
    """Write the document with its own namespace as the default: not every reader of UBL expects a prefix."""
    address, _brace, name = root.tag[1:].partition("}")
    plain = Element(name, {"xmlns": address})
    plain.extend(root)
    indent(plain)
    written: bytes = tostring(plain, encoding="utf-8", xml_declaration=True)
    return written


def ubl_file_name(invoice: Invoice) -> str:
    """Return the name of the file: 2026-00001.xml."""
    return f"{invoice.number}.xml"


def endpoint(invoice: Invoice) -> tuple[str, str] | None:
    """Return where the customer receives on Peppol, scheme and number: its own address, or by its number."""
    if invoice.peppol_id:
        scheme, _colon, number = kept_peppol_id(invoice.peppol_id).partition(":")
        return scheme, number
    number = _enterprise_number(invoice)
    return (ENTERPRISE, number) if number else None


def is_for_peppol(invoice: Invoice) -> bool:
    """Say whether a document goes by Peppol: an invoice, or a credit note of one, to a business."""
    document = invoice.credits or invoice
    return document.kind == Invoice.Kind.INVOICE and bool(peppol_address(invoice))


def peppol_address(invoice: Invoice) -> str:
    """Return where a business receives ("0208:0123456789"), right or wrong; nothing for anybody else."""
    where = endpoint(invoice)
    if where is None and invoice.enterprise_number and invoice.country == BELGIUM:
        where = (ENTERPRISE, invoice.enterprise_number)  # with wrong check digits: staff must see that
    return ":".join(where or ())


def _enterprise_number(invoice: Invoice) -> str:
    """Return the enterprise number of a Belgian business, which its VAT number holds too; or nothing."""
    number = invoice.enterprise_number if invoice.country == BELGIUM else ""
    if number or not invoice.vat_number.startswith(BELGIUM):
        return _digits(number)
    return _digits(invoice.vat_number)


def _legal_id(invoice: Invoice) -> tuple[str, str] | None:
    """Return the number by which the customer is registered, with its scheme; abroad without one."""
    if number := _enterprise_number(invoice):
        return ENTERPRISE, number
    is_abroad = invoice.country != BELGIUM
    return ("", invoice.enterprise_number) if is_abroad and invoice.enterprise_number else None


def find_gaps(invoice: Invoice, lines: list[InvoiceLine]) -> Iterator[Gap]:
    """Say what staff can mend, in words; the invoice need not be issued or saved yet."""
    if not tidy(invoice.name).strip():
        yield Gap("customer", _("The name of the customer is missing."))
    if len(invoice.name) > LONGEST_NAME:
        told = _("The name of the customer is longer than %(most)s characters.") % {"most": LONGEST_NAME}
        yield Gap("customer", told)
    if not tidy(invoice.street).strip():
        yield Gap("customer", _("The street of the customer is missing."))
    has_town = tidy(invoice.city).strip() and (invoice.postcode.strip() or invoice.country != BELGIUM)
    if not has_town:
        yield Gap("customer", _("Postcode or town of the customer is missing."))
    if invoice.country not in COUNTRIES:
        told = _("The country of the customer does not exist: %(country)s.") % {"country": invoice.country}
        yield Gap("customer", told)
    where = endpoint(invoice)
    if where is None:
        yield Gap("peppol", _("The customer has no Peppol address and no Belgian enterprise number."))
    elif (
        where[0] not in ENDPOINT_SCHEMES or not where[1] or (where[0] == ENTERPRISE and not _digits(where[1]))
    ):
        told = _("The customer’s Peppol address is wrong: %(address)s.") % {"address": ":".join(where)}
        yield Gap("peppol", told)
    categories = {line.vat_category for line in lines}
    if rules.OUTSIDE_SCOPE in categories and len(categories) > 1:
        told = _("A line outside the scope of VAT cannot stand beside others: invoice it apart.")
        yield Gap("lines", told)
    if rules.REVERSE_CHARGE in categories and not invoice.vat_number:
        yield Gap("customer", _("Reverse charge needs the customer’s VAT number."))
    if invoice.vat_number and is_in_eu(invoice.country) and not eu_vat.is_valid(invoice.vat_number):
        told = _("The customer’s VAT number is wrong: %(number)s.") % {"number": invoice.vat_number}
        yield Gap("customer", told)
    issuer = invoice.issuer
    if not _digits(issuer["enterprise_number"]):
        yield Gap("issuer", _("The enterprise number of the association is wrong."))
    if not iban.is_valid(issuer["iban"]):
        yield Gap("issuer", _("The IBAN of the association is wrong."))
    if not all(issuer[name].strip() for name in ("name", "street", "town")):
        yield Gap("issuer", _("Name or address of the association is missing."))


def _digits(number: str) -> str:
    """Return the ten digits of an enterprise number whose check digits are right (mod 97), or nothing."""
    return vat.compact(number) if vat.is_valid(number) else ""


def _has_numbers(lines: list[InvoiceLine]) -> bool:
    """Whether VAT numbers stand on the document: outside the scope they may not (BR-O-02)."""
    return all(line.vat_category != rules.OUTSIDE_SCOPE for line in lines)


def _seller(invoice: Invoice, lines: list[InvoiceLine]) -> Party:
    issuer = invoice.issuer
    # Invoices of before the file keep the town as it is printed, and come from Belgium.
    postcode, _space, city = issuer["town"].partition(" ")
    number = _digits(issuer["enterprise_number"])
    is_named = _has_numbers(lines)
    return Party(
        name=issuer["name"],
        street=issuer["street"],
        postcode=issuer.get("postcode", postcode),
        city=issuer.get("city", city),
        country=issuer.get("country", "BE"),
        endpoint=(ENTERPRISE, number),
        legal_id=(ENTERPRISE, number),
        vat_number=issuer["vat_number"] if is_named else "",
        # Who is exempt for all it does has no VAT number, and says its number otherwise (BT-32, BR-E-02).
        tax_number=number if is_named and not issuer["vat_number"] else "",
        register=issuer["register"],
        phone=issuer["phone"],
        email=issuer["email"],
    )


def _buyer(invoice: Invoice, lines: list[InvoiceLine]) -> Party:
    where = endpoint(invoice)
    assert where is not None  # noqa: S101 (`find_gaps` looked)
    return Party(
        name=invoice.name,
        street=invoice.street,
        postcode=invoice.postcode,
        city=invoice.city,
        country=invoice.country,
        endpoint=where,
        legal_id=_legal_id(invoice),
        vat_number=invoice.vat_number if _has_numbers(lines) else "",
        email=invoice.email,
    )
