"""The UBL file of what was paid before its invoice, or is charged: what it asks for, and that it stays so."""

from datetime import date
from decimal import Decimal
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.documents import make_ubl
from billing.en16931 import problems
from billing.en16931.reading import text
from billing.models import Invoice, Issuer, Reversal
from billing.operations.pro_formas import invoice_pro_forma
from billing.operations.refunds import refund_payment
from billing.queries import open_amount
from tests.billing.paying import GROSS, pay
from tests.billing.test_ubl import charged, credited, paid_before, read
from tests.factories.billing import NOON, CustomerFactory, ask, fill_in_issuer, issue

pytestmark = pytest.mark.django_db
TOTAL = "cac:LegalMonetaryTotal/cbc:"
MEANS = "cac:PaymentMeans/"
ACCOUNT = f"{MEANS}cac:PayeeFinancialAccount/cbc:ID"


def asked(root: Element) -> tuple[str, str, str]:
    """What a file says of the money: paid before, to pay, and by which means."""
    paths = (f"{TOTAL}PrepaidAmount", f"{TOTAL}PayableAmount", f"{MEANS}cbc:PaymentMeansCode")
    return text(root, paths[0]), text(root, paths[1]), text(root, paths[2])


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("nl", "Reeds betaald: er is niets meer te betalen."),
        ("en", "Already paid: there is nothing more to pay."),
    ],
)
@pytest.mark.parametrize(("method", "code"), [("transfer", "30"), ("stripe", "68"), ("cash", "10")])
def test_what_was_paid_before_the_invoice_is_asked_no_more(
    method: str, code: str, language: str, said: str
) -> None:
    invoice = paid_before(method, details={"language": language})
    root = read(invoice)
    assert asked(root) == ("1210.00", "0.00", code)
    assert text(root, f"{TOTAL}TaxInclusiveAmount") == "1210.00"
    assert text(root, "cac:PaymentTerms/cbc:Note") == said
    assert bool(text(root, ACCOUNT)) is (method == "transfer")
    assert problems(root) == []
    assert (invoice.prepaid, invoice.way) == (Decimal(1210), method)


@pytest.mark.parametrize(
    ("parts", "prepaid", "payable"),
    [
        (["400.00"], "400.00", "810.00"),
        (["400.00", "400.00"], "800.00", "410.00"),
        (["1209.99"], "1209.99", "0.01"),
        (["600.00", "700.00"], "1210.00", "0.00"),
        (["1500.00"], "1210.00", "0.00"),
    ],
)
def test_of_what_was_paid_in_part_the_rest_is_asked(parts: list[str], prepaid: str, payable: str) -> None:
    invoice = paid_before("transfer", *parts)
    root = read(invoice)
    assert asked(root) == (prepaid, payable, "30")
    assert text(root, ACCOUNT) == "BE90999202600132"
    assert problems(root) == []
    assert open_amount(invoice) == Decimal(payable)


parts = st.lists(st.decimals(min_value="0.01", max_value="1500", places=2), min_size=1, max_size=4)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parts)
def test_whatever_came_in_before_the_sums_hold_to_the_cent(amounts: list[Decimal]) -> None:
    invoice = paid_before("transfer", *map(str, amounts))
    root = read(invoice)
    prepaid, payable = min(sum(amounts, Decimal(0)), GROSS), open_amount(invoice)
    assert asked(root)[:2] == (f"{prepaid:.2f}", f"{payable:.2f}")
    assert (invoice.prepaid, prepaid + payable) == (prepaid, GROSS)
    assert problems(root) == []


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "nl",
            "Reeds betaald: 400,00 euro. Nog te betalen uiterlijk op 23 december 2026 met mededeling {}: 810",
        ),
        ("en", "Already paid: €400.00. Still to be paid by 23 December 2026 with communication {}: €810.00."),
    ],
)
def test_the_rest_is_to_be_transferred_however_the_part_was_paid(language: str, said: str) -> None:
    invoice = paid_before("stripe", "400.00", details={"language": language})
    root = read(invoice)
    assert asked(root) == ("400.00", "810.00", "30")
    assert text(root, "cac:PaymentTerms/cbc:Note").startswith(said.format(invoice.communication))
    assert text(root, f"{MEANS}cbc:PaymentID") == invoice.structured_communication


def test_what_comes_or_goes_after_the_invoice_changes_no_byte() -> None:
    invoice = paid_before("stripe", "400.00")
    first = make_ubl(invoice)
    assert asked(read(invoice)) == ("400.00", "810.00", "30")
    pay(invoice, Decimal(810))
    rows = Invoice.objects.filter(pk=invoice.pk)
    assert (rows.get().status, make_ubl(rows.get())) == ("paid", first)
    payment = invoice.payments.get(method="stripe")
    words: dict[str, Any] = {"method": "transfer", "reason": "fout", "by": None, "at": NOON}
    credited(invoice)
    refund_payment(payment=payment, amount=Decimal(400), key="desk:1", returned_on=date(2026, 12, 2), **words)
    assert invoice.payments.filter(reversals__isnull=False).exists()
    assert make_ubl(rows.get()) == first


def test_what_went_back_before_the_invoice_was_not_paid_before() -> None:
    pro_forma = ask()
    Issuer.objects.update(iban="")
    payment = pay(pro_forma)
    fields = {"payment": payment, "amount": Decimal(210), "of_surplus": 0, "returned_on": NOON.date()}
    reversal = Reversal.objects.create(
        **fields, kind="dispute", status="pending", method="stripe", key="1", recorded_at=NOON
    )
    fill_in_issuer()
    invoice = invoice_pro_forma(pro_forma=pro_forma, at=NOON, by=None)
    first = make_ubl(invoice)
    assert asked(read(invoice)) == ("1000.00", "210.00", "30")
    reversal.status = "failed"
    reversal.save(update_fields=["status"])
    assert make_ubl(Invoice.objects.get(pk=invoice.pk)) == first


def test_an_invoice_that_was_made_without_money_asks_for_all_of_it() -> None:
    pro_forma = ask()
    invoice = invoice_pro_forma(pro_forma=pro_forma, at=NOON, by=None)
    first = make_ubl(invoice)
    assert asked(read(invoice)) == ("", "1210.00", "30")
    assert pay(pro_forma).invoice == invoice
    assert make_ubl(Invoice.objects.get(pk=invoice.pk)) == first


def test_what_is_charged_asks_for_no_transfer() -> None:
    said = {
        "nl": "We innen het automatisch, ten vroegste op 23 december 2026. U hoeft niets over te schrijven.",
        "en": "We collect it automatically, on 23 December 2026 at the earliest. "
        "There is nothing to transfer.",
    }
    for language, words in said.items():
        root = read(charged(issue(customer=CustomerFactory.create(language=language))))
        assert asked(root) == ("", "1210.00", "68")
        assert (text(root, "cac:PaymentTerms/cbc:Note"), text(root, ACCOUNT)) == (words, "")
        assert text(root, "cbc:DueDate") == "2026-12-23"
        assert problems(root) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"prepaid": Decimal("0.01")},  # of no pro forma
        {"way": "stripe"},
        {"way": "cash"},
        {"way": "else"},
        {"prepaid": Decimal(-1)},
    ],
)
def test_the_database_refuses_what_was_paid_before_no_pro_forma(fields: dict[str, Any]) -> None:
    invoice = issue()
    invoice.pk, invoice.number, invoice.sequence, invoice.structured_communication = None, "x", 9, "9"
    invoice._state.adding = True
    for name, value in fields.items():
        setattr(invoice, name, value)
    with pytest.raises(IntegrityError), transaction.atomic():
        invoice.save()
