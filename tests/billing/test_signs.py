"""Money paper always leaves: names in all scripts, and what stands for signs that no typeface has."""

from typing import Any

import pytest
import typst
from django.core import mail
from django.test import Client
from wagtail.models import Site

from billing.documents import make_sheet, pdf, render_pdf
from billing.documents.signs import BOX, clusters, showable, tidy
from billing.models import Invoice
from billing.operations.delivery import send_invoice
from tests.billing.test_documents import read, words
from tests.billing.test_views import path_of
from tests.factories.billing import NOON, CustomerFactory, issue, line
from tests.queue import drain

NOTE = f"{BOX} staat voor een teken dat hier niet afgedrukt kan worden; online is het wel te lezen."
FIELDS = ("name", "street", "postcode", "city", "po_number")


def is_accessible(invoice: Invoice) -> bool:
    root: Any = read(invoice).trailer["/Root"]
    return "pdfuaid:part>1<" in root["/Metadata"].get_object().get_data().decode()


@pytest.mark.django_db
@pytest.mark.parametrize("sign", ["🚦", "李", "ไ"])
def test_a_sign_without_typeface_is_a_box_on_paper_and_itself_elsewhere(sign: str) -> None:
    invoice = issue(customer=CustomerFactory.create(**{field: f"{field[:2]}{sign}1" for field in FIELDS}))
    text = words(invoice)
    for field in FIELDS:
        assert f"{field[:2]}{BOX}1" in text
    assert NOTE in text
    assert is_accessible(invoice)
    sheet = make_sheet(invoice)
    assert str((sheet.customer, sheet.facts)).count(sign) == len(FIELDS)
    assert sheet.remarks == []


@pytest.mark.django_db
@pytest.mark.parametrize("field", FIELDS)
def test_no_field_keeps_the_paper_from_leaving(field: str) -> None:
    invoice = issue(customer=CustomerFactory.create(**{field: "🚦 李"}))
    assert f"{BOX} {BOX}" in words(invoice)
    assert is_accessible(invoice)


@pytest.mark.django_db
@pytest.mark.parametrize("word", ["שלום", "سلام", "Łódź", "Ελλάδα", "Київ", "e\u0301t"])
def test_scripts_that_the_typefaces_have_are_printed(word: str) -> None:
    invoice = issue(customer=CustomerFactory.create(**dict.fromkeys(FIELDS, word)))
    text, composed = words(invoice), tidy(word)
    # A reader hands out a right-to-left word from either end.
    assert text.count(composed) + text.count(composed[::-1]) == len(FIELDS)
    assert BOX not in text
    assert is_accessible(invoice)


@pytest.mark.django_db
def test_the_line_and_the_issuer_may_hold_any_sign_too() -> None:
    invoice = issue(line(text="Lidmaatschap 한국 👩‍💻"), customer=CustomerFactory.create(language="en"))
    invoice.issuer = {**invoice.issuer, "name": "Stad 🚦"}
    text = words(invoice)
    assert f"Lidmaatschap {BOX}{BOX} {BOX}" in text
    assert f"Stad {BOX}" in text
    assert f"{BOX} stands for a sign that cannot be printed here" in text
    assert is_accessible(invoice)


@pytest.mark.django_db
def test_a_box_that_the_customer_wrote_needs_no_note() -> None:
    text = words(issue(customer=CustomerFactory.create(name=f"Doos {BOX} bv")))
    assert f"Doos {BOX} bv" in text
    assert NOTE not in text


@pytest.mark.django_db
def test_hidden_signs_neither_spoil_paper_nor_turn_amounts_round() -> None:
    name = "\ufeffProef\u200b\x07 \u202ebv\x85Zonen\ue000"
    text = words(issue(customer=CustomerFactory.create(name=name)))
    assert f"Proef bv Zonen{BOX}" in text


@pytest.mark.django_db
def test_mail_and_screen_keep_the_name(client: Client, site: Site) -> None:
    invoice = issue(customer=CustomerFactory.create(name="Straatbeeld 🚦 李", street="e\u0301 שלום سلام"))
    send_invoice(invoice=invoice, at=NOON, by=None)
    drain()
    (message,) = mail.outbox
    ((name, content, kind),) = message.attachments
    assert (name, kind) == (f"factuur-{invoice.number}.pdf", "application/pdf")
    assert content.startswith(b"%PDF")
    address = path_of(invoice)
    assert "Straatbeeld 🚦 李" in client.get(address).content.decode()
    response = client.get(f"{address}pdf/")
    assert (response.status_code, response["Content-Type"]) == (200, "application/pdf")


@pytest.mark.django_db
def test_what_cannot_be_accessible_leaves_all_the_same_and_is_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(pdf, "showable", lambda text, can_show: text)
    invoice = issue(customer=CustomerFactory.create(name="Straatbeeld 🚦"))
    assert render_pdf(invoice).startswith(b"%PDF")
    assert not is_accessible(invoice)
    assert f"Invoice {invoice.number} leaves" in caplog.text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Proef & Zonen", "Proef & Zonen"),
        ("e\u0301", "é"),
        ("a\tb\r\n\x85\u2028c", "a b c"),
        ("a\x00\x07\x7fb", "ab"),
        ("\ufeffa\u2060b\U000e0041", "ab"),
        ("\u202eab\u2066c\u2069", "abc"),
        ("می\u200cخواهم\u200f", "می\u200cخواهم\u200f"),
        ("€\N{NO-BREAK SPACE}1", "€\N{NO-BREAK SPACE}1"),
        ("\ue000", BOX),
    ],
)
def test_tidy(text: str, expected: str) -> None:
    assert tidy(text) == expected


@pytest.mark.parametrize("sign", ["🚦", "👩‍💻", "👍🏽", "🇧🇪", "❤\ufe0f", "1\ufe0f\u20e3", "q\u0323\u0302"])
def test_what_people_see_as_one_sign_is_one(sign: str) -> None:
    assert clusters(f"a{sign}b{sign}{sign}") == ["a", sign, "b", sign, sign]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ab", "ab"),
        ("\N{FULLWIDTH LATIN CAPITAL LETTER A}", "A"),
        ("\N{PARENTHESIZED IDEOGRAPH STOCK}", f"({BOX})"),
        ("1\ufe0f\u20e3", "1"),
        ("\N{RIAL SIGN}", "ریال"),
        ("👩‍💻🇧🇪", BOX * 2),
        ("é\u0301 🚦", f"é\u0301 {BOX}"),
    ],
)
def test_the_nearest_sign_that_the_typefaces_have(text: str, expected: str) -> None:
    assert showable(text, pdf._can_show) == expected


@pytest.mark.parametrize("text", ["\U0001f6be\u035c Q\u1ac4\u06e2", "\u203c\u06ea\u1acd", "x\u0358\u0592"])
def test_marks_of_strange_company_are_left_out(text: str) -> None:
    """Each of these can be shown alone, or not; together typst finds no typeface for them."""
    shown = showable(tidy(text), pdf._can_show)
    assert shown
    assert pdf._can_show(shown)


@pytest.mark.parametrize("sign", [BOX, "Ж", "ש", "س", "€"])
def test_the_probe_knows_what_there_is(sign: str) -> None:
    assert pdf._can_show(sign)
    with pytest.raises(typst.TypstError):
        pdf._compile(pdf.PROBE, {"sign": "🚦"}, pdf_standards="ua-1")
