from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from wagtail.models import ModelLogEntry

from billing.models import Invoice
from billing.operations.invoices import credit_invoice, record_payment
from billing.operations.overdue import mark_overdue
from billing.signals import invoice_overdue
from tests.factories.billing import NOON, issue

pytestmark = pytest.mark.django_db
LAST_EVENING = datetime(2026, 12, 23, 22, 59, tzinfo=UTC)
AFTER_MIDNIGHT = datetime(2026, 12, 23, 23, 0, tzinfo=UTC)


@pytest.fixture
def told() -> Iterator[list[int]]:
    heard: list[int] = []

    def listen(sender: Any, invoice_id: int, **words: Any) -> None:
        heard.append(invoice_id)

    invoice_overdue.connect(listen)
    yield heard
    invoice_overdue.disconnect(listen)


def test_an_invoice_is_overdue_from_the_day_after_in_brussels_and_told_once(told: list[int]) -> None:
    invoice = issue()
    assert mark_overdue(LAST_EVENING) == 0
    assert mark_overdue(AFTER_MIDNIGHT) == 1
    assert mark_overdue(AFTER_MIDNIGHT) == 0
    invoice.refresh_from_db()
    assert invoice.status == "overdue"
    assert told == [invoice.pk]
    assert ModelLogEntry.objects.for_instance(invoice).filter(action="billing.overdue").count() == 1


def test_what_is_paid_or_credited_or_a_note_is_never_overdue() -> None:
    paid, credited = issue(), issue()
    record_payment(
        invoice=paid,
        amount=Decimal("1210.00"),
        method="transfer",
        received_on=date(2026, 12, 1),
        external_reference="1",
        by=None,
        at=NOON,
    )
    credit_invoice(invoice=credited, reason="", at=NOON, by=None, is_mailed=False)
    assert mark_overdue(AFTER_MIDNIGHT) == 0


def test_what_is_overdue_can_still_be_paid() -> None:
    invoice = issue()
    mark_overdue(AFTER_MIDNIGHT)
    record_payment(
        invoice=invoice,
        amount=Decimal("1210.00"),
        method="transfer",
        received_on=date(2026, 12, 28),
        external_reference="1",
        by=None,
        at=AFTER_MIDNIGHT,
    )
    assert Invoice.objects.get().status == "paid"


def test_run_due_does_it() -> None:
    issue()
    call_command("run_due", "--at", AFTER_MIDNIGHT.isoformat())
    assert Invoice.objects.get().status == "overdue"
