"""The balance of debtors at the end of a day: whole, and in whatever order it was booked."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.db.models import Sum
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.models import Invoice, Issuer, Payment, Reversal
from billing.operations.invoices import credit_invoice, record_payment
from billing.operations.pro_formas import invoice_received, withdraw_pro_forma
from billing.operations.refunds import RefundTooHigh, refund_payment
from billing.queries import CreditTooHigh, open_amount, open_items
from tests.factories.billing import NOON, ask, fill_in_issuer, issue

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 23)
GROSS = Decimal("1210.00")


def after(days: int) -> date:
    return DAY + timedelta(days=days)


def pay(invoice: Invoice, amount: str | Decimal, day: int, booked: int | None = None) -> Payment:
    """Money of a day, booked on that day or later."""
    return record_payment(
        invoice=invoice,
        amount=Decimal(amount),
        method="transfer",
        received_on=after(day),
        external_reference=f"bank:{uuid4()}",
        by=None,
        at=NOON + timedelta(days=day if booked is None else booked),
    )


def credit(invoice: Invoice, day: int = 0, net: Decimal | None = None) -> Invoice:
    return credit_invoice(
        invoice=invoice,
        reason="",
        amounts=None if net is None else {1: net},
        at=NOON + timedelta(days=day),
        by=None,
        is_mailed=False,
    )


def refund(payment: Payment, amount: Decimal, day: int) -> None:
    refund_payment(
        payment=payment,
        amount=amount,
        method="transfer",
        returned_on=after(day),
        reason="te veel",
        key=f"desk:{uuid4()}",
        at=NOON + timedelta(days=day),
        by=None,
    )


def left(day: int) -> dict[str, Decimal]:
    return {item.number: item.left for item in open_items(after(day))}


def test_open_items_are_as_they_stood_on_the_day() -> None:
    paid_later, partly, credited, never = (issue() for _number in range(4))
    pay(paid_later, "1210.00", 10)
    pay(partly, "1000.00", 1)
    credit(credited, 5)
    too_much = issue(at=NOON + timedelta(days=1))
    pay(too_much, "1300.00", 1)
    assert left(-1) == {}
    assert left(0) == dict.fromkeys([each.number for each in (paid_later, partly, credited, never)], GROSS)
    assert left(1)[partly.number] == Decimal("210.00")
    assert left(1)[too_much.number] == Decimal("-90.00"), "what was paid too much is owed to the payer"
    today = left(30)
    assert today == {
        partly.number: Decimal("210.00"),
        never.number: GROSS,
        too_much.number: Decimal("-90.00"),
    }
    still = (partly, never)
    assert {each.number: open_amount(each) for each in still} == {
        each.number: today[each.number] for each in still
    }


def test_the_order_of_recording_tells_nothing() -> None:
    facts: list[Callable[[Invoice], Any]] = [
        lambda invoice: pay(invoice, GROSS, 0),
        lambda invoice: credit(invoice),
        lambda invoice: pay(invoice, "90.00", 0),
    ]
    for order in permutations(facts):
        invoice = issue()
        for fact in order:
            fact(invoice)
        assert left(0)[invoice.number] == Decimal("-1300.00")


def test_a_transfer_that_is_booked_late_counts_from_the_day_of_the_bank() -> None:
    invoice = issue()
    credit(invoice, 10)
    pay(invoice, GROSS, 2, booked=11)
    assert [left(day).get(invoice.number, 0) for day in (0, 1, 2, 5, 9, 10)] == [
        GROSS,
        GROSS,
        0,
        0,
        0,
        -GROSS,
    ]


def test_what_came_before_its_invoice_is_owed_until_that_day() -> None:
    fill_in_issuer()
    pro_forma = ask()
    Issuer.objects.update(iban="")
    payment = pay(pro_forma, GROSS, 1)
    assert left(0) == {}
    assert left(1) == {pro_forma.number: -GROSS}
    fill_in_issuer()
    assert invoice_received(NOON + timedelta(days=4)) == 1
    payment.refresh_from_db()
    assert left(1) == left(3) == {payment.invoice.number: -GROSS}
    assert left(4) == {}


def test_what_comes_for_a_pro_forma_that_was_withdrawn_is_owed_until_it_goes_back() -> None:
    fill_in_issuer()
    pro_forma = withdraw_pro_forma(pro_forma=ask(), reason="x", at=NOON, by=None)
    refund(pay(pro_forma, "40.00", 1), Decimal("40.00"), 3)
    assert [left(day) for day in (0, 2, 3)] == [{}, {pro_forma.number: Decimal("-40.00")}, {}]


STEP = st.tuples(
    st.sampled_from(["pay", "credit", "refund", "ask", "break", "mend"]),
    st.integers(1, 200_000),
    st.integers(0, 6),
    st.integers(0, 6),
)


@settings(max_examples=12, deadline=None)
@given(st.lists(STEP, max_size=8))
def test_the_list_comes_to_invoiced_less_credited_less_received_plus_returned(
    steps: Sequence[tuple[str, int, int, int]],
) -> None:
    """On any day, whatever was paid, credited, paid back or booked late, in whatever order."""
    with transaction.atomic():
        fill_in_issuer()
        documents = [issue(), ask()]
        for number, (what, count, day, late) in enumerate(steps):
            document, amount = documents[number % len(documents)], Decimal(count) / 100
            if what == "ask":
                documents.append(ask(at=NOON + timedelta(days=day)))
            elif what == "break":
                Issuer.objects.update(iban="")
            elif what == "mend":
                fill_in_issuer()
                invoice_received(NOON + timedelta(days=day))
            else:
                change(what, document, amount, day, late)
        for day in (-1, 0, 2, 4, 6, 8, 13):
            items = list(open_items(after(day)))
            assert sum((item.left for item in items), Decimal(0)) == balance(after(day))
            assert all(item.left for item in items)
        transaction.set_rollback(True)


def change(what: str, document: Invoice, amount: Decimal, day: int, late: int) -> None:
    """Pay it, credit it or pay it back, where that can be done."""
    try:
        if what == "pay":
            pay(document, amount, day, booked=day + late)
        elif what == "credit" and not document.is_pro_forma:
            credit(document, day + late, amount)
        elif what == "refund" and (payment := Payment.objects.order_by("-pk").first()):
            refund(payment, amount, day + late)
    except (CreditTooHigh, RefundTooHigh, ValueError):
        pass


def balance(on: date) -> Decimal:
    """What the debtors owe by the ledgers themselves."""

    def total(rows: Any, what: str) -> Decimal:
        return rows.aggregate(sum=Sum(what))["sum"] or Decimal(0)

    until = Invoice.objects.filter(issued_on__lte=on)
    return (
        total(until.exclude(kind="credit_note"), "gross")
        - total(until.filter(kind="credit_note"), "gross")
        - total(Payment.objects.filter(received_on__lte=on), "amount")
        + total(Reversal.objects.filter(returned_on__lte=on).exclude(status="failed"), "amount")
    )


FACTS = st.lists(
    st.tuples(st.sampled_from(["pay", "credit"]), st.integers(400, 60_000), st.integers(0, 4)),
    min_size=2,
    max_size=4,
)


@settings(max_examples=10, deadline=None)
@given(FACTS, st.randoms())
def test_the_list_of_each_day_is_the_same_in_any_order_of_recording(
    facts: list[tuple[str, int, int]], random: Any
) -> None:
    shuffled = random.sample(facts, len(facts))
    lists = []
    for order in (facts, shuffled):
        with transaction.atomic():
            invoice = issue()
            for what, count, day in order:
                if what == "pay":
                    pay(invoice, Decimal(count) / 100, day, booked=9)
                else:  # whole euros, whose VAT needs no rounding; together at most the invoice
                    credit(invoice, day, Decimal(count // 400))
            lists.append([[item.left for item in open_items(after(day))] for day in range(6)])
            transaction.set_rollback(True)
    assert lists[0] == lists[1]
