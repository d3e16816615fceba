"""Numbers under concurrency, on both databases, in real transactions."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, transaction

from billing.models import Invoice, NumberSeries
from billing.operations.invoices import credit_invoice, record_payment
from billing.signals import invoice_paid
from tests.factories.billing import NOON, CustomerFactory, fill_in_issuer, issue

THREADS = 20

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(work: Callable[[int], Any], threads: int = THREADS) -> list[Any]:
    """Run the work in many threads that start together; return results and exceptions."""
    barrier = Barrier(threads)

    def run(number: int) -> Any:
        try:
            barrier.wait()
            return work(number)
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(run, range(threads)))


def test_numbers_have_no_gap_and_no_double_even_where_some_are_rolled_back() -> None:
    fill_in_issuer()
    customer = CustomerFactory.create()

    def work(number: int) -> Invoice:
        with transaction.atomic():
            invoice = issue(customer=customer)
            if number % 5 == 0:
                raise ZeroDivisionError
        return invoice

    results = at_once(work, threads=50)
    assert [type(result) for result in results].count(ZeroDivisionError) == 10
    numbers = sorted(result.sequence for result in results if isinstance(result, Invoice))
    assert numbers == list(range(1, 41))
    assert NumberSeries.objects.get().last == 40


def test_the_same_payment_told_twenty_times_counts_once_and_is_told_once() -> None:
    invoice = issue()
    told = []

    def listen(sender: Any, invoice_id: int, **words: Any) -> None:
        told.append(invoice_id)

    invoice_paid.connect(listen)
    try:
        results = at_once(
            lambda number: record_payment(
                invoice=invoice,
                amount=Decimal("1210.00"),
                method="stripe",
                received_on=date(2026, 12, 1),
                external_reference="pi_1",
                by=None,
                at=NOON,
            )
        )
    finally:
        invoice_paid.disconnect(listen)
    assert len({payment.pk for payment in results}) == 1
    assert told == [invoice.pk]


def test_twenty_who_credit_make_one_note() -> None:
    invoice = issue()
    results = at_once(lambda number: credit_invoice(invoice=invoice, reason="", at=NOON, by=None))
    assert len([result for result in results if isinstance(result, Invoice)]) == 1
    assert Invoice.objects.filter(kind="credit_note").count() == 1
