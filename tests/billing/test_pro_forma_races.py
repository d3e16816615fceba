"""Money for a pro forma that comes by several ways at once makes one invoice, and no number is lost."""

from collections.abc import Callable
from decimal import Decimal
from itertools import cycle
from typing import Any

import pytest
from django.utils import timezone

from billing.models import Invoice, NumberSeries, Payment
from billing.operations.bank_files import keep_bank_file
from billing.operations.bank_lines import match_entries
from billing.operations.invoices import record_payment
from billing.operations.pro_formas import ProFormaIsDone, invoice_pro_forma, withdraw_pro_forma
from billing.operations.stripe_events import apply_event, keep_event
from billing.queries import settled_amount, surplus_amount
from billing.signals import invoice_paid
from tests.billing.paying import GROSS, visit
from tests.billing.test_concurrency import THREADS, at_once
from tests.factories.bank import bank_file, entry
from tests.factories.billing import ask
from tests.fakes.stripe_api import StripeServer

pytestmark = pytest.mark.django_db(transaction=True)
NOW = timezone.now()


def by_hand(pro_forma: Invoice) -> Any:
    return record_payment(
        invoice=pro_forma,
        amount=GROSS,
        method="cash",
        received_on=timezone.localdate(NOW),
        external_reference="desk:1",
        by=None,
        at=NOW,
    )


def test_a_message_twice_a_bank_line_and_staff_at_once_make_one_invoice(stripe: StripeServer) -> None:
    pro_forma = ask(at=NOW)
    told = stripe.account.complete(visit(pro_forma).session_id or "")
    (event,) = [keep_event(event=each, at=NOW) for each in told]
    assert event
    line = entry(1210, structured=pro_forma.structured_communication)
    keep_bank_file(content=bank_file(line), name="bank.xml", at=NOW, by=None)
    heard: list[int] = []

    def listen(sender: type, invoice_id: int, **words: Any) -> None:
        heard.append(invoice_id)

    ways: list[Callable[[], Any]] = [
        lambda: apply_event(event=event, at=NOW),
        lambda: match_entries(at=NOW, by=None),
        lambda: by_hand(pro_forma),
        lambda: invoice_pro_forma(pro_forma=pro_forma, at=NOW, by=None),
    ]
    chosen = [way for way, _number in zip(cycle(ways), range(THREADS), strict=False)]
    invoice_paid.connect(listen)
    results = at_once(lambda number: chosen[number]())
    invoice_paid.disconnect(listen)
    assert not [result for result in results if isinstance(result, Exception)]
    invoice = Invoice.objects.get()
    assert (invoice.number, invoice.status, heard) == (f"{NOW.year}-00001", "paid", [invoice.pk])
    assert NumberSeries.objects.get(kind="invoice").last == 1
    assert sorted(Payment.objects.values_list("method", flat=True)) == ["cash", "stripe", "transfer"]
    assert (settled_amount(invoice), surplus_amount(invoice)) == (GROSS, 2 * GROSS)
    # Of all that came at one moment, only what made the invoice was paid before it.
    came_first = Payment.objects.get(surplus=0).method
    assert (invoice.prepaid, invoice.way) in ((0, "transfer"), (GROSS, came_first))


def test_withdrawn_and_paid_at_once_it_is_one_of_both_and_the_money_is_there() -> None:
    for round_ in range(5):
        pro_forma = ask(at=NOW)

        def work(number: int, pro_forma: Invoice = pro_forma, round_: int = round_) -> Any:
            if number % 2:
                return withdraw_pro_forma(pro_forma=pro_forma, reason="vergist", at=NOW, by=None)
            return record_payment(
                invoice=pro_forma,
                amount=GROSS,
                method="cash",
                received_on=timezone.localdate(NOW),
                external_reference=f"desk:{round_}",
                by=None,
                at=NOW,
            )

        results = at_once(work)
        assert {type(each) for each in results} <= {Payment, Invoice, ProFormaIsDone}
        payment = Payment.objects.get(external_reference=f"desk:{round_}")
        pro_forma = Invoice.documents.get(pk=pro_forma.pk)
        if pro_forma.status == "withdrawn":
            assert (payment.invoice, payment.surplus) == (pro_forma, GROSS)
        else:
            assert (pro_forma.status, payment.invoice.pro_forma) == ("invoiced", pro_forma)
            assert (payment.surplus, payment.invoice.status) == (Decimal(0), "paid")
            assert (payment.invoice.prepaid, payment.invoice.way) == (GROSS, "cash")
    numbers = sorted(Invoice.objects.values_list("sequence", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
