"""Our reading of the rules of EN 16931 and Peppol: red when a field is missing or a sum is off by a cent."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from decimal import Decimal
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from django.db import transaction

from billing.en16931 import problems
from billing.en16931.reading import SPACES
from tests.billing.test_ubl import documents, read

pytestmark = pytest.mark.one_database

OPTIONAL = {
    "OrderReference",  # the reference of the buyer stands beside it
    "PartyName",
    "PostalZone",  # not every country has one; `make_ubl` asks for a Belgian one
    "CompanyLegalForm",
    "Contact",
    "Telephone",
    "ElectronicMail",
    "Name",  # of the account
    "FinancialInstitutionBranch",
    "IssueDate",  # of the credited invoice
    "TaxExemptionReasonCode",  # the words are there
    "PaymentTerms",  # the due date is there
    "Note",
}
NEEDED_ALL_THE_SAME = {"Item/Name", "CreditNote/PaymentTerms", "CreditNote/IssueDate", "Invoice/IssueDate"}
OPTIONAL_THERE = {
    # One of two numbers of the seller or the buyer is enough, but for VAT.
    "PartyLegalEntity/CompanyID",
    "OrderReference/ID",
    "FinancialInstitutionBranch/ID",
    "PartyName/Name",
    "PayeeFinancialAccount/Name",
    "InvoiceLine/InvoicePeriod",
    "CreditNoteLine/InvoicePeriod",
}


def name(element: Element) -> str:
    return element.tag.rpartition("}")[2]


@pytest.fixture(scope="module")
def kept(django_db_setup: None, django_db_blocker: Any) -> dict[str, Element]:
    """A document of every kind, by name; of the invoices nothing stays."""
    with django_db_blocker.unblock(), transaction.atomic():
        found = {kind: read(invoice) for kind, invoice in documents()}
        transaction.set_rollback(True)
    return found


@pytest.fixture
def roots(kept: dict[str, Element]) -> dict[str, Element]:
    """The documents, to be changed as one likes."""
    return deepcopy(kept)


def without_one(root: Element) -> Iterator[tuple[str, Element]]:
    """The document without each of its elements in turn, with the name of what is gone."""
    count = sum(len(parent) for parent in root.iter())
    for number in range(count):
        changed = deepcopy(root)
        pairs = [(parent, child) for parent in changed.iter() for child in parent]
        parent, child = pairs[number]
        parent.remove(child)
        yield f"{name(parent)}/{name(child)}", changed


def is_optional(path: str) -> bool:
    child = path.rpartition("/")[2]
    if path in NEEDED_ALL_THE_SAME:
        return False
    return child in OPTIONAL or path in OPTIONAL_THERE


@pytest.mark.parametrize(
    "kind",
    [
        "invoice",
        "several-lines",
        "credit-note",
        "reverse-charge",
        "exempt",
        "paid-before-online",
        "part-paid-before",
        "charged",
        "payment-request",
    ],
)
def test_a_field_that_is_missing_is_found(roots: dict[str, Element], kind: str) -> None:
    root = roots[kind]
    assert problems(root) == []
    missed = {path for path, changed in without_one(root) if not problems(changed) and not is_optional(path)}
    if root.find("cac:OrderReference", SPACES) is not None:  # one of both is enough
        missed -= {"Invoice/BuyerReference", "CreditNote/BuyerReference"}
    # Only reverse charge needs the buyer's own VAT number.
    assert missed <= {"Party/PartyTaxScheme"}
    assert not missed or kind != "reverse-charge"


def test_a_sum_that_is_off_by_a_cent_is_found(roots: dict[str, Element]) -> None:
    tried = 0
    for kind, root in roots.items():
        for element in root.iter():
            if name(element).endswith("Amount"):
                right = element.text
                for cent in ("0.01", "-0.01"):
                    element.text = str(Decimal(right or "") + Decimal(cent))
                    # Half a piece at 999.99 rounds to the same amount as half a piece at 1000.00.
                    if (kind, element.text) != ("discount-in-quantity", "999.99"):
                        assert problems(root), f"{kind}: {name(element)} {element.text}"
                    tried += 1
                element.text = right
        assert problems(root) == []
    assert tried > 150


WRONG: list[tuple[str, str, str]] = [
    ("cbc:CustomizationID", "urn:cen.eu:en16931:2017", "PEPPOL-EN16931-R004"),
    ("cbc:ProfileID", "urn:fdc:peppol.eu:2017:poacc:billing:02:1.0", "PEPPOL-EN16931-R007"),
    ("cbc:InvoiceTypeCode", "381", "BR-CL-01"),
    ("cbc:DocumentCurrencyCode", "USD", "BR-CL-04"),
    ("cbc:IssueDate", "2026-02-30", "PEPPOL-EN16931-F001"),
    ("cbc:IssueDate", "20261123", "PEPPOL-EN16931-F001"),
    ("cac:InvoicePeriod/cbc:EndDate", "2026-10-31", "BR-29"),
    ("cac:InvoicePeriod/cbc:StartDate", "2026-11-02", "PEPPOL-EN16931-R110"),
    ("cac:InvoiceLine/cac:InvoicePeriod/cbc:EndDate", "2026-11-30", "BR-30"),
    ("cac:InvoiceLine/cac:InvoicePeriod/cbc:EndDate", "2028-11-30", "PEPPOL-EN16931-R110"),
    ("cac:AccountingSupplierParty//cbc:EndpointID", "0999999923", "PEPPOL-COMMON-R043"),
    ("cac:AccountingCustomerParty//cac:PartyLegalEntity/cbc:CompanyID", "0999.888.767", "PEPPOL-COMMON-R043"),
    ("cac:AccountingSupplierParty//cac:PartyTaxScheme/cbc:CompanyID", "0999999922", "BR-CO-09"),
    ("cac:AccountingSupplierParty//cac:PartyTaxScheme/cbc:CompanyID", "BE0999999923", "BE-VAT"),
    ("cac:AccountingCustomerParty//cbc:IdentificationCode", "XX", "BR-11"),
    ("cac:PaymentMeans/cbc:PaymentMeansCode", "48", "BR-49"),
    ("cac:PaymentMeans/cbc:PaymentID", "120260000116", "BE-OGM"),
    ("cac:PaymentMeans/cbc:PaymentID", "2026-00001", "BE-OGM"),
    ("cac:PaymentMeans/cac:PayeeFinancialAccount/cbc:ID", "BE91999202600132", "BR-50"),
    ("cac:InvoiceLine/cbc:ID", "2", "BR-21"),
    ("cac:InvoiceLine/cbc:InvoicedQuantity", "one", "BR-22"),
    ("cac:InvoiceLine/cbc:InvoicedQuantity", "2", "PEPPOL-EN16931-R120"),
    ("cac:InvoiceLine/cac:Price/cbc:PriceAmount", "-1000.00", "BR-27"),
    ("cac:InvoiceLine//cac:ClassifiedTaxCategory/cbc:ID", "Z", "BR-CL-17"),
    ("cac:InvoiceLine//cac:ClassifiedTaxCategory/cbc:ID", "E", "BR-E-05"),
    ("cac:InvoiceLine//cac:ClassifiedTaxCategory/cbc:ID", "O", "BR-O-05"),
    ("cac:InvoiceLine//cac:ClassifiedTaxCategory/cbc:Percent", "0", "BR-S-05"),
    ("cac:InvoiceLine//cac:ClassifiedTaxCategory/cbc:Percent", "6", "BR-CO-18"),
    ("cac:InvoiceLine//cac:TaxScheme/cbc:ID", "GST", "BR-CO-04"),
    ("cac:TaxTotal//cac:TaxCategory/cbc:Percent", "6", "BR-CO-17"),
    ("cac:TaxTotal/cac:TaxSubtotal/cbc:TaxableAmount", "1.00", "BR-S-08"),
    ("cac:TaxTotal/cac:TaxSubtotal/cbc:TaxAmount", "1.00", "BR-CO-14"),
    ("cac:LegalMonetaryTotal/cbc:LineExtensionAmount", "1.00", "BR-CO-10"),
    ("cac:LegalMonetaryTotal/cbc:TaxExclusiveAmount", "1.00", "BR-CO-13"),
    ("cac:LegalMonetaryTotal/cbc:TaxInclusiveAmount", "1.00", "BR-CO-15"),
    ("cac:LegalMonetaryTotal/cbc:PayableAmount", "1.00", "BR-CO-16"),
    ("cac:LegalMonetaryTotal/cbc:PayableAmount", "1.001", "BR-DEC"),
    ("cac:LegalMonetaryTotal/cbc:PayableAmount", "1e3", "BR-DEC"),
    ("cbc:BuyerReference", "", "PEPPOL-EN16931-R008"),
]


@pytest.mark.parametrize(
    ("kind", "name", "value", "rule"),
    [
        ("paid-before", "PayableAmount", "1210.00", "BR-CO-16"),
        ("part-paid-before", "PayableAmount", "1210.00", "BR-CO-16"),
        ("part-paid-before", "PrepaidAmount", "0.00", "BR-CO-16"),
        ("part-paid-before", "PrepaidAmount", "-400.00", "BE-PREPAID"),
        ("part-paid-before", "PrepaidAmount", "1210.01", "BE-PREPAID"),
    ],
)
def test_what_was_paid_before_comes_off_what_is_to_be_paid(
    roots: dict[str, Element], kind: str, name: str, value: str, rule: str
) -> None:
    path = f"cac:LegalMonetaryTotal/cbc:{name}"
    assert broken(roots[kind], path, lambda element: setattr(element, "text", value), rule)


def test_no_account_stands_beside_means_that_transfer_nothing(roots: dict[str, Element]) -> None:
    path = "cac:PaymentMeans/cbc:PaymentMeansCode"
    assert broken(roots["invoice"], path, lambda element: setattr(element, "text", "68"), "BE-MEANS")
    assert broken(roots["charged"], path, lambda element: setattr(element, "text", "30"), "BR-50")


@pytest.mark.parametrize(("path", "value", "rule"), WRONG)
def test_a_wrong_value_breaks_its_rule(roots: dict[str, Element], path: str, value: str, rule: str) -> None:
    assert broken(roots["several-lines"], path, lambda element: setattr(element, "text", value), rule)


@pytest.mark.parametrize(
    ("path", "attribute", "value", "rule"),
    [
        ("cac:AccountingCustomerParty//cbc:EndpointID", "schemeID", "1234", "BR-CL-25"),
        ("cac:InvoiceLine/cbc:InvoicedQuantity", "unitCode", "piece", "BR-CL-23"),
        ("cac:LegalMonetaryTotal/cbc:PayableAmount", "currencyID", "USD", "PEPPOL-EN16931-R051"),
    ],
)
def test_a_wrong_attribute_breaks_its_rule(
    roots: dict[str, Element], path: str, attribute: str, value: str, rule: str
) -> None:
    assert broken(roots["several-lines"], path, lambda element: element.set(attribute, value), rule)


@pytest.mark.parametrize(
    ("kind", "value", "rule"),
    [
        ("reverse-charge", "VATEX-EU-O", "PEPPOL-EN16931-P0104"),
        ("payment-request", "VATEX-EU-AE", "PEPPOL-EN16931-P0104"),
        ("exempt", "VATEX-EU-AE", "PEPPOL-EN16931-P0104"),
        ("exempt", "VATEX-BE-44", "BR-CL-22"),
    ],
)
def test_a_code_of_a_reason_goes_with_its_category(
    roots: dict[str, Element], kind: str, value: str, rule: str
) -> None:
    path = ".//cbc:TaxExemptionReasonCode"
    assert broken(roots[kind], path, lambda element: setattr(element, "text", value), rule)


def broken(root: Element, path: str, change: Callable[[Element], None], rule: str) -> bool:
    """Whether a document that kept all rules breaks this one after a change."""
    assert problems(root) == []
    element = root.find(path, SPACES)
    assert element is not None
    change(element)
    return any(problem.startswith(f"{rule}:") for problem in problems(root))


def test_vat_numbers_stand_where_they_must_and_nowhere_else(roots: dict[str, Element]) -> None:
    scheme = roots["invoice"].find("cac:AccountingSupplierParty//cac:PartyTaxScheme", SPACES)
    request = roots["payment-request"]
    party = request.find("cac:AccountingSupplierParty/cac:Party", SPACES)
    assert scheme is not None
    assert party is not None
    party.append(scheme)
    assert problems(request) == ["BR-O-02: VAT numbers stand beside what is outside the scope"]
    charged = roots["reverse-charge"]
    buyer = charged.find("cac:AccountingCustomerParty/cac:Party", SPACES)
    assert buyer is not None
    numbers = buyer.find("cac:PartyTaxScheme", SPACES)
    assert numbers is not None
    buyer.remove(numbers)
    assert problems(charged) == ["BR-AE-02: the buyer's VAT number is missing"]
