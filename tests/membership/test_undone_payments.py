"""A transfer on the wrong invoice, and one that the bank recalls: put right by forms; both members follow."""

import re
from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from wagtail.models import Site

from billing.models import BankEntry, Invoice, Payment, Reversal
from cms.models import OutgoingMail
from membership.models import Membership
from membership.queries import start_charge
from tests.billing.test_bank_lines import logged
from tests.billing.test_desk import person
from tests.factories.bank import bank_file, entry
from tests.factories.billing import fill_in_issuer
from tests.membership.life import join

pytestmark = pytest.mark.django_db
LINES, INVOICES = "/admin/billing/bank-lines/", "/admin/billing/invoices/"
LATE = timedelta(days=45)


@pytest.fixture
def treasurer(client: Client, site: Site) -> Client:
    client.force_login(person("finance"))
    fill_in_issuer()
    return client


@pytest.fixture
def two(treasurer: Client) -> list[Membership]:
    """Two who applied 45 days ago and have not paid."""
    day = timezone.localdate() - LATE
    return [join(day), join(day, number="0999206304")]


def invoice_of(membership: Membership) -> Invoice:
    invoice = start_charge(membership).invoice
    assert invoice
    return Invoice.objects.get(pk=invoice.pk)


def fare(*memberships: Membership) -> list[str]:
    return [Membership.objects.get(pk=each.pk).status for each in memberships]


def told(response: Any) -> str:
    return response.content.decode().replace("\N{NO-BREAK SPACE}", " ")


def keep(client: Client, *entries: Any, opening: str = "1000.00") -> BankEntry:
    content = bank_file(*entries, opening=opening)
    client.post("/admin/billing/bank-files/upload/", {"file": SimpleUploadedFile("x.xml", content)})
    return BankEntry.objects.latest("pk")


def twice(client: Client, address: str, words: dict[str, Any]) -> tuple[str, str]:
    """Send a form, which writes nothing and asks again; then confirm. Returns what was said both times."""
    count = Payment.objects.count(), Reversal.objects.count()
    asked = client.post(address, words)
    assert asked.status_code == 200
    assert (Payment.objects.count(), Reversal.objects.count()) == count
    form = asked.context["form"]
    again = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    done = client.post(address, again, follow=True)
    assert done.redirect_chain
    assert client.post(address, again).status_code == 302
    return told(asked), told(done)


def assign(client: Client, line: BankEntry, invoice: Invoice) -> None:
    address = f"{LINES}assign/{line.pk}/?invoice={invoice.pk}"
    seen = client.get(address).context["form"]["seen"].value()
    words = {"invoice": invoice.number, "amount": str(invoice.gross), "seen": seen, "reason": "gebeld"}
    assert client.post(address, words).status_code == 302


def timeline(client: Client, invoice: Invoice) -> str:
    page = told(client.get(f"{INVOICES}inspect/{invoice.pk}/"))
    return re.sub(r"\s+", " ", page[page.index("Geschiedenis") :])


def mailed() -> Iterable[str]:
    return OutgoingMail.objects.order_by("pk").values_list("template", flat=True)


def test_a_transfer_on_the_wrong_invoice_is_taken_back_and_assigned_to_the_right_one(
    treasurer: Client, two: list[Membership]
) -> None:
    wrong, right = two
    first, second = map(invoice_of, two)
    line = keep(treasurer, entry(str(first.gross), text="lidgeld", on=timezone.localdate()))
    assign(treasurer, line, first)
    assert fare(wrong, right) == ["active", "awaiting_payment"]
    before = list(mailed())
    payment = Payment.objects.get()
    address = f"{INVOICES}undo/{first.pk}/"
    assert address in told(treasurer.get(f"{INVOICES}inspect/{first.pk}/"))
    words = {"payment": payment.pk, "kind": "mistake", "reason": "hoort bij de andere factuur"}
    asked, done = twice(treasurer, address, words)
    for said in (f"telt dan niet meer mee voor {first.number}", "De banklijn", "Er staat dan"):
        assert said in asked, said
    assert "De banklijn is weer te bekijken" in done
    assert fare(wrong, right) == ["past_due", "awaiting_payment"]
    assert not {"billing/refund", "billing/payment_returned"} & set(list(mailed())[len(before) :])
    line.refresh_from_db()
    assert (line.status, line.assigned) == ("waiting", Decimal(0))
    assign(treasurer, line, second)
    assert fare(wrong, right) == ["past_due", "active"]
    assert "bij vergissing" in timeline(treasurer, first)
    assert "hoort bij de andere factuur" in timeline(treasurer, first)
    assert "ontvangen via overschrijving" in timeline(treasurer, second)
    page = told(treasurer.get(f"{LINES}inspect/{line.pk}/"))
    assert page.index(first.number) < page.index("bij vergissing geboekt") < page.index(second.number)
    assert "opnieuw toe te wijzen: bij vergissing op factuur" in page
    own = keep(treasurer, entry(str(first.gross), text="nu echt", on=timezone.localdate()), opening="5.00")
    assign(treasurer, own, first)
    assert fare(wrong, right) == ["active", "active"]
    assert logged(wrong)[-3:] == ["membership.start", "membership.past_due", "membership.recover"]
    assert logged(right)[-1] == "membership.start"


def test_a_transfer_that_the_bank_recalls_opens_the_invoice_and_the_member_is_on_the_ladder(
    treasurer: Client, two: list[Membership]
) -> None:
    member, _other = two
    invoice, today = invoice_of(member), timezone.localdate()
    day = today - timedelta(days=3)
    keep(treasurer, entry(str(invoice.gross), structured=invoice.structured_communication, on=day))
    assert fare(member) == ["active"]
    line = keep(treasurer, entry(str(-invoice.gross), is_reversal=True, on=today), opening="7.00")
    address = f"{LINES}recall/{line.pk}/"
    page = told(treasurer.get(f"{LINES}inspect/{line.pk}/"))
    assert address in page
    assert f"{LINES}assign/{line.pk}/" not in page
    form = treasurer.get(address).context["form"]
    [(choice, label)] = form["payment"].field.choices
    assert invoice.number in label
    for wrong, said in (
        ({}, "Kies een betaling"),
        ({"payment": "9999"}, "9999"),
        ({"invoice": "2026-99999"}, "Er is geen factuur met"),
        ({"invoice": invoice_of(two[1]).number}, "geen betaling"),
        ({"payment": choice, "reason": ""}, "error-message"),
    ):
        answer = treasurer.post(address, {"seen": "0.00", "reason": "bedrog", **wrong})
        assert answer.status_code == 200
        assert said in told(answer), wrong
    assert not Reversal.objects.exists()
    asked, _done = twice(
        treasurer,
        address,
        {"invoice": invoice.communication, "seen": "0.00", "reason": "bedrog volgens de bank"},
    )
    assert "Er staat dan" in asked
    assert fare(member) == ["past_due"]
    assert Invoice.objects.get(pk=invoice.pk).status == "overdue"
    line.refresh_from_db()
    assert (line.status, Reversal.objects.get().returned_on) == ("settled", today)
    assert "teruggehaald door de bank" in timeline(treasurer, invoice)
    assert invoice.number in told(treasurer.get(f"{LINES}inspect/{line.pk}/"))
    assert "teruggehaald door de bank" in told(treasurer.get("/admin/billing/reversals/"))
    assert told(treasurer.get("/admin/billing/payments/")).count("Telt niet meer mee") >= 2
