"""Undoing a payment in the back office: the form says what will happen, and what cannot be."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from wagtail.models import Site
from wagtail.users.models import UserProfile

from accounts.models import User
from billing.models import Invoice, Payment, Reversal
from billing.operations.invoices import record_payment
from billing.operations.pro_formas import withdraw_pro_forma
from billing.operations.undoing import NoTransfer
from billing.queries import open_amount, personal_data_of, surplus_amount
from tests.billing.paying import GROSS, pay, pay_online, status
from tests.billing.test_bank_desk import text_of
from tests.billing.test_desk import LIST, person
from tests.billing.test_undoing import assign, take, undo
from tests.desk import sums_of
from tests.factories.bank import DAY, entry
from tests.factories.billing import CustomerFactory, ask, fill_in_issuer, issue
from tests.fakes.stripe_api import StripeServer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def treasurer(site: Site, client: Client) -> User:
    fill_in_issuer()
    user = person("finance")
    client.force_login(user)
    return user


def form(payment: Payment, **fields: Any) -> dict[str, Any]:
    return {"payment": payment.pk, "kind": "mistake", "reason": "verkeerde klant", "confirmed": "", **fields}


def day(days: int) -> str:
    return (timezone.localdate() + timedelta(days=days)).strftime("%d/%m/%Y")


def test_it_asks_again_and_each_mistake_is_said_beside_its_field(client: Client, invoice: Invoice) -> None:
    payment = pay(invoice, on=timezone.localdate() - timedelta(days=5))
    address = f"{LIST}undo/{invoice.pk}/"
    first = client.get(address)
    assert first.context["form"]["payment"].value() == payment.pk, "the only one is chosen"
    assert "Over het ongedaan maken zelf vertrekt geen e-mail." in text_of(first)
    assert "Een lid van wie het lidmaatschap daardoor achterstallig is, krijgt meteen bericht" in text_of(
        first
    )
    for wrong, field in (
        ({"payment": ""}, "payment"),
        ({"payment": "9" * 30}, "payment"),
        ({"kind": "refund"}, "kind"),
        ({"reason": " "}, "reason"),
        ({"kind": "recall"}, "returned_on"),
        ({"kind": "recall", "returned_on": day(1)}, "returned_on"),
        ({"kind": "recall", "returned_on": day(-6)}, "returned_on"),
        ({"kind": "recall", "returned_on": "gisteren"}, "returned_on"),
    ):
        answer = client.post(address, form(payment) | wrong)
        assert answer.status_code == 200
        assert list(answer.context["form"].errors) == [field], wrong
        assert "verkeerde klant" in text_of(answer) or field == "reason", "what was typed is kept"
    asked = client.post(address, form(payment, kind="recall", returned_on=day(-1)))
    assert "Er staat dan 1.210,00 euro open" in text_of(asked)
    assert not Reversal.objects.exists()
    confirmed = asked.context["form"]["confirmed"].value()
    other = client.post(address, form(payment, confirmed=confirmed))
    assert "Registreer de betaling opnieuw op de juiste factuur" in text_of(other), (
        "another reason is asked again"
    )
    sent = form(payment, kind="recall", returned_on=day(-1), confirmed=confirmed)
    assert "telt niet meer mee" in text_of(client.post(address, sent, follow=True))
    assert "was al ongedaan gemaakt" in text_of(client.post(address, sent, follow=True))
    reversal = Reversal.objects.get()
    assert (reversal.kind, reversal.returned_on) == ("recall", timezone.localdate() - timedelta(days=1))
    assert (reversal.recorded_by.email, open_amount(invoice)) == ("finance@demo.example", GROSS)
    assert "Er is geen betaling meer die u ongedaan kunt maken" in text_of(client.get(address))
    page = text_of(client.get(f"{LIST}inspect/{invoice.pk}/"))
    assert f"{LIST}refund/{invoice.pk}/" not in page, "nothing is to be paid back"


def test_what_came_through_stripe_is_refused_in_words(
    client: Client, stripe: StripeServer, invoice: Invoice
) -> None:
    payment = pay_online(stripe, invoice)
    answer = client.post(f"{LIST}undo/{invoice.pk}/", form(payment))
    assert "Deze betaling kwam via Stripe: betaal ze via Stripe terug" in text_of(answer)
    assert (Reversal.objects.count(), status(invoice)) == (0, "paid")


def test_it_is_told_in_english_too(client: Client, invoice: Invoice, treasurer: User) -> None:
    UserProfile.objects.create(user=treasurer, preferred_language="en")
    payment = pay(invoice)
    asked = client.post(f"{LIST}undo/{invoice.pk}/", form(payment))
    assert "Nothing is removed" in text_of(asked)
    words = form(payment, confirmed=asked.context["form"]["confirmed"].value())
    page = text_of(client.post(f"{LIST}undo/{invoice.pk}/", words, follow=True))
    for said in ("booked here in error: verkeerde klant", "Open again", "Went back or was undone"):
        assert said in page


def test_nothing_is_undone_where_nothing_was_paid_nor_by_who_may_not(
    client: Client, invoice: Invoice
) -> None:
    address = f"{LIST}undo/{invoice.pk}/"
    assert client.get(address).status_code == 302
    assert address not in text_of(client.get(f"{LIST}inspect/{invoice.pk}/"))
    payment = pay(invoice)
    client.force_login(person("board"))
    assert client.post(address, form(payment)).status_code == 302
    assert not Reversal.objects.exists()


def test_money_on_a_pro_forma_is_undone_on_its_own_page(client: Client) -> None:
    pro_forma = withdraw_pro_forma(pro_forma=ask(), reason="x", at=timezone.now(), by=None)
    payment = pay(pro_forma)
    address = f"/admin/billing/pro-formas/undo/{pro_forma.pk}/"
    assert address in text_of(client.get(f"/admin/billing/pro-formas/inspect/{pro_forma.pk}/"))
    asked = client.post(address, form(payment))
    assert "Er staat dan niets open" in text_of(asked)
    words = form(payment, confirmed=asked.context["form"]["confirmed"].value())
    assert client.post(address, words)["Location"] == f"/admin/billing/pro-formas/inspect/{pro_forma.pk}/"
    assert open_amount(pro_forma) == 0


def test_the_lists_show_what_was_undone_in_the_same_queries(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    payments = [pay(issue(at=timezone.now())) for _number in range(12)]
    for payment in payments[:10]:
        undo(payment, reason="=1+1")
    for address, said in (("payments", "12.100,00 euro"), ("reversals", "bij vergissing geboekt")):
        client.get(f"/admin/billing/{address}/")
        with django_assert_max_num_queries(20):
            assert said in text_of(client.get(f"/admin/billing/{address}/"))
        export: Any = client.get(f"/admin/billing/{address}/?export=csv")
        lines = b"".join(export.streaming_content).decode().splitlines()
        assert ("Telt niet meer mee" in lines[0]) == (address == "payments")
        assert len(lines) == (13 if address == "payments" else 11)
        assert client.get(f"/admin/billing/{address}/?export=xlsx").status_code == 200


def test_what_was_booked_in_error_is_in_no_total_of_what_came_in(client: Client, invoice: Invoice) -> None:
    pay(issue())
    assert sums_of(client.get("/admin/billing/payments/")) == {
        "Ontvangen": "1.210,00 euro",
        "Waarvan te veel": "0,00 euro",
        "Telt niet meer mee": "0,00 euro",
    }
    undo(pay(invoice, GROSS + 40))
    undo(pay(issue()), "recall")
    assert sums_of(client.get("/admin/billing/payments/")) == {
        "Ontvangen": "2.420,00 euro",
        "Waarvan te veel": "0,00 euro",
        "Telt niet meer mee": "1.210,00 euro",
        "Bij vergissing geboekt (niet meegeteld)": "1.250,00 euro",
    }
    twice = issue()
    first, second = pay(twice), pay(twice)
    undo(first)
    assert (second.surplus, surplus_amount(twice)) == (GROSS, Decimal(0)), "the second one pays it"
    assert sums_of(client.get("/admin/billing/payments/"))["Waarvan te veel"] == "0,00 euro"


def test_the_bank_takes_back_no_cash_on_either_page(client: Client, invoice: Invoice) -> None:
    cash = record_payment(
        invoice=invoice,
        amount=GROSS,
        method="cash",
        received_on=DAY,
        external_reference="kas:1",
        by=None,
        at=timezone.now(),
    )
    sent = form(cash, kind="recall", returned_on=day(0))
    answer = client.post(f"{LIST}undo/{invoice.pk}/", sent)
    assert list(answer.context["form"].errors) == ["kind"]
    assert "De bank kan alleen terughalen wat met een overschrijving betaald is." in text_of(answer)
    assert "verkeerde klant" in text_of(answer), "what was typed is kept"
    line = take(entry(-1210, text=f"terug {invoice.number}")).entries.get()
    address = f"/admin/billing/bank-lines/recall/{line.pk}/"
    assert "payment" not in client.get(address).context["form"].fields, "no label with nothing under it"
    words = {"reason": "x", "seen": "0", "confirmed": ""}
    for fields in ({"payment": cash.pk}, {"invoice": invoice.number}):
        answer = client.post(address, words | fields)
        assert (answer.status_code, list(answer.context["form"].errors)) == (200, ["invoice"])
    assert "De bank kan alleen terughalen" in text_of(answer)
    with pytest.raises(NoTransfer):
        undo(cash, "recall")
    assert not Reversal.objects.exists()
    asked = client.post(f"{LIST}undo/{invoice.pk}/", form(cash))
    words = form(cash, confirmed=asked.context["form"]["confirmed"].value())
    client.post(f"{LIST}undo/{invoice.pk}/", words)
    assert Reversal.objects.get().kind == "mistake", "cash may well be booked in error"


def test_ones_own_data_tell_nothing_of_who_paid_elsewhere() -> None:
    user = User.objects.create_user("noor@demo.example")
    invoice = issue(customer=CustomerFactory.create(email=user.email))
    payment = assign(take(entry(1210)).entries.get(), invoice)
    assert "account" in personal_data_of(user)["invoices"][0]["payments"][0]
    undo(payment)
    [facts] = personal_data_of(user)["invoices"][0]["payments"]
    assert [each["kind"] for each in facts["went_back"]] == ["mistake"]
    assert "account" not in facts
