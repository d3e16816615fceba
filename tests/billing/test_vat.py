"""How VAT is treated: the rule, the rows, and what an issued line keeps."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from billing import vat
from billing.models import Customer, Invoice, NumberSeries, VatTreatment
from billing.models.vat import first_treatments
from billing.operations.invoices import credit_invoice
from billing.operations.reference import load_vat_treatments
from billing.queries import preview_choices
from billing.rules import InvalidLine
from tests.billing.test_desk import person
from tests.factories.billing import (
    DUTCH_VAT,
    NOON,
    CustomerFactory,
    abroad,
    confirm_vat_number,
    fill_in_issuer,
    issue,
    line,
)


@pytest.mark.parametrize(
    ("regime", "country", "vat_number", "slug"),
    [
        ("standard", "BE", "BE0999888767", "standard"),
        ("standard", "BE", "", "standard"),
        ("standard", "BE", DUTCH_VAT, "standard"),
        ("standard", "NL", DUTCH_VAT, "reverse-charge"),
        ("standard", "GR", "EL094259216", "reverse-charge"),
        ("standard", "NL", "", "standard"),
        ("standard", "NL", "NL123456789B90", "standard"),
        ("standard", "NL", "BE0999888767", "standard"),
        ("standard", "GB", "", "outside-eu"),
        ("standard", "US", DUTCH_VAT, "outside-eu"),
        ("small", "BE", "BE0999888767", "small-enterprise"),
        ("small", "NL", "", "small-enterprise"),
        ("small", "NL", DUTCH_VAT, "reverse-charge"),
        ("small", "CH", "", "outside-eu"),
        ("exempt", "BE", "BE0999888767", "exempt"),
        ("exempt", "NL", DUTCH_VAT, "exempt"),
        ("none", "BE", "BE0999888767", "outside-scope"),
        ("none", "NL", DUTCH_VAT, "outside-scope"),
        ("none", "US", "", "outside-scope"),
    ],
)
def test_the_treatment_follows_customer_and_regime(
    regime: str, country: str, vat_number: str, slug: str
) -> None:
    assert vat.treatment_for(regime=regime, country=country, vat_number=vat_number) == slug


@given(st.text(max_size=20), st.text(max_size=3))
def test_odd_input_still_has_a_treatment(number: str, country: str) -> None:
    found = vat.treatment_for(regime="standard", country=country, vat_number=number)
    assert found in vat.TREATMENTS


def test_only_what_needs_no_invoice_alone_on_a_document_makes_a_request() -> None:
    known = {treatment.slug: treatment for treatment in first_treatments()}
    assert set(known) == set(vat.TREATMENTS)

    def kind(*slugs: str) -> str:
        return vat.document_kind(known[slug].needs_invoice for slug in slugs)

    assert kind("outside-scope", "outside-scope") == "payment_request"
    assert kind("outside-scope", "standard") == kind("outside-eu") == kind("exempt") == kind() == "invoice"


@pytest.mark.django_db
def test_loading_again_adds_what_is_missing_and_leaves_what_was_changed() -> None:
    assert load_vat_treatments() == "6 treatments, 6 not signed off by the accountant"
    VatTreatment.objects.filter(slug="exempt").update(
        reason_nl="Anders.", signed_off_on=date(2026, 1, 5), signed_off_by="A. Boek"
    )
    VatTreatment.objects.filter(slug="outside-eu").delete()
    assert load_vat_treatments() == "6 treatments, 5 not signed off by the accountant"
    assert VatTreatment.objects.get(slug="exempt").reason_nl == "Anders."


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wrong",
    [
        {"rate": Decimal(21)},
        {"category": "S"},
        {"category": "Z"},
        {"reason_nl": ""},
        {"reason_en": ""},
        {"signed_off_on": date(2026, 1, 5)},
        {"signed_off_by": "A. Boek"},
    ],
)
def test_nonsense_is_refused_by_form_and_database(wrong: dict[str, Any]) -> None:
    load_vat_treatments()
    treatment = VatTreatment.objects.get(slug="exempt")
    treatment.full_clean()
    for name, value in wrong.items():
        setattr(treatment, name, value)
    with pytest.raises(ValidationError):
        treatment.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        VatTreatment.objects.filter(slug="exempt").update(**wrong)


@pytest.mark.django_db
def test_the_code_of_a_reason_goes_with_its_category() -> None:
    for slug, code in (
        ("reverse-charge", "VATEX-EU-O"),
        ("outside-scope", "VATEX-EU-AE"),
        ("standard", "VATEX-EU-O"),
        ("exempt", "VATEX-EU-13"),
    ):
        load_vat_treatments()
        treatment = VatTreatment.objects.get(slug=slug)
        treatment.full_clean()
        treatment.reason_code = code
        with pytest.raises(ValidationError, match="VATEX|reason"):
            treatment.full_clean()


@pytest.mark.django_db
def test_a_line_keeps_how_it_was_treated() -> None:
    load_vat_treatments()
    customer = abroad(language="en")
    VatTreatment.objects.filter(slug="reverse-charge").update(ledger_account="701000", vat_code="IC7")
    invoice = issue(line(), line(ledger_account="702000"), customer=customer)
    VatTreatment.objects.filter(slug="reverse-charge").update(reason_en="Other.", vat_code="X")
    note = credit_invoice(invoice=invoice, reason="", at=NOON, by=None, is_mailed=False)
    for document in (invoice, note):
        first, second = document.lines.all()
        assert (first.vat_category, first.vat_rate, first.vat_treatment) == (
            "AE",
            Decimal(0),
            "reverse-charge",
        )
        assert first.vat_reason.startswith("Reverse charge: VAT is due by the customer, art. 21")
        assert (first.vat_reason_code, first.vat_code, first.ledger_account) == (
            "VATEX-EU-AE",
            "IC7",
            "701000",
        )
        assert second.ledger_account == "702000"
    assert (invoice.kind, invoice.vat, invoice.gross) == ("invoice", Decimal(0), Decimal(2000))


@pytest.mark.django_db
def test_an_association_that_is_not_subject_to_vat_asks_for_payment() -> None:
    fill_in_issuer(vat_regime="none")
    request = issue()
    assert (request.kind, request.number, request.gross) == ("payment_request", "BV2026-00001", Decimal(1000))
    assert NumberSeries.objects.get().kind == "payment_request"
    note = credit_invoice(invoice=request, reason="", at=NOON, by=None, is_mailed=False)
    assert note.number == "CN2026-00001"
    mixed = issue(line(), line(vat_treatment="standard"))
    assert (mixed.kind, mixed.number) == ("invoice", "2026-00001")


@pytest.mark.django_db
def test_a_small_enterprise_says_so_and_is_exempt() -> None:
    fill_in_issuer(vat_regime="small")
    kept = issue().lines.get()
    assert (kept.vat_category, kept.vat_rate) == ("E", Decimal(0))
    assert "kleine ondernemingen, art. 56bis" in kept.vat_reason


@pytest.mark.django_db
def test_a_treatment_that_does_not_exist_is_refused() -> None:
    with pytest.raises(InvalidLine, match="nonsense"):
        issue(line(vat_treatment="nonsense"))


@pytest.mark.django_db
@pytest.mark.parametrize("regime", ["standard", "small", "none"])
@pytest.mark.parametrize("country", ["BE", "NL", "US"])
def test_a_preview_says_to_the_cent_what_the_invoice_will(
    regime: str, country: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    fill_in_issuer(vat_regime=regime)
    customer = CustomerFactory.create(country=country, vat_number=DUTCH_VAT if country == "NL" else "")
    if country == "NL":
        confirm_vat_number(customer)
    lines = [
        line(unit_price=Decimal("33.33")),
        line(unit_price=Decimal("0.05"), quantity=Decimal("3")),
        line(unit_price=Decimal("7.77"), vat_treatment="standard"),
        line(unit_price=Decimal("1.11"), vat_treatment="exempt"),
    ]
    VatTreatment.objects.all().delete()  # as before set-up
    with django_assert_max_num_queries(3 if country == "NL" else 2):
        shown = preview_choices(customer, lines, at=NOON)
    assert not Invoice.objects.exists()
    assert not VatTreatment.objects.exists()
    for one, alone in zip(lines, shown, strict=True):
        invoice = issue(one, customer=customer)
        assert (alone.net, alone.vat, alone.gross) == (invoice.net, invoice.vat, invoice.gross)
        assert alone == invoice.totals
    other = Customer(country=country, vat_number=customer.vat_number)
    assert preview_choices(other, lines, at=NOON) == shown


def sent(**fields: Any) -> dict[str, Any]:
    """The form of the exempt treatment as it is loaded."""
    treatment = VatTreatment.objects.get(slug="exempt")
    names = ("name_nl", "name_en", "category", "rate", "reason_nl", "reason_en", "reason_code", "vat_code")
    return {
        **{name: getattr(treatment, name) for name in names},
        "is_vat_invoice": "on",
        "signed_off_on": treatment.signed_off_on.strftime("%d/%m/%Y") if treatment.signed_off_on else "",
        "signed_off_by": treatment.signed_off_by,
        "ledger_account": "",
        **fields,
    }


@pytest.mark.django_db
def test_treatments_are_signed_off_in_the_back_office_and_never_added_or_deleted(
    client: Client, site: Any
) -> None:
    load_vat_treatments()
    pk = VatTreatment.objects.get(slug="exempt").pk
    edit = f"/admin/billing/vat/edit/{pk}/"
    found = {}
    for role in ("finance", "administrator", "board", "editor"):
        client.force_login(person(role))
        found[role] = [client.get(url).status_code == 200 for url in ("/admin/billing/vat/", edit)]
    assert found == {
        "finance": [True, True],
        "administrator": [True, True],
        "board": [False, False],
        "editor": [False, False],
    }
    client.force_login(User.objects.get(email="finance@demo.example"))
    for gone in ("new/", f"delete/{pk}/", f"copy/{pk}/"):
        assert client.get(f"/admin/billing/vat/{gone}").status_code == 404
    client.post(edit, sent(signed_off_on="05/01/2026", signed_off_by="A. Boek"))
    treatment = VatTreatment.objects.get(pk=pk)
    assert (treatment.signed_off_on, treatment.signed_off_by) == (date(2026, 1, 5), "A. Boek")
    client.post(edit, sent())
    assert VatTreatment.objects.get(pk=pk).signed_off_by == "A. Boek"
    page = client.post(edit, sent(vat_code="V9"), follow=True).content.decode()
    assert "niet meer goedgekeurd" in page
    treatment.refresh_from_db()
    assert (treatment.vat_code, treatment.signed_off_on, treatment.signed_off_by) == ("V9", None, "")
    refused = client.post(edit, sent(rate="21", reason_nl="Nog niet af"))
    assert refused.status_code == 200
    assert "Alleen het normale tarief" in refused.content.decode()
    assert "Nog niet af" in refused.content.decode()
    assert "exempt" in client.get(edit).content.decode()
