"""Numbers under concurrency, on both databases, in real transactions."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from pytest_django import Settings

from billing.models import Invoice, NumberSeries, Payment, StripeEvent
from billing.operations.invoices import credit_invoice, record_payment
from billing.signals import invoice_paid
from tests.billing.paying import tell, visit
from tests.factories.billing import NOON, CustomerFactory, ask, fill_in_issuer, issue, line
from tests.fakes.stripe_api import KEY, SECRET, stripe_server
from tests.queue import drain

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


def test_four_kinds_of_documents_at_once_have_each_a_series_without_gap_or_double() -> None:
    """Invoices, payment requests, credit notes and pro formas, some rolled back, by fifty threads."""
    fill_in_issuer()
    customer = CustomerFactory.create()
    credited = [issue(customer=customer) for _number in range(13)]
    kinds = (
        lambda number: issue(customer=customer),
        lambda number: issue(line(vat_treatment="outside-scope"), customer=customer),
        lambda number: credit_invoice(
            invoice=credited[number // 4], reason="", at=NOON, by=None, is_mailed=False
        ),
        lambda number: ask(customer=customer),
    )

    def work(number: int) -> Invoice:
        with transaction.atomic():
            document = kinds[number % 4](number)
            if number % 5 == 0:
                raise ZeroDivisionError
        return document

    results = at_once(work, threads=50)
    assert [type(result) for result in results].count(ZeroDivisionError) == 10
    made = [result for result in results if isinstance(result, Invoice)]
    assert len(made) == 40
    for kind in ("invoice", "payment_request", "credit_note", "pro_forma"):
        documents = Invoice.documents.filter(kind=kind)
        numbers = sorted(documents.values_list("sequence", flat=True))
        assert len(numbers) >= 9
        assert numbers == list(range(1, len(numbers) + 1))
        assert NumberSeries.objects.get(kind=kind).last == len(numbers)
        assert {each.pk for each in made if each.kind == kind} <= set(documents.values_list("pk", flat=True))
    assert Invoice.documents.count() == 53


def test_a_message_of_stripe_posted_twenty_times_at_once_is_kept_once(settings: Settings) -> None:
    with stripe_server() as stripe:
        settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRET = KEY, SECRET
        settings.STRIPE_API_BASE = stripe.url
        invoice = issue(at=timezone.now())
        (event,) = stripe.account.complete(visit(invoice).session_id or "")
        assert at_once(lambda number: tell(stripe, event)) == [200] * THREADS
    assert StripeEvent.objects.get().event_id == event["id"]
    asked = [row for row in DBTaskResult.objects.all() if row.task_path == "billing.tasks.apply_stripe_event"]
    assert len(asked) == 1
    drain()
    assert Payment.objects.get().amount == invoice.gross


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
