"""Paying back in the back office, and the list of what went back."""

from decimal import Decimal
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from wagtail.models import Site

from accounts.models import User
from billing.models import Invoice, Payment, Reversal
from billing.operations.invoices import record_payment
from tests.billing.paying import pay_online
from tests.billing.test_desk import LIST, person
from tests.desk import sums_of
from tests.factories.billing import issue
from tests.fakes.stripe_api import StripeServer
from tests.queue import drain

pytestmark = pytest.mark.django_db
REVERSALS = "/admin/billing/reversals/"


@pytest.fixture
def invoice(site: Site, client: Client) -> Invoice:
    """Paid ten euro too much; the treasurer is logged in."""
    client.force_login(person("finance"))
    invoice = issue(at=timezone.now())
    pay(invoice, "1220.00")
    return invoice


def pay(invoice: Invoice, amount: str, reference: str = "bank:1") -> Payment:
    return record_payment(
        invoice=invoice,
        amount=Decimal(amount),
        method="transfer",
        received_on=timezone.localdate(),
        external_reference=reference,
        by=None,
        at=timezone.now(),
    )


def form(invoice: Invoice, **fields: Any) -> dict[str, Any]:
    return {
        "payment": invoice.payments.latest("pk").pk,
        "amount": "10,00",
        "method": "transfer",
        "returned_on": timezone.localdate().strftime("%d/%m/%Y"),
        "reason": "te veel betaald",
        "key": "6f1f8d0e-3c1f-4f57-9d6e-0d6c9c3b7c11",
        **fields,
    }


def test_what_is_to_be_paid_back_is_proposed_told_and_recorded_once(client: Client, invoice: Invoice) -> None:
    address = f"{LIST}refund/{invoice.pk}/"
    details = client.get(f"{LIST}inspect/{invoice.pk}/").content.decode()
    assert address in details
    assert "Terug te betalen</dt><dd>10,00" in details
    page = client.get(address).content.decode()
    assert 'name="amount" value="10,00"' in page
    assert invoice.email in page
    assert 'value="stripe"' not in page
    for said in ("geregistreerd als terugbetaald", "werd al eerder verzonden"):
        answer = client.post(address, form(invoice), follow=True).content.decode()
        assert said in answer
    reversal = Reversal.objects.get()
    assert (reversal.amount, reversal.status) == (Decimal("10.00"), "done")
    assert reversal.reason == "te veel betaald"
    assert "Terugbetaald of ongedaan gemaakt" in answer
    drain()
    assert [message.to for message in mail.outbox if "Terugbetaling" in message.subject] == [[invoice.email]]
    assert "Er moet niets worden terugbetaald" in client.get(address).content.decode()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"amount": "10,01"}, "Hoogstens 10,00"),
        ({"amount": "0"}, "minstens 0"),
        ({"amount": "veel"}, "getal"),
        ({"returned_on": "31/12/2099"}, "Deze dag moet nog komen."),
        ({"returned_on": "01/01/2020"}, "kan niet terugbetaald zijn voor ze binnenkwam"),
        ({"reason": ""}, "Vul dit veld in."),
        ({"payment": "999999"}, "geldige keuze"),
        ({"method": "stripe"}, "geldige keuze"),
    ],
)
def test_a_fault_is_said_and_what_was_typed_is_kept(
    client: Client, invoice: Invoice, fields: dict[str, str], said: str
) -> None:
    sent = form(invoice, **fields)
    page = client.post(f"{LIST}refund/{invoice.pk}/", sent).content.decode()
    assert said in page.replace("\N{NO-BREAK SPACE}", " ")
    if sent["reason"]:
        assert 'value="te veel betaald"' in page
    assert not Reversal.objects.exists()


def test_stripe_pays_back_what_came_by_stripe(client: Client, invoice: Invoice, stripe: StripeServer) -> None:
    other = issue(at=timezone.now())
    pay_online(stripe, other)
    pay(other, "5.00", "bank:2")
    address = f"{LIST}refund/{other.pk}/"
    online = other.payments.get(method="stripe")
    transfer = other.payments.get(method="transfer")
    wrong = form(other, payment=transfer.pk, method="stripe", amount="5,00")
    assert "kwam niet via Stripe binnen" in client.post(address, wrong).content.decode()
    fine = form(other, payment=online.pk, method="stripe", amount="5,00", returned_on="01/01/2020")
    answer = client.post(address, fine, follow=True).content.decode()
    assert "nog aan te vragen bij Stripe" in answer
    drain()
    reversal = Reversal.objects.get()
    assert (reversal.status, reversal.returned_on) == ("done", timezone.localdate()), "whatever was typed"


def test_the_list_names_the_invoice_and_takes_the_same_queries_whatever_its_length(
    client: Client, invoice: Invoice, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.post(f"{LIST}refund/{invoice.pk}/", form(invoice))
    client.get(REVERSALS)  # content types are known then
    with django_assert_num_queries(11):
        page = client.get(REVERSALS).content.decode()
    assert invoice.number in page
    assert f"{LIST}inspect/{invoice.pk}/" in page
    assert "Betalingfactuur" not in page
    for number in range(3):
        other = issue(at=timezone.now())
        pay(other, "1220.00", f"bank:{number + 2}")
        words = form(other, key=f"6f1f8d0e-3c1f-4f57-9d6e-0d6c9c3b7c2{number}")
        client.post(f"{LIST}refund/{other.pk}/", words)
    assert Reversal.objects.count() == 4
    with django_assert_num_queries(11):
        client.get(REVERSALS)
    assert client.get(f"{REVERSALS}?status=failed").content.decode().count(invoice.number) == 0
    export = client.get(f"{REVERSALS}?export=csv")
    assert b"te veel betaald" in export.getvalue()


def test_who_may_pay_back(client: Client, invoice: Invoice) -> None:
    found = {}
    for role in ("finance", "administrator", "board", "editor"):
        known = User.objects.filter(email=f"{role}@demo.example").first()
        client.force_login(known or person(role))
        addresses = (REVERSALS, f"{LIST}refund/{invoice.pk}/")
        found[role] = [client.get(address).status_code == 200 for address in addresses]
    assert found == {
        "finance": [True, True],
        "administrator": [True, True],
        "board": [True, False],
        "editor": [False, False],
    }


def test_the_total_leaves_out_what_did_not_happen(client: Client, invoice: Invoice) -> None:
    words: dict[str, Any] = {
        "payment": invoice.payments.get(),
        "amount": Decimal("10.00"),
        "of_surplus": 0,
        "kind": "refund",
        "method": "stripe",
        "returned_on": timezone.localdate(),
        "recorded_at": timezone.now(),
    }
    Reversal.objects.create(**words, key="first", status="failed")
    Reversal.objects.create(**words, key="again", status="done")
    assert sums_of(client.get(REVERSALS)) == {
        "Totaal": "10,00 euro",
        "Gebeurde niet (niet meegeteld)": "10,00 euro",
    }
    assert sums_of(client.get(REVERSALS, {"status": "done"})) == {"Totaal": "10,00 euro"}
