"""The UBL file: what stands in it for every kind of document, and what makes it impossible."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.documents.ubl import UblImpossible, make_ubl, ubl_file_name
from billing.en16931 import problems
from billing.en16931.reading import SPACES, text
from billing.models import Customer, Invoice, Issuer
from billing.operations.invoices import credit_invoice, record_payment
from tests.factories.billing import NOON, CustomerFactory, abroad, ask, fill_in_issuer, issue, line

pytestmark = pytest.mark.django_db

DUTCH = {
    "country": "NL",
    "vat_number": "NL123456782B90",
    "enterprise_number": "",
    "peppol_id": "9944:NL123456782B90",
    "language": "en",
}
TERM = {"period_from": date(2026, 12, 1), "period_to": date(2027, 11, 30)}


def credited(invoice: Invoice) -> Invoice:
    """A credit note of all of it."""
    return credit_invoice(invoice=invoice, reason="", at=NOON, by=None, is_mailed=False)


def credited_in_part(invoice: Invoice) -> Invoice:
    """The second of two credit notes of a part, whose VAT is a cent beside its own rounding."""
    for _time in range(2):
        note = credit_invoice(
            invoice=invoice,
            amounts={1: Decimal("0.03")},
            reason="",
            at=NOON,
            by=None,
            is_mailed=False,
        )
    return note


def paid_before(method: str = "transfer", *parts: str, **fields: Any) -> Invoice:
    """The invoice of a pro forma for which these parts, or all, came in before it."""
    pro_forma = ask(customer=CustomerFactory.create(), **fields)
    Issuer.objects.update(iban="")  # so that no invoice can be made
    amounts = [Decimal(part) for part in parts] or [pro_forma.gross]
    for number, amount in enumerate(amounts, 1):
        if number == len(amounts):
            fill_in_issuer()
        payment = record_payment(
            invoice=pro_forma,
            amount=amount,
            method=method,
            received_on=NOON.date(),
            external_reference=f"{pro_forma.number}:{number}",
            by=None,
            at=NOON,
        )
    return payment.invoice


def charged(invoice: Invoice) -> Invoice:
    """The invoice as if its automatic payment was planned when it was issued."""
    invoice.way = Invoice.Way.CHARGE
    return invoice


def documents() -> Iterator[tuple[str, Invoice]]:
    """One document of every kind that leaves, by name."""
    fill_in_issuer(bic="GKCCBEBB", phone="+32 3 000 00 00")
    dutch = abroad(peppol_id=DUTCH["peppol_id"], language="en")
    american = CustomerFactory.create(
        country="US", vat_number="", enterprise_number="", postcode="", peppol_id="0060:123456789"
    )
    ordering = CustomerFactory.create(po_number="PO-77 / 2026", name='Proef & Zonen <"bv">')
    several = [
        line(**TERM),
        line(text="Extra zitje", unit_price=Decimal("33.33"), quantity=Decimal("2.5")),
        line(
            text="Korting",
            unit_price=Decimal("-12.34"),
            period_from=date(2026, 11, 1),
            period_to=date(2026, 11, 30),
        ),
        line(text="Coaching", unit_price=Decimal("0.05"), quantity=Decimal(3), unit="HUR"),
    ]
    yield "invoice", issue()
    yield "several-lines", (invoice := issue(*several, customer=ordering))
    yield "credit-note", credited(invoice)
    yield "credit-note-in-part", credited_in_part(issue(*several, customer=ordering))
    yield "reverse-charge", (invoice := issue(*several, customer=dutch))
    yield "credit-note-reverse-charge", credited(invoice)
    yield "exempt", (invoice := issue(line(vat_treatment="exempt", **TERM)))
    yield "credit-note-exempt", credited(invoice)
    mixed = issue(line(), line(vat_treatment="exempt"), line(vat_treatment="small-enterprise"))
    yield "standard-and-exempt", mixed
    yield "outside-the-eu", issue(line(), customer=american)
    yield "discount-in-quantity", issue(line(), line(quantity=Decimal("-0.5")))
    yield "paid-before", paid_before()
    yield "paid-before-online", (invoice := paid_before("stripe"))
    yield "credit-note-paid-before", credited(invoice)
    yield "part-paid-before", paid_before("stripe", "400.00")
    yield "charged", charged(issue(*several, customer=ordering))
    fill_in_issuer(vat_regime="small")
    yield "small-enterprise", issue(line(**TERM))
    fill_in_issuer(vat_regime="exempt")
    yield "exempt-association", issue()
    fill_in_issuer(vat_regime="none")
    yield "payment-request", (invoice := issue(*several))
    yield "credit-note-request", credited(invoice)
    yield "payment-request-abroad", issue(customer=dutch)


@pytest.mark.parametrize(
    ("stored", "said"), [("", None), ("GKCCBEBB", "GKCCBEBB"), ("gkcc be bb", "GKCCBEBB"), ("GKCC BE", None)]
)
def test_what_is_no_bic_is_left_out(stored: str, said: str | None) -> None:
    """An invoice keeps for good what stood in the settings, also from before it was checked there."""
    fill_in_issuer(bic=stored)
    root = read(issue())
    assert problems(root) == []
    assert text(root, ".//cac:FinancialInstitutionBranch/cbc:ID") == (said or "")


def read(invoice: Invoice) -> Element:
    return ElementTree.fromstring(make_ubl(invoice))


def test_every_kind_of_document_keeps_the_rules() -> None:
    names = []
    for name, invoice in documents():
        assert problems(read(invoice)) == [], name
        names.append(name)
    assert len(names) == len(set(names)) == 21


def test_an_invoice_says_all_that_its_receiver_books() -> None:
    customer = CustomerFactory.create(po_number="PO-77", name="Proef & Zonen <bv>")
    root = read(issue(line(**TERM), line(text="Extra zitje", unit_price=Decimal("33.33")), customer=customer))
    assert root.tag == "{urn:oasis:names:specification:ubl:schema:xsd:Invoice-2}Invoice"
    found = {path: text(root, path) for path in EXPECTED}
    assert found == EXPECTED
    endpoints = root.findall(".//cbc:EndpointID", SPACES)
    assert [(each.get("schemeID"), each.text) for each in endpoints] == [
        ("0208", "0999999922"),
        ("0208", "0999888767"),
    ]
    lines = root.findall("cac:InvoiceLine", SPACES)
    assert [text(each, "cac:Item/cbc:Name") for each in lines] == ["Lidmaatschap connect", "Extra zitje"]
    quantity = lines[0].find("cbc:InvoicedQuantity", SPACES)
    assert (quantity.get("unitCode"), quantity.text) == ("C62", "1")


SELLER, BUYER = "cac:AccountingSupplierParty/cac:Party/", "cac:AccountingCustomerParty/cac:Party/"
EXPECTED = {
    "cbc:CustomizationID": "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0",
    "cbc:ProfileID": "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0",
    "cbc:ID": "2026-00001",
    "cbc:IssueDate": "2026-11-23",
    "cbc:DueDate": "2026-12-23",
    "cbc:InvoiceTypeCode": "380",
    "cbc:DocumentCurrencyCode": "EUR",
    "cbc:BuyerReference": "PO-77",
    "cac:OrderReference/cbc:ID": "PO-77",
    "cac:InvoicePeriod/cbc:StartDate": "2026-12-01",
    "cac:InvoicePeriod/cbc:EndDate": "2027-11-30",
    f"{SELLER}cac:PartyName/cbc:Name": "Voorbeeldstad vzw",
    f"{SELLER}cac:PostalAddress/cbc:StreetName": "Proefplein 1",
    f"{SELLER}cac:PostalAddress/cbc:CityName": "Antwerpen",
    f"{SELLER}cac:PostalAddress/cbc:PostalZone": "2000",
    f"{SELLER}cac:PostalAddress/cac:Country/cbc:IdentificationCode": "BE",
    f"{SELLER}cac:PartyTaxScheme/cbc:CompanyID": "BE0999999922",
    f"{SELLER}cac:PartyLegalEntity/cbc:RegistrationName": "Voorbeeldstad vzw",
    f"{SELLER}cac:PartyLegalEntity/cbc:CompanyID": "0999999922",
    f"{SELLER}cac:PartyLegalEntity/cbc:CompanyLegalForm": "RPR Antwerpen",
    f"{SELLER}cac:Contact/cbc:ElectronicMail": "facturen@demo.example",
    f"{BUYER}cac:PartyLegalEntity/cbc:RegistrationName": "Proef & Zonen <bv>",
    f"{BUYER}cac:PartyTaxScheme/cbc:CompanyID": "BE0999888767",
    "cac:PaymentMeans/cbc:PaymentMeansCode": "30",
    "cac:PaymentMeans/cbc:PaymentID": "120260000115",
    "cac:PaymentMeans/cac:PayeeFinancialAccount/cbc:ID": "BE90999202600132",
    "cac:PaymentTerms/cbc:Note": "Te betalen uiterlijk op 23 december 2026 met mededeling "
    "+++120/2600/00115+++.",
    "cac:TaxTotal/cbc:TaxAmount": "217.00",
    "cac:TaxTotal/cac:TaxSubtotal/cbc:TaxableAmount": "1033.33",
    "cac:TaxTotal/cac:TaxSubtotal/cac:TaxCategory/cbc:Percent": "21",
    "cac:LegalMonetaryTotal/cbc:TaxExclusiveAmount": "1033.33",
    "cac:LegalMonetaryTotal/cbc:TaxInclusiveAmount": "1250.33",
    "cac:LegalMonetaryTotal/cbc:PayableAmount": "1250.33",
}


def test_each_treatment_says_category_reason_and_code() -> None:
    category = "cac:TaxTotal/cac:TaxSubtotal/cac:TaxCategory/"
    found = {}
    for name, invoice in documents():
        root = read(invoice)
        found[name] = tuple(
            text(root, f"{category}cbc:{part}") for part in ("ID", "Percent", "TaxExemptionReasonCode")
        )
        if found[name][0] != "S" and name != "standard-and-exempt":
            assert text(root, f"{category}cbc:TaxExemptionReason") == invoice.lines.first().vat_reason
        is_outside = found[name][0] == "O"
        assert (root.find(".//cac:PartyTaxScheme", SPACES) is None) is is_outside
    assert found["several-lines"] == ("S", "21", "")
    assert found["reverse-charge"] == found["credit-note-reverse-charge"] == ("AE", "0", "VATEX-EU-AE")
    assert found["exempt"] == found["exempt-association"] == ("E", "0", "VATEX-EU-132")
    assert found["small-enterprise"] == ("E", "0", "")
    assert found["payment-request"] == found["outside-the-eu"] == ("O", "", "VATEX-EU-O")


def test_a_credit_note_names_its_invoice_and_asks_for_no_transfer() -> None:
    invoice = issue()
    root = read(credited(invoice))
    assert root.tag == "{urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2}CreditNote"
    assert text(root, "cbc:CreditNoteTypeCode") == "381"
    assert text(root, "cac:BillingReference/cac:InvoiceDocumentReference/cbc:ID") == invoice.number
    assert text(root, "cac:CreditNoteLine/cbc:CreditedQuantity") == "1"
    assert text(root, "cac:LegalMonetaryTotal/cbc:PayableAmount") == "1210.00"
    assert root.find("cac:PaymentMeans", SPACES) is None
    assert "2026-00001" in text(root, "cac:PaymentTerms/cbc:Note")


def test_a_request_for_payment_is_one() -> None:
    fill_in_issuer(vat_regime="none")
    assert text(read(issue()), "cbc:InvoiceTypeCode") == "71"


def test_the_file_stays_the_same_whatever_changes_afterwards() -> None:
    invoice = issue()
    first = make_ubl(invoice)
    Customer.objects.update(name="Anders", street="", country="NL")
    fill_in_issuer(name="Anders", vat_regime="none", iban="BE71096123456769")
    record_payment(
        invoice=invoice,
        amount=Decimal("1210.00"),
        method="transfer",
        received_on=date(2026, 12, 1),
        external_reference="1",
        by=None,
        at=NOON,
    )
    with translation.override("en"):
        assert make_ubl(Invoice.objects.get(pk=invoice.pk)) == first
    assert ubl_file_name(invoice) == "2026-00001.xml"


def test_an_invoice_of_before_the_file_has_one_too() -> None:
    invoice = issue()
    for name in ("postcode", "city", "country"):
        del invoice.issuer[name]
    root = read(invoice)
    assert problems(root) == []
    assert text(root, f"{SELLER}cac:PostalAddress/cbc:CityName") == "Antwerpen"
    assert text(root, f"{SELLER}cac:PostalAddress/cbc:PostalZone") == "2000"


IMPOSSIBLE: list[tuple[dict[str, Any], str]] = [
    ({"street": " "}, "De straat van de klant ontbreekt."),
    ({"postcode": ""}, "Postcode of gemeente van de klant ontbreekt."),
    ({"city": ""}, "Postcode of gemeente van de klant ontbreekt."),
    ({"name": "x" * 300}, "De naam van de klant is langer dan 150 tekens."),
    ({"name": " "}, "De naam van de klant ontbreekt."),
    ({"country": "XX"}, "Dit land van de klant bestaat niet: XX."),
    (
        {"enterprise_number": "", "vat_number": "", "peppol_id": ""},
        "De klant heeft geen Peppol-adres en geen Belgisch ondernemingsnummer.",
    ),
    ({"enterprise_number": "0999888768"}, "geen Peppol-adres"),
    ({"peppol_id": "0208:0999888768"}, "Het Peppol-adres van de klant is fout: 0208:0999888768."),
    ({"vat_number": "BE0999888768"}, "Het btw-nummer van de klant is fout: BE0999888768."),
    ({"peppol_id": "1234:5"}, "Het Peppol-adres van de klant is fout: 1234:5."),
]


@pytest.mark.parametrize(("wrong", "said"), IMPOSSIBLE)
def test_what_is_missing_is_said_to_staff_in_their_language(wrong: dict[str, Any], said: str) -> None:
    invoice = issue(customer=CustomerFactory.create(language="en"))
    assert make_ubl(invoice)
    for name, value in wrong.items():
        setattr(invoice, name, value)
    with translation.override("nl"), pytest.raises(UblImpossible) as refusal:
        make_ubl(invoice)
    assert any(said in problem for problem in refusal.value.problems)
    assert len(refusal.value.problems) == 1
    assert str(refusal.value).startswith("2026-00001: ")


def test_all_that_is_missing_is_said_at_once() -> None:
    invoice = issue(customer=CustomerFactory.create(street="", city="", enterprise_number="", vat_number=""))
    with pytest.raises(UblImpossible) as refusal:
        make_ubl(invoice)
    assert len(refusal.value.problems) == 3


@translation.override("nl")
def test_what_the_law_keeps_apart_is_no_one_document() -> None:
    with pytest.raises(UblImpossible, match="buiten het toepassingsgebied"):
        make_ubl(issue(line(), line(vat_treatment="outside-scope")))
    with pytest.raises(UblImpossible, match="BR-CL-23"):
        make_ubl(issue(line(unit="QQQ")))


prices = st.decimals(min_value="-500", max_value="99999", places=2)
quantities = st.decimals(min_value="0.001", max_value="999", places=3)
kinds = st.sampled_from(["standard", "exempt", "small-enterprise"])


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(prices, quantities, kinds), min_size=1, max_size=5))
def test_whatever_the_amounts_the_sums_hold(drafts: list[tuple[Decimal, Decimal, str]]) -> None:
    rest = line(unit_price=Decimal(10_000_000))
    lines = [line(unit_price=price, quantity=count, vat_treatment=kind) for price, count, kind in drafts]
    assert problems(read(issue(rest, *lines))) == []


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60), st.text(max_size=60))
def test_whatever_signs_stand_in_a_name_the_file_can_be_read(name: str, order: str) -> None:
    invoice = issue()
    invoice.name, invoice.po_number = f"Bedrijf {name}", order
    root = read(invoice)
    assert text(root, f"{BUYER}cac:PartyName/cbc:Name").startswith("Bedrijf")
    assert problems(root) == []
