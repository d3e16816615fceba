"""The PDF, read back: words, tags, language; and the code for banking apps."""

from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
import segno
from django.utils import translation
from pypdf import PdfReader

from billing.documents import attached_pdf, file_name, make_sheet, render_pdf
from billing.documents.sheet import epc_code, vat_reason
from billing.models import Invoice, InvoiceLine
from billing.operations.invoices import credit_invoice, record_payment
from tests.factories.billing import NOON, CustomerFactory, abroad, fill_in_issuer, issue, line

pytestmark = pytest.mark.django_db


def read(invoice: Invoice) -> PdfReader:
    return PdfReader(BytesIO(render_pdf(invoice)))


def words(invoice: Invoice) -> str:
    text = "\n".join(page.extract_text() for page in read(invoice).pages)
    return " ".join(text.replace("\N{NO-BREAK SPACE}", " ").split())


def tags(node: Any) -> list[str]:
    """The kinds of the structure tree's elements, in reading order."""
    node = node.get_object()
    if not isinstance(node, dict):
        return []
    kids = node.get("/K", [])
    kids = kids if isinstance(kids, list) else [kids]
    own = [str(node["/S"])] if "/S" in node else []
    return own + [tag for kid in kids if hasattr(kid, "get_object") for tag in tags(kid)]


def test_the_dutch_pdf_says_all_that_the_law_asks() -> None:
    customer = CustomerFactory.create(name="Proef & Zonen bv", po_number="PO-77", street="Testkaai 7")
    period = {"period_from": date(2026, 12, 1), "period_to": date(2027, 11, 30)}
    text = words(issue(line(**period), customer=customer))
    for expected in (
        "Factuur Nummer 2026-00001",
        "Proef & Zonen bv Testkaai 7 2000 Antwerpen",
        "Datum 23 november 2026",
        "Vervaldatum 23 december 2026",
        "Uw btw-nummer BE 0999.888.767",
        "Uw bestelnummer PO-77",
        "1 december 2026 tot en met 30 november 2027",
        "Totaal exclusief btw € 1.000,00",
        "Btw 21 % op € 1.000,00 € 210,00",
        "Totaal € 1.210,00",
        "IBAN BE90 9992 0260 0132",
        "Gestructureerde mededeling +++120/2600/00115+++",
        "Btw BE 0999.999.922 | RPR Antwerpen",
    ):
        assert expected in text


def test_an_english_customer_reads_english() -> None:
    invoice = issue(customer=CustomerFactory.create(language="en"))
    text = words(invoice)
    assert "Invoice" in text
    assert "Structured communication +++120/2600/00115+++" in text
    assert "Factuur" not in text
    root: Any = read(invoice).trailer["/Root"]
    assert root["/Lang"] == "en"


def test_the_pdf_is_tagged_titled_and_declares_pdf_ua() -> None:
    reader = read(issue())
    root: Any = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "nl"
    assert reader.metadata is not None
    assert reader.metadata.title == "Factuur 2026-00001"
    assert "pdfuaid:part>1<" in root["/Metadata"].get_object().get_data().decode()
    found = tags(root["/StructTreeRoot"])
    assert {"/H1", "/H2", "/Table", "/TH", "/TD", "/Figure"} <= set(found)
    assert found.count("/TH") == 5


def test_the_code_carries_amount_account_and_structured_reference() -> None:
    rows = ["BCD", "002", "1", "SCT", "", "Voorbeeldstad vzw", "BE90999202600132", "EUR1210", ""]
    expected = segno.make_qr("\n".join([*rows, "120260000115"]), error="m", boost_error=False)
    free_text = segno.make_qr("\n".join([*rows, "", "120260000115"]), error="m", boost_error=False)
    code = epc_code(issue(), Decimal("1210.00"))
    assert code == expected
    assert code != free_text


