"""The treasurer's desk: what each role may open, and what the actions do."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import Site

from accounts.models import User
from billing.models import Customer, Invoice, NumberSeries, Payment, StripeEvent
from billing.operations.invoices import credit_invoice
from cms.operations.roles import load_roles
from tests.billing.paying import pay
from tests.factories.billing import CustomerFactory, issue, line

pytestmark = pytest.mark.django_db
LIST = "/admin/billing/invoices/"


def person(role: str) -> User:
    load_roles()
    user = User.objects.create_user(f"{role}@demo.example", is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    return user


@pytest.fixture
def treasurer(client: Client, site: Site) -> User:
    user = person("finance")
    client.force_login(user)
    return user


@pytest.fixture
def invoice(site: Site) -> Invoice:
    return issue(at=timezone.now())


def form(**fields: Any) -> dict[str, Any]:
    return {
        "amount": "1210,00",
        "received_on": timezone.localdate().strftime("%d/%m/%Y"),
        "method": "transfer",
        "note": "rekeninguittreksel 12",
        "key": "6f1f8d0e-3c1f-4f57-9d6e-0d6c9c3b7c11",
        **fields,
    }


def test_who_may_open_and_do_what(client: Client, invoice: Invoice) -> None:
    event = StripeEvent.objects.create(event_id="evt_1", type="x", payload={}, received_at=timezone.now())
    details = f"{LIST}inspect/{invoice.pk}/"
    actions = [f"{LIST}{name}/{invoice.pk}/" for name in ("pay", "credit", "send")]
    lists = [LIST, "/admin/billing/payments/"]
    stripe = ["/admin/billing/stripe/", f"/admin/billing/stripe/replay/{event.pk}/"]
    found = {}
    for role in ("finance", "administrator", "board", "editor", "events", "matchmaker"):
        client.force_login(person(role))
        found[role] = [
            sum(client.get(address).status_code == 200 for address in addresses)
            for addresses in ([details], lists, actions, stripe)
        ]
    nothing = [0, 0, 0, 0]
    assert found == {
        "finance": [1, 2, 3, 2],
        "administrator": [1, 2, 3, 2],
        "board": [1, 2, 0, 0],
        "editor": nothing,
        "events": nothing,
        "matchmaker": nothing,
    }


def test_nothing_issued_can_be_edited_or_deleted(client: Client, treasurer: User, invoice: Invoice) -> None:
    for address in ("new/", f"edit/{invoice.pk}/", f"delete/{invoice.pk}/", f"copy/{invoice.pk}/"):
        assert client.get(f"{LIST}{address}", follow=True).status_code == 404
    assert client.get(f"/admin/billing/customers/edit/{invoice.customer_id}/").status_code == 200
    assert client.get(f"/admin/billing/customers/delete/{invoice.customer_id}/").status_code == 302


def test_a_transfer_is_recorded_once_however_often_it_is_sent(
    client: Client, treasurer: User, invoice: Invoice
) -> None:
    address = f"{LIST}pay/{invoice.pk}/"
    assert "Er moet nog" in client.get(address).content.decode()
    for _time in range(2):
        assert client.post(address, form())["Location"] == f"{LIST}inspect/{invoice.pk}/"
    payment = Payment.objects.get()
    assert (payment.amount, payment.recorded_by, payment.note) == (
        Decimal("1210.00"),
        treasurer,
        "rekeninguittreksel 12",
    )
    invoice.refresh_from_db()
    assert invoice.status == "paid"
    page = client.get(f"{LIST}inspect/{invoice.pk}/").content.decode()
    assert "rekeninguittreksel 12" in page
    assert "ontvangen via overschrijving" in page
    assert "finance@demo.example" in page


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": "0"},
        {"amount": "-5"},
        {"amount": "1000000000"},
        {"amount": "tien"},
        {"amount": "1,001"},
        {"received_on": (timezone.localdate() + timedelta(days=2)).strftime("%d/%m/%Y")},
        {"received_on": "31/02/2026"},
        {"method": "stripe"},
        {"note": "x" * 301},
        {"note": "nul\0"},
        {"key": "x"},
    ],
)
def test_a_wrong_payment_is_refused_with_what_was_typed(
    client: Client, treasurer: User, invoice: Invoice, wrong: dict[str, str]
) -> None:
    response = client.post(f"{LIST}pay/{invoice.pk}/", form(**wrong))
    assert response.status_code == 200
    assert "rekeninguittreksel 12" in response.content.decode() or "note" in wrong
    assert not Payment.objects.exists()


def test_what_is_too_much_is_said_first_and_recorded_once_when_confirmed(
    client: Client, treasurer: User, invoice: Invoice
) -> None:
    address = f"{LIST}pay/{invoice.pk}/"

    def said(**words: str) -> str:
        page = client.post(address, form(**words), follow=True).content.decode()
        return page.replace("\N{NO-BREAK SPACE}", " ")

    asked = client.post(address, form(amount="13000", method="cash"))
    page = asked.content.decode().replace("\N{NO-BREAK SPACE}", " ")
    assert "U vulde 13.000,00 euro in, terwijl er 1.210,00 euro te betalen is" in page
    assert "11.790,00 euro zou te veel zijn" in page
    shown = asked.context["form"]
    assert [shown[name].value() for name in ("amount", "method", "note")] == [
        "13000",
        "cash",
        "rekeninguittreksel 12",
    ]
    seal = shown["confirmed"].value()
    assert "90,00 euro zou te veel zijn" in said(amount="1300", confirmed=seal), (
        "another amount is asked again"
    )
    assert not Payment.objects.exists()
    assert "waarvan" in said(amount="13000", confirmed=seal)
    said(amount="13000", confirmed=seal)
    assert Payment.objects.get().surplus == 11790
    key = "6f1f8d0e-3c1f-4f57-9d6e-0d6c9c3b7c12"
    assert "13.000,00 euro zou te veel zijn" in said(amount="13000", confirmed=seal, key=key)
    assert Payment.objects.count() == 1, "what is too much by now was not agreed to"


def test_crediting_asks_for_a_reason_and_happens_once(
    client: Client, treasurer: User, invoice: Invoice
) -> None:
    address = f"{LIST}credit/{invoice.pk}/"
    filled_in = {"line-1": "1000,00", "seen": "0.00"}
    assert client.post(address, {"reason": "", **filled_in}).status_code == 200
    full = NumberSeries.objects.create(kind="credit_note", year=timezone.localdate().year, last=99_999)
    page = client.post(address, {"reason": "dubbel gefactureerd", **filled_in}).content.decode()
    assert "Dit jaar heeft geen nummers meer voor creditnota" in page
    full.delete()
    assert Invoice.objects.count() == 1
    client.post(address, {"reason": "dubbel gefactureerd", **filled_in})
    note = Invoice.objects.get(kind="credit_note")
    assert client.get(address).status_code == 302
    page = client.get(f"{LIST}inspect/{invoice.pk}/").content.decode()
    assert note.number in page
    assert "dubbel gefactureerd" in page
    assert client.get(f"{LIST}pay/{note.pk}/").status_code == 302


def test_send_again_mails_it(client: Client, treasurer: User, invoice: Invoice) -> None:
    client.post(f"{LIST}send/{invoice.pk}/")
    invoice.refresh_from_db()
    assert invoice.mailed_at


def test_the_list_filters_searches_and_adds_up(client: Client, treasurer: User, invoice: Invoice) -> None:
    other = issue(line(unit_price=Decimal("500.00")), customer=CustomerFactory.create(name="Anders nv"))
    client.post(f"{LIST}pay/{other.pk}/", form(amount="605,00"))
    page = client.get(LIST).content.decode()
    sums = re.findall(r'<dd class="w-h3">([^<]+)</dd>', page)
    assert sums == [f"{amount}\N{NO-BREAK SPACE}euro" for amount in ("1.500,00", "1.815,00", "1.210,00")]
    assert other.number not in client.get(f"{LIST}?status=issued").content.decode()
    Customer.objects.filter(pk=other.customer_id).update(name="Hernoemd bv")
    for name in ("Anders nv", "Hernoemd"):  # as it stands on the invoice, and as it is called now
        found = client.get(LIST, {"q": name}).content.decode()
        assert (other.number in found, invoice.number in found) == (True, False), name
    found = client.get(LIST, {"q": invoice.communication}).content.decode()
    assert invoice.number in found
    assert other.number not in found
    credit_invoice(invoice=other, reason="Fout", at=timezone.now(), by=None)
    sums = re.findall(r'<dd class="w-h3">([^<]+)</dd>', client.get(LIST).content.decode())
    assert sums[2] == "1.210,00\N{NO-BREAK SPACE}euro", "what is to be paid back is not taken off"
    for odd in ('"><script>', "\0", " ", "x" * 10_000):
        assert client.get(LIST, {"q": odd}).status_code == 200


def test_exports_hold_every_row_and_no_formula(client: Client, treasurer: User, site: Site) -> None:
    issue(customer=CustomerFactory.create(name="=HYPERLINK(1)"))
    response = client.get(f"{LIST}?export=csv")
    text = response.getvalue().decode()
    assert "'=HYPERLINK(1)" in text
    assert "1210.00" in text
    assert client.get(f"{LIST}?export=xlsx").status_code == 200
    assert client.get("/admin/billing/payments/?export=csv").status_code == 200


def test_the_lists_take_the_same_queries_whatever_their_length(
    client: Client, treasurer: User, invoice: Invoice
) -> None:
    pages = (LIST, "/admin/billing/payments/", "/admin/billing/customers/", "/admin/billing/dispatches/")
    asked: list[list[int]] = []
    for length in (2, 60):  # a page holds 50
        for _number in range(length - Invoice.objects.count()):
            pay(issue(at=timezone.now(), is_mailed=True))
        found = []
        for page in pages:
            client.get(page)  # warms up
            with CaptureQueriesContext(connection) as queries:
                client.get(page)
            found.append(len(queries))
        asked.append(found)
    assert asked[0] == asked[1]
    assert max(asked[0]) <= 30


def test_a_message_that_waits_is_applied_from_the_back_office(client: Client, treasurer: User) -> None:
    event = StripeEvent.objects.create(
        event_id="evt_1",
        type="customer.created",
        payload={"id": "evt_1"},
        received_at=timezone.now(),
        error="x",
    )
    assert "evt_1" in client.get("/admin/billing/stripe/?waits=true").content.decode()
    assert "Opnieuw verwerken" in client.get(f"/admin/billing/stripe/inspect/{event.pk}/").content.decode()
    client.post(f"/admin/billing/stripe/replay/{event.pk}/")
    event.refresh_from_db()
    assert event.applied_at
    assert event.error == ""
