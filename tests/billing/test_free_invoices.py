"""Invoices that the treasurer makes: looked at first, issued once, and never our error."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from wagtail.models import Site
from wagtail.users.models import UserProfile

from accounts.models import User
from billing.documents import make_sheet
from billing.en16931 import problems
from billing.en16931.reading import text
from billing.models import Customer, Invoice, NumberSeries
from billing.operations.free_invoices import PreviewOutdated, issue_free_invoice, preview_free_invoice
from billing.operations.invoices import credit_invoice
from cms.models import OutgoingMail
from tests.billing.test_concurrency import at_once
from tests.billing.test_desk import person
from tests.billing.test_invoices import copy_of
from tests.billing.test_ubl import read
from tests.factories.billing import NOON, CustomerFactory, fill_in_issuer, issue, line
from tests.queue import drain

pytestmark = pytest.mark.django_db
LIST = "/admin/billing/free-invoices/"
KEY = UUID("6f1f8d0e-3c1f-4f57-9d6e-0d6c9c3b7c11")


@pytest.fixture
def desk(client: Client, site: Site) -> Client:
    fill_in_issuer()
    client.force_login(person("finance"))
    return client


@pytest.fixture
def customer(desk: Client) -> Customer:
    return CustomerFactory.create(po_number="PO-1")


def form(**fields: Any) -> dict[str, Any]:
    return {
        "po_number": "PO-77",
        "buyer_reference": "Project Nachtlicht",
        "due_on": (timezone.localdate() + timedelta(days=14)).isoformat(),
        "key": str(KEY),
        "lines-TOTAL_FORMS": "3",
        "lines-INITIAL_FORMS": "0",
        "lines-0-text": "Coaching",
        "lines-0-quantity": "2,5",
        "lines-0-unit": "HUR",
        "lines-0-unit_price": "95,00",
        "lines-0-vat_treatment": "",
        "lines-1-text": "Sponsoring",
        "lines-1-quantity": "1",
        "lines-1-unit": "C62",
        "lines-1-unit_price": "1000,01",
        "lines-1-vat_treatment": "exempt",
        "lines-2-text": "",
        "lines-2-quantity": "1",
        "lines-2-unit": "C62",
        "lines-2-unit_price": "",
        "lines-2-vat_treatment": "",
        **fields,
    }


def test_it_is_shown_to_the_cent_then_issued_once_and_mailed(desk: Client, customer: Customer) -> None:
    address = f"{LIST}{customer.pk}/"
    assert 'value="PO-1"' in desk.get(address).content.decode()
    shown = desk.post(address, form(step="preview"))
    page = shown.content.decode()
    for part in (customer.email, "1.237,51", "49,88", "1.287,39", "Project Nachtlicht", "PO-77", "art. 44"):
        assert part in page, part
    assert not Invoice.objects.exists()
    assert "serious" not in shown.content.decode(), "red is for what destroys"
    seal = shown.context["preview"].seal
    for _time in range(2):
        answer = desk.post(address, form(step="issue", confirmed=seal))
        assert answer["Location"] == f"/admin/billing/invoices/inspect/{Invoice.objects.get().pk}/"
    invoice = Invoice.objects.get()
    assert (invoice.net, invoice.vat, invoice.gross) == tuple(map(Decimal, ("1237.51", "49.88", "1287.39")))
    assert (invoice.po_number, invoice.buyer_reference) == ("PO-77", "Project Nachtlicht")
    assert invoice.due_on == timezone.localdate() + timedelta(days=14)
    assert [kept.text for kept in invoice.lines.all()] == ["Coaching", "Sponsoring"]
    drain()
    assert OutgoingMail.objects.get().template == "billing/invoice"
    assert ("Uw referentie", "Project Nachtlicht") in make_sheet(invoice).facts
    root = read(invoice)
    assert problems(root) == []
    assert text(root, "cbc:BuyerReference") == "Project Nachtlicht"
    assert text(root, "cac:OrderReference/cbc:ID") == "PO-77"
    customer.refresh_from_db()
    assert customer.po_number == "PO-1", "the order number is this invoice's alone"


def test_who_works_in_english_may_type_a_comma_for_the_cents(desk: Client, customer: Customer) -> None:
    UserProfile.objects.create(user=User.objects.get(), preferred_language="en")
    shown = desk.post(f"{LIST}{customer.pk}/", form(step="preview"))
    assert "1,287.39" in shown.content.decode(), "95,00 is no 9,500"
    refused = desk.post(f"{LIST}{customer.pk}/", form(step="preview", **{"lines-0-unit_price": "9,50,00"}))
    assert "Type a number such as 1,250.50." in refused.content.decode()


def test_what_changed_since_the_preview_is_shown_again(desk: Client, customer: Customer) -> None:
    address = f"{LIST}{customer.pk}/"
    seal = desk.post(address, form()).context["preview"].seal
    Customer.objects.update(email="anders@demo.example")
    again = desk.post(address, form(step="issue", confirmed=seal))
    assert "anders@demo.example" in again.content.decode()
    assert not Invoice.objects.exists()
    changed = form(step="issue", confirmed=again.context["preview"].seal, **{"lines-0-unit_price": "96,00"})
    assert desk.post(address, changed).status_code == 200
    assert not Invoice.objects.exists()
    desk.post(address, form(step="issue", confirmed=again.context["preview"].seal))
    assert Invoice.objects.get().email == "anders@demo.example"


def test_without_a_script_lines_are_added_and_all_that_was_typed_is_kept(
    desk: Client, customer: Customer
) -> None:
    address = f"{LIST}{customer.pk}/"
    typed = form(**{"lines-0-unit_price": "veel", "lines-1-text": "<b>x</b>", "due_on": "ooit"})
    for step, rows in (("add", 4), ("change", 3)):
        answer = desk.post(address, typed | {"step": step})
        page = answer.content.decode()
        assert page.count('name="lines-') == 2 + 2 + rows * 5 - 4 + 4
        for part in ('value="veel"', "&lt;b&gt;x&lt;/b&gt;", 'value="ooit"', 'value="2,5"', str(KEY), "HUR"):
            assert part in page, part
        assert "error-message" not in page
        assert not answer.context["form"].is_bound
    assert not Invoice.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"lines-0-unit_price": "0"},
        {"lines-0-unit_price": "-5"},
        {"lines-0-unit_price": "1000000000"},
        {"lines-0-unit_price": "tien"},
        {"lines-0-unit_price": "1,001"},
        {"lines-0-quantity": "0"},
        {"lines-0-quantity": "-1"},
        {"lines-0-quantity": "9999999", "lines-0-unit_price": "95,00"},
        {"lines-0-quantity": "0,001", "lines-0-unit_price": "0,01"},
        {"lines-0-text": ""},
        {"lines-0-text": "x" * 301},
        {"lines-0-text": "nul\0"},
        {"lines-0-unit": "XYZ"},
        {"lines-0-vat_treatment": "niets"},
        {"po_number": "x" * 61},
        {"buyer_reference": "x" * 101},
        {"due_on": "31/02/2026"},
        {"due_on": "01/01/2020"},
        {"due_on": ""},
        {"key": "x"},
    ],
)
@pytest.mark.parametrize("step", ["preview", "issue"])
def test_what_is_wrong_is_said_beside_its_field(
    desk: Client, customer: Customer, wrong: dict[str, str], step: str
) -> None:
    answer = desk.post(f"{LIST}{customer.pk}/", form(step=step, confirmed="x", **wrong))
    assert answer.status_code == 200
    context = answer.context
    errors = {**context["form"].errors}
    for number, each in enumerate(context["lines"].forms):
        errors |= {f"lines-{number}-{name}": told for name, told in each.errors.items()}
    assert set(errors) <= set(wrong)
    assert errors
    assert "error" in answer.content.decode()
    assert not Invoice.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"lines-TOTAL_FORMS": "x"},
        {"lines-TOTAL_FORMS": "100000"},
        {"lines-TOTAL_FORMS": "-1"},
        {"lines-TOTAL_FORMS": "0"},
        {"lines-0-quantity": "99", "lines-0-unit_price": "999999", "lines-1-unit_price": "50000000"},
    ],
)
@pytest.mark.parametrize("step", ["preview", "issue", "add", "change"])
def test_a_form_that_was_tampered_with_or_too_high_together_is_refused(
    desk: Client, customer: Customer, wrong: dict[str, str], step: str
) -> None:
    assert desk.post(f"{LIST}{customer.pk}/", form(step=step, **wrong)).status_code == 200
    assert not Invoice.objects.exists()


@pytest.mark.parametrize(
    ("details", "told", "is_refused"),
    [
        ({"street": ""}, "De straat van de klant ontbreekt.", True),
        ({"city": ""}, "Postcode of gemeente van de klant ontbreekt.", True),
        ({"vat_number": "BE0000000001"}, "btw-nummer", True),
        ({"enterprise_number": "", "vat_number": ""}, "geen Peppol-adres", False),
    ],
)
def test_what_is_missing_of_the_customer_is_said_before_anything_is_typed(
    desk: Client, details: dict[str, str], told: str, is_refused: bool
) -> None:
    customer = CustomerFactory.create(**details)
    address = f"{LIST}{customer.pk}/"
    for page in (desk.get(address), desk.post(address, form())):
        assert page.status_code == 200
        assert told in page.content.decode()
        assert f"/admin/billing/customers/edit/{customer.pk}/" in page.content.decode()
    assert ('value="issue"' in page.content.decode()) is not is_refused
    assert not Invoice.objects.exists()


def test_lines_that_may_not_stand_together_are_refused(desk: Client, customer: Customer) -> None:
    for slug, told in (
        ("outside-scope", "kan niet naast andere staan"),
        ("reverse-charge", "Om de btw te verleggen"),
    ):
        customer.vat_number = ""
        customer.save()
        answer = desk.post(f"{LIST}{customer.pk}/", form(**{"lines-0-vat_treatment": slug}))
        assert told in answer.content.decode()
        assert "Coaching" in answer.content.decode()
        assert 'value="issue"' not in answer.content.decode(), "there is nothing to confirm"


def test_without_the_associations_details_nothing_is_issued(desk: Client, customer: Customer) -> None:
    fill_in_issuer(iban="")
    answer = desk.post(f"{LIST}{customer.pk}/", form())
    assert "gegevens van de vereniging" in answer.content.decode()


def test_a_year_without_numbers_left_says_so(desk: Client, customer: Customer) -> None:
    NumberSeries.objects.create(kind="invoice", year=timezone.localdate().year, last=99_999)
    seal = desk.post(f"{LIST}{customer.pk}/", form(step="preview")).context["preview"].seal
    page = desk.post(f"{LIST}{customer.pk}/", form(step="issue", confirmed=seal)).content.decode()
    assert "Dit jaar heeft geen factuurnummers meer." in page
    assert "Project Nachtlicht" in page
    assert not Invoice.objects.exists()


def test_a_customer_is_searched_or_added_on_the_way(
    desk: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    wanted = CustomerFactory.create(name="Nachtlicht nv", city="Gent")
    CustomerFactory.create_batch(60)
    desk.get(LIST)
    with django_assert_max_num_queries(25):
        page = desk.get(LIST).content.decode()
    assert page.count(f'href="{LIST}') > 40
    found = desk.get(LIST, {"q": "nachtlicht"}).content.decode()
    assert f'href="{LIST}{wanted.pk}/"' in found
    assert found.count(f'href="{LIST}') < 8
    new = "/admin/billing/customers/new/?then=invoice"
    assert new in page
    assert new in desk.get(new).content.decode()
    details = {"name": "x" * 300, "email": "n@demo.example", "country": "BE", "language": "nl"}
    refused = desk.post(new, details)
    assert refused.status_code == 200
    assert "name" in refused.context["form"].errors
    answer = desk.post(new, details | {"name": "Nieuw bv"})
    assert answer["Location"] == f"{LIST}{Customer.objects.latest('pk').pk}/"
    assert desk.post("/admin/billing/customers/new/", details | {"name": "Y"})["Location"].endswith(
        "customers/"
    )


@pytest.mark.parametrize(
    ("role", "may"), [("finance", True), ("administrator", True), ("board", False), ("editor", False)]
)
def test_only_the_treasurer_makes_invoices(client: Client, site: Site, role: str, may: bool) -> None:
    customer = issue().customer
    client.force_login(person(role))
    address = f"{LIST}{customer.pk}/"
    assert [client.get(each).status_code == 200 for each in (LIST, address)] == [may, may]
    shown = client.post(address, form())
    assert (shown.status_code == 200) is may
    assert (LIST in client.get("/admin/").content.decode()) is may
    assert (LIST in client.get("/admin/billing/invoices/", follow=True).content.decode()) is may


def words(customer: Customer) -> dict[str, Any]:
    return {
        "customer": customer,
        "lines": [line(text="Coaching")],
        "po_number": "",
        "buyer_reference": "",
        "due_on": NOON.date() + timedelta(days=30),
    }


def test_nothing_is_issued_but_what_was_shown() -> None:
    fill_in_issuer()
    customer = CustomerFactory.create()
    seal = preview_free_invoice(**words(customer), at=NOON).seal
    last: dict[str, Any] = {"key": KEY, "seal": seal, "at": NOON, "by": None}
    for change in ({"po_number": "1"}, {"buyer_reference": "1"}, {"lines": [line(text="Andere")]}):
        with pytest.raises(PreviewOutdated):
            issue_free_invoice(**words(customer) | change, **last)
    first = issue_free_invoice(**words(customer), **last)
    assert issue_free_invoice(**words(customer), **last) == first
    with (
        pytest.raises(IntegrityError, match="desk_form_once|billing_invoice.reference"),
        transaction.atomic(),
    ):
        Invoice.objects.bulk_create([copy_of(first)])
    assert credit_invoice(invoice=first, reason="", at=NOON, by=None).reference == first.reference


@pytest.mark.django_db(transaction=True)
def test_twenty_clicks_at_once_issue_one() -> None:
    fill_in_issuer()
    customer = CustomerFactory.create()
    seal = preview_free_invoice(**words(customer), at=NOON).seal
    results = at_once(
        lambda number: issue_free_invoice(**words(customer), key=KEY, seal=seal, at=NOON, by=None)
    )
    assert len({invoice.pk for invoice in results}) == 1
    drain()
    assert Invoice.objects.count() == OutgoingMail.objects.count() == 1
