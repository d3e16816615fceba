"""What its customer reads on an invoice of the money that came in and went back."""

import re
from datetime import timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from wagtail.models import Site

from billing.models import Invoice, Payment, Reversal
from billing.operations.delivery import private_url
from billing.operations.invoices import credit_invoice
from billing.operations.refunds import refund_payment
from billing.operations.reversals import write_reversal
from billing.queries import movements_of, open_amount, refundable_amount, standing_of
from tests.billing.paying import pay
from tests.factories.billing import issue
from tests.html import problems_of

pytestmark = pytest.mark.django_db
ROW = re.compile(r"<dt>(.+?)</dt><dd>(.+?)</dd>")


@pytest.fixture
def invoice(site: Site) -> Invoice:
    return issue(at=timezone.now())


def rows(client: Client, invoice: Invoice) -> list[tuple[str, str]]:
    """Read the payments off the page: what is said without its day, and how much."""
    page = client.get(private_url(invoice=invoice, at=timezone.now())).text
    assert problems_of(page) == []
    _before, heading, after = page.partition('<h2 id="invoice-moves">Betalingen</h2>')
    if not heading:
        return []
    told = ROW.findall(after.partition("</dl>")[0])
    return [(said.partition("<br>")[0], unescape(amount).replace("\xa0", " ")) for said, amount in told]


def back(payment: Payment, amount: str, *, kind: str = "refund", status: str = "done", days: int = 0) -> None:
    write_reversal(
        payment,
        kind=kind,
        amount=Decimal(amount),
        method=payment.method,
        returned_on=timezone.localdate() + timedelta(days=days),
        reason="",
        key=f"{kind}-{status}-{days}",
        status=status,
        by=None,
        at=timezone.now(),
    )


def test_an_invoice_without_money_tells_of_none(client: Client, invoice: Invoice) -> None:
    assert rows(client, invoice) == []


def test_parts_paid_stand_by_day_the_first_first(client: Client, invoice: Invoice) -> None:
    today = timezone.localdate()
    pay(invoice, Decimal("210.00"), on=today)
    pay(invoice, Decimal("400.00"), on=today - timedelta(days=2))
    paid = "Betaald per overschrijving"
    assert rows(client, invoice) == [(paid, "400,00 euro"), (paid, "210,00 euro")]


def test_what_went_back_or_is_on_its_way_counts_and_what_failed_is_left_out(
    client: Client, invoice: Invoice
) -> None:
    payment = pay(invoice, on=timezone.localdate())
    back(payment, "100.00", days=1)
    back(payment, "50.00", status="pending", days=2)
    back(payment, "25.00", status="failed", days=3)
    back(payment, "200.00", kind="dispute", days=4)
    assert rows(client, invoice) == [
        ("Betaald per overschrijving", "1.210,00 euro"),
        ("Terugbetaald", "-100,00 euro"),
        ("Terugbetaling loopt", "-50,00 euro"),
        ("Teruggevorderd door uw bank", "-200,00 euro"),
    ]
    assert sum(move.amount for move in movements_of(standing_of(invoice))) == Decimal("860.00")
    assert Reversal.objects.count() == 4


def test_a_credited_invoice_says_what_is_still_owed_until_it_was_paid_back(
    client: Client, invoice: Invoice
) -> None:
    payment = pay(invoice, on=timezone.localdate())
    credit_invoice(invoice=invoice, reason="", at=timezone.now(), by=None)
    owed = ("U krijgt van ons nog terug", "1.210,00 euro")
    assert rows(client, invoice)[-1] == owed
    refund_payment(
        payment=payment,
        amount=Decimal("1210.00"),
        method="transfer",
        returned_on=timezone.localdate(),
        reason="",
        key="1",
        by=None,
        at=timezone.now(),
    )
    assert rows(client, invoice)[-1] == ("Terugbetaald", "-1.210,00 euro")


def test_who_paid_too_much_reads_it_and_english_says_it_in_english(client: Client, invoice: Invoice) -> None:
    pay(invoice, Decimal("1220.00"), on=timezone.localdate())
    assert rows(client, invoice)[-1] == ("U krijgt van ons nog terug", "10,00 euro")
    address = private_url(invoice=invoice, at=timezone.now())
    page = client.get(address.replace("/nl/facturen/", "/en/invoices/")).text
    for said in ("Paid by bank transfer", "You still get back from us", "€1,220.00"):
        assert said in page


@pytest.mark.usefixtures("memory")
def test_many_movements_take_no_more_queries(
    client: Client, invoice: Invoice, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for day in range(4):
        back(pay(invoice, Decimal("302.50"), on=timezone.localdate()), "1.00", days=day)
    address = private_url(invoice=invoice, at=timezone.now())
    client.get(address)
    with django_assert_max_num_queries(10) as asked:
        page = client.get(address).text
    assert len(ROW.findall(page.partition('id="invoice-moves"')[2].partition("</dl>")[0])) == 8
    tables = re.findall(r'FROM "billing_(\w+)"', " ".join(query["sql"] for query in asked.captured_queries))
    assert {"payment", "reversal", "automaticpayment"} <= set(tables)
    once = [each for each in tables if each != "invoice"]  # the document, and the notes that credit it
    assert len(once) == len(set(once)), tables
    assert tables.count("invoice") == 2


def test_how_it_stands_is_what_the_sums_say(invoice: Invoice) -> None:
    def check() -> None:
        document = Invoice.documents.get(pk=invoice.pk)
        standing = standing_of(document)
        assert standing.left == open_amount(document)
        assert standing.owed_back == refundable_amount(document)

    check()
    payment = pay(invoice, Decimal("1000.00"), on=timezone.localdate())
    check()
    pay(invoice, Decimal("300.00"), on=timezone.localdate())
    check()
    back(payment, "100.00", status="failed")
    back(payment, "90.00", kind="dispute", days=1)
    check()
    note = credit_invoice(invoice=invoice, reason="", at=timezone.now(), by=None)
    check()
    assert standing_of(note).owed_back == standing_of(note).left == 0