def test_the_code_for_banking_apps_leaves_out_what_is_no_bic() -> None:
    """An invoice keeps for good what stood in the settings, also from before it was checked there."""
    codes = {}
    for bic in ("", "GKCCBEBB", "GKCC BE BB", "GKCC BE"):
        fill_in_issuer(bic=bic)
        codes[bic] = issue(line())
    for bic, invoice in codes.items():
        named = "" if bic in ("", "GKCC BE") else "GKCCBEBB"
        text = "\n".join(
            ["BCD", "002", "1", "SCT", named, "Voorbeeldstad vzw", invoice.issuer["iban"], "EUR1210", ""]
        )
        text += "\n" + invoice.structured_communication
        assert epc_code(invoice, Decimal("1210.00")) == segno.make_qr(text, error="m", boost_error=False)
    assert "Hoe betalen?" in words(codes["GKCC BE"])


def test_what_is_paid_or_credited_asks_for_no_money() -> None:
    invoice = issue()
    pay: dict[str, Any] = {
        "invoice": invoice,
        "method": "transfer",
        "received_on": date(2026, 12, 1),
        "by": None,
        "at": NOON,
    }
    record_payment(amount=Decimal("10.00"), external_reference="1", **pay)
    assert "Er moet nog 1.200,00 euro betaald worden." in words(Invoice.objects.get(pk=invoice.pk))
    record_payment(amount=Decimal("1200.00"), external_reference="2", **pay)
    paid = words(Invoice.objects.get(pk=invoice.pk))
    assert "Betaald op 1 december 2026." in paid
    assert "Hoe betalen?" not in paid
    note = credit_invoice(invoice=invoice, reason="", at=NOON, by=None, is_mailed=False)
    assert "Crediteert factuur 2026-00001" in words(note)
    assert "Hoe betalen?" not in words(note)
    assert file_name(note) == "creditnota-CN2026-00001.pdf"


def test_a_payment_request_is_called_so_everywhere() -> None:
    fill_in_issuer(vat_regime="none")
    request = issue()
    text = words(request)
    assert "Betalingsverzoek Nummer BV2026-00001" in text
    assert "Buiten het toepassingsgebied van de btw." in text
    assert "actuur" not in text
    assert "BE 0999.999.922" not in text
    note = credit_invoice(invoice=request, reason="", at=NOON, by=None, is_mailed=False)
    assert "Crediteert betalingsverzoek BV2026-00001" in words(note)
    assert file_name(request) == "betalingsverzoek-BV2026-00001.pdf"


def test_each_line_without_vat_says_its_ground_once() -> None:
    kinds = ("exempt", "exempt", "reverse-charge", "outside-scope")
    lines = [line(vat_treatment=kind) for kind in ("standard", *kinds)]
    invoice = issue(*lines, customer=abroad())
    sheet = make_sheet(invoice)
    assert sheet.remarks == [
        "Vrijgesteld van btw, art. 44 van het Btw-wetboek.",
        "Btw verlegd: de btw is door de afnemer te voldoen, art. 21, § 2 van het Btw-wetboek en art. 196 van "
        "richtlijn 2006/112/EG.",
        "Buiten het toepassingsgebied van de btw.",
    ]
    assert [each.vat for each in sheet.lines] == [
        "21\N{NO-BREAK SPACE}%",
        "vrijgesteld",
        "vrijgesteld",
        "btw verlegd",
        "buiten toepassingsgebied btw",
    ]
    assert "Btw verlegd: de btw is door de afnemer te voldoen" in words(invoice)


def test_a_line_of_before_the_treatments_still_says_its_ground() -> None:
    for category, reason in (("E", "art. 44"), ("AE", "verlegd"), ("O", "toepassingsgebied"), ("S", "")):
        with translation.override("nl"):
            assert reason in vat_reason(InvoiceLine(vat_category=category))


def test_long_names_and_many_lines_run_over_pages_and_stay_tagged() -> None:
    customer = CustomerFactory.create(name="Verzekeringsmaatschappij" * 6, street="")
    invoice = issue(
        *(line(text=f"Lijn {number} *_#[$ " + "x" * 200) for number in range(60)), customer=customer
    )
    reader = read(invoice)
    assert len(reader.pages) > 2
    assert "Lijn 59 *_#[$" in words(invoice)


def test_the_attached_file_is_the_pdf() -> None:
    invoice = issue()
    file = attached_pdf(invoice.pk)
    assert (file.name, file.media_type) == ("factuur-2026-00001.pdf", "application/pdf")
    assert file.content.startswith(b"%PDF")
