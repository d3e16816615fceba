"""Payments that were booked in error, or that the bank took back: undone once, by staff, with a reason."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from threading import Barrier
from typing import Any
from unittest import mock

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.models import BankEntry, BankFile, Invoice, Payment, Reversal
from billing.operations.bank_files import import_bank_file
from billing.operations.bank_lines import (
    EntryIsDone,
    ReasonMissing,
    assign_entry,
    match_entries,
    set_aside_entry,
)
from billing.operations.invoices import credit_invoice
from billing.operations.pro_formas import withdraw_pro_forma
from billing.operations.undoing import ByStripe, NothingLeft, TakenBackTooEarly, undo_by_line, undo_payment
from billing.queries import (
    entries_by_amount,
    kept_amount,
    movements_of,
    open_amount,
    open_items,
    open_without,
    recalled_payments,
    received,
    returned,
    standing_of,
    surplus_amount,
)
from cms.models import OutgoingMail
from tests.billing.paying import GROSS, TODAY, fares, pay, pay_online, status
from tests.billing.test_bank_lines import logged
from tests.factories.bank import DAY, bank_file, entry
from tests.factories.billing import NOON, CustomerFactory, ask, fill_in_issuer, issue
from tests.fakes.stripe_api import StripeServer

THREADS = 20
NONE = Decimal(0)


def undo(payment: Payment, kind: str = "mistake", **words: Any) -> Reversal:
    facts: dict[str, Any] = {
        "reason": "verkeerde factuur",
        "returned_on": timezone.localdate(),
        "at": timezone.now(),
        "by": None,
    }
    return undo_payment(payment=payment, kind=kind, **facts | words)


def take_back(line: BankEntry, payment: Payment, seen: str = "0", **words: Any) -> Reversal:
    facts: dict[str, Any] = {"reason": "door de bank teruggehaald", "at": NOON, "by": None} | words
    return undo_by_line(entry=line, payment=payment, seen=Decimal(seen), **facts)


def take(*entries: Any) -> BankFile:
    """Take a bank file; what is certain is matched."""
    fill_in_issuer()
    file = import_bank_file(content=bank_file(*entries), name="x.xml", at=NOON, by=None).file
    match_entries(at=NOON, by=None)
    return file


def assign(line: BankEntry, invoice: Invoice, amount: Decimal = GROSS, **words: Any) -> Payment:
    return assign_entry(
        entry=line, invoice=invoice, amount=amount, reason="gebeld", at=NOON, by=None, **words
    )


@pytest.mark.django_db
def test_what_was_booked_in_error_opens_the_invoice_and_gives_the_line_back(heard: list[str]) -> None:
    wrong, right = issue(), issue()
    line = take(entry(1210, structured=wrong.structured_communication)).entries.get()
    payment = Payment.objects.get()
    reversal = undo(payment)
    assert (reversal.amount, reversal.of_surplus, reversal.returned_on) == (GROSS, NONE, payment.received_on)
    assert (status(wrong), open_amount(wrong), heard) == ("issued", GROSS, ["paid", "reopened"])
    line.refresh_from_db()
    assert (line.status, line.left, line.settled_at) == ("waiting", GROSS, None)
    assert line.doubt == "given_back"
    assert match_entries(at=NOON, by=None) == 0, "its reference names the wrong invoice still"
    again = assign(line, right, seen=1)
    line.refresh_from_db()
    assert (line.status, again.external_reference, status(right)) == ("settled", f"{line.key}#2", "paid")
    assert logged(line) == ["billing.bank_give_back", "billing.bank_assign"]
    assert logged(wrong)[-3:] == ["billing.payment", "billing.reversal", "billing.reopen"]
    with pytest.raises(EntryIsDone):
        assign(line, wrong, seen=0)
    assert not OutgoingMail.objects.filter(
        template__in=["billing/refund", "billing/payment_returned"]
    ).exists()


@pytest.mark.django_db
def test_the_books_of_each_day_are_as_if_it_had_been_right_at_once() -> None:
    wrong, right = issue(), issue()
    line = take(entry(1210)).entries.get()
    undo(assign(line, wrong), at=NOON + timedelta(days=10))
    assign(line, right)
    for day in (0, 1, 5, 30):
        left = {item.number: item.left for item in open_items(TODAY + timedelta(days=day))}
        assert left == {wrong.number: GROSS} | ({} if day else {right.number: GROSS})
    assert received(DAY)["transfer"] == (GROSS, GROSS)
    assert returned(DAY) == (NONE, NONE), "nothing went back to a payer"
    moves = movements_of(standing_of(wrong))
    assert [(move.amount, move.on) for move in moves] == [(GROSS, DAY), (-GROSS, DAY)]


@pytest.mark.django_db
def test_twice_is_once_and_nothing_is_undone_without_a_reason(invoice: Invoice) -> None:
    payment = pay(invoice)
    with pytest.raises(ReasonMissing):
        undo(payment, reason=" ")
    with pytest.raises(TakenBackTooEarly):
        undo(payment, "recall", returned_on=payment.received_on - timedelta(days=1))
    first = undo(payment)
    assert undo(payment) == first == undo(payment, "recall")
    assert (Reversal.objects.count(), open_amount(invoice), kept_amount(invoice)) == (1, GROSS, NONE)


@pytest.mark.django_db
def test_an_amount_that_was_mistyped_takes_its_surplus_along(invoice: Invoice, heard: list[str]) -> None:
    mistyped = pay(invoice, Decimal("13000.00"))
    assert open_without(mistyped) == GROSS
    assert undo(mistyped).of_surplus == Decimal("11790.00")
    assert (surplus_amount(invoice), open_amount(invoice)) == (NONE, GROSS)
    pay(invoice)
    assert (status(invoice), heard) == ("paid", ["paid", "reopened", "paid"])


@pytest.mark.django_db
def test_another_payment_that_was_too_much_keeps_the_invoice_paid(invoice: Invoice, heard: list[str]) -> None:
    wrong, _right = pay(invoice), pay(invoice)
    assert open_without(wrong) == 0
    assert undo(wrong).of_surplus == GROSS
    assert (status(invoice), surplus_amount(invoice), heard) == ("paid", NONE, ["paid"])


@pytest.mark.django_db
def test_what_came_through_stripe_is_left_to_stripe(stripe: StripeServer, invoice: Invoice) -> None:
    payment = pay_online(stripe, invoice)
    with pytest.raises(ByStripe):
        undo(payment)
    with pytest.raises(IntegrityError), transaction.atomic():
        Reversal.objects.create(
            payment=payment, kind="mistake", amount=1, of_surplus=0, method="stripe", returned_on=TODAY,
            reason="x", key="x", status="done", recorded_at=NOON,
        )  # fmt: skip
    assert status(invoice) == "paid"


@pytest.mark.django_db
def test_money_on_a_pro_forma_is_undone_too() -> None:
    fill_in_issuer()
    pro_forma = withdraw_pro_forma(pro_forma=ask(), reason="x", at=NOON, by=None)
    undo(pay(pro_forma, Decimal(40)))
    assert (fares(pro_forma), kept_amount(pro_forma), open_amount(pro_forma)) == ("withdrawn", NONE, NONE)
    asked = ask()
    payment = pay(asked)
    undo(payment)
    assert (fares(asked), status(payment.invoice)) == ("invoiced", "issued")


@pytest.mark.django_db
def test_an_invoice_was_paid_on_the_day_on_which_the_money_that_counts_was_there(invoice: Invoice) -> None:
    first, second = (pay(invoice, on=date(2026, 11, day)) for day in (24, 27))

    def paid_on() -> date | None:
        return Invoice.objects.get(pk=invoice.pk).paid_on

    assert paid_on() == date(2026, 11, 24)
    undo(first)
    assert (status(invoice), paid_on()) == ("paid", date(2026, 11, 27))
    undo(second)
    assert (status(invoice), paid_on()) == ("issued", None)
    pay(invoice, Decimal(600), on=date(2026, 12, 10))
    pay(invoice, Decimal(610), on=date(2026, 12, 5))  # from an older bank file
    assert (status(invoice), paid_on()) == ("paid", date(2026, 12, 10))


@pytest.mark.django_db
def test_a_line_whose_rest_was_set_aside_waits_again_whole() -> None:
    invoice = issue()
    line = take(entry(1500)).entries.get()
    payment = assign(line, invoice)
    set_aside_entry(entry=line, reason="gift", at=NOON, by=None)
    undo(payment)
    line.refresh_from_db()
    assert (line.status, line.left, line.reason) == ("waiting", Decimal(1500), "")


@pytest.mark.django_db
def test_a_line_that_gives_back_while_its_match_is_under_way_is_not_matched() -> None:
    invoice = issue()
    line = take(entry(1210)).entries.get()

    def found() -> list[tuple[int, int]]:
        undo(assign(line, issue()))  # since the queue was read
        return [(line.pk, invoice.pk)]

    with mock.patch("billing.operations.bank_lines.entries_by_reference", found):
        assert match_entries(at=NOON, by=None) == 0
    line.refresh_from_db()
    assert (line.status, line.error, status(invoice)) == ("waiting", "", "issued")


@pytest.mark.django_db
def test_an_account_is_not_known_by_what_was_booked_in_error() -> None:
    wrong, right = CustomerFactory.create(), CustomerFactory.create()
    line = take(entry(1210, reference="1")).entries.get()
    undo(assign(line, issue(customer=wrong)))
    take(entry(1210, reference="2"))
    assert entries_by_amount() == [], "the wrong customer still has 1210 open"
    assign(line, issue(customer=right))
    open_now = issue(customer=right)
    assert [pair[1] for pair in entries_by_amount()] == [open_now.pk]


@pytest.mark.django_db
def test_a_line_that_went_out_takes_back_what_it_fits_in_parts(heard: list[str]) -> None:
    first, second = issue(), issue()
    line = take(entry(2420)).entries.get()
    one, two = assign(line, first), assign(line, second)
    back = take(entry(-2430, is_reversal=True, on=DAY + timedelta(days=9))).entries.get()
    assert set(recalled_payments(back)) == {one, two}
    reversal = take_back(back, one)
    assert (reversal.amount, reversal.returned_on, reversal.bank_entry) == (GROSS, back.booked_on, back)
    back.refresh_from_db()
    assert (back.status, back.assigned, back.taking_back) == ("waiting", -GROSS, Decimal(1220))
    with pytest.raises(EntryIsDone):
        take_back(back, two, seen="0")
    with pytest.raises(NothingLeft):
        take_back(back, one, seen="-1210")
    take_back(back, two, seen="-1210")
    back.refresh_from_db()
    assert (back.status, back.taking_back) == ("waiting", Decimal(10)), "a cost of the bank is set aside"
    set_aside_entry(entry=back, reason="kosten", at=NOON, by=None)
    assert heard == ["paid", "paid", "reopened", "reopened"]
    line.refresh_from_db()
    assert (line.status, line.assigned) == ("settled", Decimal(2420)), "it did come in"
    assert logged(back) == ["billing.bank_recall", "billing.bank_recall", "billing.bank_set_aside"]
    assert returned(back.booked_on)[1] == 2420


@pytest.mark.django_db
def test_a_line_that_came_in_takes_nothing_back_and_one_of_part_takes_part(invoice: Invoice) -> None:
    payment = pay(invoice, on=DAY)
    file = take(entry(50, reference="1"), entry(-210, reference="2"))
    credit, debit = file.entries.get(amount=50), file.entries.get(amount=-210)
    with pytest.raises(EntryIsDone):
        take_back(credit, payment)
    take_back(debit, payment)
    debit.refresh_from_db()
    assert (debit.status, open_amount(invoice), status(invoice)) == ("settled", Decimal(210), "issued")
    assert undo(payment).amount == Decimal(1000), "the rest may still turn out to be a mistake"
    assert open_amount(invoice) == GROSS


@pytest.mark.django_db
def test_what_was_credited_meanwhile_is_not_owed_back_for_a_payment_that_never_was(invoice: Invoice) -> None:
    payment = pay(invoice)
    credit_invoice(invoice=invoice, reason="", at=timezone.now(), by=None, is_mailed=False)
    assert open_without(payment) == 0
    undo(payment)
    assert (status(invoice), open_amount(invoice)) == ("credited", NONE)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["pay", "mistake", "recall", "credit"]), st.integers(1, 200_000), st.integers(0, 5)
    ),
    max_size=8,
)


@settings(max_examples=12, deadline=None)
@given(STEPS)
def check_every_cent(steps: list[tuple[str, int, int]]) -> None:
    with transaction.atomic():
        invoice = issue(at=NOON)
        for what, count, day in steps:
            amount, payments = Decimal(count) / 100, list(Payment.objects.order_by("pk"))
            try:
                if what == "pay":
                    pay(invoice, amount, on=TODAY + timedelta(days=day))
                elif what == "credit":
                    credit_invoice(
                        invoice=invoice, reason="", amounts={1: amount}, at=NOON, by=None, is_mailed=False
                    )
                elif payments:
                    undo(payments[count % len(payments)], what, returned_on=TODAY + timedelta(days=day))
            except ValueError:
                continue
        invoice.refresh_from_db()
        came = sum((each.amount for each in Payment.objects.all()), Decimal(0))
        gone = sum((each.amount for each in Reversal.objects.all()), Decimal(0))
        assert kept_amount(invoice) == came - gone
        assert open_amount(invoice) - surplus_amount(invoice) == sum(
            (item.left for item in open_items(date(2030, 1, 1))), Decimal(0)
        )
        assert (invoice.status in ("paid", "credited")) == (open_amount(invoice) <= 0)
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_whatever_is_undone_every_cent_is_somewhere() -> None:
    check_every_cent()


def at_once(work: Any) -> list[Any]:
    barrier = Barrier(THREADS)

    def run(number: int) -> Any:
        try:
            barrier.wait()
            return work(number)
        except (EntryIsDone, NothingLeft) as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, range(THREADS)))


@pytest.mark.django_db(transaction=True)
def test_twenty_who_undo_at_once_undo_once(heard: list[str]) -> None:
    wrong = issue()
    line = take(entry(1210)).entries.get()
    payment = assign(line, wrong)
    results = at_once(lambda number: undo(payment))
    assert len({result.pk for result in results}) == Reversal.objects.count() == 1
    line.refresh_from_db()
    assert (line.assigned, open_amount(wrong), heard) == (NONE, GROSS, ["paid", "reopened"])


@pytest.mark.django_db(transaction=True)
def test_twenty_lines_looked_at_at_once_take_a_payment_back_once() -> None:
    invoice = issue()
    payment = pay(invoice, on=DAY)
    file = take(*(entry(-1210, reference=str(number)) for number in range(THREADS)))
    lines = list(file.entries.all())
    results = at_once(lambda number: take_back(lines[number], payment))
    assert [type(result) for result in results].count(NothingLeft) == THREADS - 1
    assert (Reversal.objects.count(), open_amount(invoice)) == (1, GROSS)
    assert file.entries.filter(status="settled").count() == 1


@pytest.mark.django_db(transaction=True)
def test_undoing_and_assigning_the_rest_at_once_lose_nothing() -> None:
    first, second = issue(), issue()
    line = take(entry(2420)).entries.get()
    payment = assign(line, first)

    def work(number: int) -> Any:
        return undo(payment) if number % 2 else assign(line, second, seen=1)

    at_once(work)
    line.refresh_from_db()
    assert (line.status, line.assigned, line.left) == ("waiting", GROSS, GROSS)
    assert (open_amount(first), open_amount(second)) == (GROSS, NONE)
