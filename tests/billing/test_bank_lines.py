"""What somebody decides about a bank line: assign, set aside, put back; and twenty who do it at once."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from wagtail.models import ModelLogEntry

from accounts.models import User
from billing.models import BankEntry, BankFile, Invoice, Payment
from billing.operations.bank_files import import_bank_file
from billing.operations.bank_lines import (
    EntryIsDone,
    ReasonMissing,
    TooMuchAssigned,
    assign_entry,
    set_aside_debits,
    set_aside_entry,
    take_back_entry,
)
from billing.operations.invoices import InvalidPayment, credit_invoice
from billing.queries import candidate_invoices, open_amount
from billing.tasks import match_bank_file
from tests.factories.bank import bank_file, entry
from tests.factories.billing import NOON, CustomerFactory, fill_in_issuer, issue
from tests.queue import drain

THREADS = 10


def take(*entries: Any, **fields: Any) -> BankFile:
    fill_in_issuer()
    return import_bank_file(content=bank_file(*entries, **fields), name="x.xml", at=NOON, by=None).file


def a_line(amount: str | int = 100, **fields: Any) -> BankEntry:
    return take(entry(amount, **fields)).entries.get()


def assign(line: BankEntry, invoice: Invoice, amount: str | int, **fields: Any) -> Payment:
    words: dict[str, Any] = {"reason": "gebeld", "at": NOON, "by": None, **fields}
    return assign_entry(entry=line, invoice=invoice, amount=Decimal(amount), **words)


def logged(thing: Any) -> list[str]:
    return list(ModelLogEntry.objects.for_instance(thing).order_by("pk").values_list("action", flat=True))


@pytest.mark.django_db
def test_a_transfer_for_two_invoices_is_assigned_in_parts() -> None:
    first, second, by = issue(), issue(), User.objects.create_user("kas@demo.example")
    line = a_line(2500)
    one = assign(line, first, "1210.00", by=by)
    line.refresh_from_db()
    assert (line.status, line.left) == ("waiting", Decimal("1290.00"))
    two = assign(line, second, "1290.00", by=by, seen=1)
    line.refresh_from_db()
    assert (line.status, line.left, line.settled_by) == ("settled", Decimal(0), by)
    assert [one.external_reference, two.external_reference] == [line.key, f"{line.key}#2"]
    assert (two.surplus, two.note, two.received_on) == (Decimal("80.00"), "gebeld", line.booked_on)
    assert logged(line) == ["billing.bank_assign"] * 2


@pytest.mark.django_db
def test_what_cannot_be_assigned_is_refused_and_leaves_nothing() -> None:
    invoice = issue()
    note = credit_invoice(invoice=issue(), reason="fout", at=NOON, by=None, is_mailed=False)
    line, debit = a_line(100), a_line(-100, text="kosten")
    for amount in ("0", "-1", "100.01"):
        with pytest.raises(TooMuchAssigned):
            assign(line, invoice, amount)
    with pytest.raises(TooMuchAssigned):
        assign(debit, invoice, "100")
    with pytest.raises(InvalidPayment):
        assign(line, note, "100")
    with pytest.raises(ReasonMissing):
        assign(line, invoice, "100", reason=" ")
    with pytest.raises(EntryIsDone):
        assign(line, invoice, "50", seen=1)
    assert not Payment.objects.exists()
    assign(line, invoice, "100")
    with pytest.raises(EntryIsDone):
        assign(line, invoice, "100")
    with pytest.raises(EntryIsDone):
        set_aside_entry(entry=line, reason="te laat", at=NOON, by=None)
    assert open_amount(invoice) == 1110


@pytest.mark.django_db
def test_what_is_set_aside_is_matched_by_nobody_and_can_come_back() -> None:
    invoice, line = issue(), a_line(1210)
    with pytest.raises(ReasonMissing):
        set_aside_entry(entry=line, reason="", at=NOON, by=None)
    with pytest.raises(EntryIsDone):
        take_back_entry(entry=line, reason="toch", at=NOON, by=None)
    set_aside_entry(entry=line, reason="niet van ons", at=NOON, by=None)
    with pytest.raises(EntryIsDone):
        assign(line, invoice, "1210")
    take_back_entry(entry=line, reason="toch wel", at=NOON, by=None)
    assign(line, invoice, "1210")
    assert open_amount(invoice) == 0
    assert logged(line) == ["billing.bank_set_aside", "billing.bank_take_back", "billing.bank_assign"]


@pytest.mark.django_db
def test_all_that_went_out_in_a_file_is_set_aside_at_once() -> None:
    other = a_line(-9, text="andere")
    file = take(entry(-1, text="a"), entry(-2, text="b"), entry(3, text="c"), opening="8.00")
    assert set_aside_debits(file=file, reason="kosten", at=NOON, by=None) == 2
    assert set_aside_debits(file=file, reason="kosten", at=NOON, by=None) == 0
    assert sorted(BankEntry.objects.filter(status="waiting").values_list("amount", flat=True)) == [-9, 3]
    other.refresh_from_db()
    assert other.status == "waiting"


@pytest.mark.django_db
def test_likely_invoices_are_offered_with_why() -> None:
    customer, lamps = CustomerFactory.create(), CustomerFactory.create(name="Lantaarnwerk bv")
    paid, named, by_account = issue(customer=customer), issue(), issue(customer=customer)
    by_name, by_amount = issue(customer=lamps), issue()
    take(entry(5, structured=paid.structured_communication, reference="1", iban="BE71096123456769"))
    text = f"factuur {named.number}"
    line = a_line(1210, text=text, name="LANTAARNWERK", iban="BE71096123456769")
    found = {invoice.pk: why for invoice, _left, why in candidate_invoices(line)}
    assert list(found) == [named.pk, paid.pk, by_account.pk, by_name.pk, by_amount.pk]
    assert list(found.values()) == ["named", "account", "account", "amount", "amount"]
    part = a_line(7, name="Lantaarnwerk", iban="", text="deel")
    assert [(invoice.pk, left, why) for invoice, left, why in candidate_invoices(part)] == [
        (by_name.pk, Decimal("1210.00"), "name")
    ]
    assert candidate_invoices(a_line(-7, text="uit", name="Lantaarnwerk")) == []


@pytest.mark.django_db
def test_the_worker_matches_what_an_upload_left() -> None:
    fill_in_issuer()
    invoices = [issue(), issue()]
    lines = [
        entry(1210, structured=each.structured_communication, reference=each.number) for each in invoices
    ]
    by = User.objects.create_user("kas@demo.example")
    done = import_bank_file(content=bank_file(*lines), name="x.xml", at=NOON, by=by, limit=1)
    assert (done.matched, done.waiting) == (1, 1)
    drain()
    assert Payment.objects.filter(recorded_by=by).count() == 2
    match_bank_file.call(done.file.pk)
    assert Payment.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_ten_who_upload_at_once_pay_once() -> None:
    fill_in_issuer()
    invoices = [issue() for _number in range(3)]
    lines = [
        entry(1210, structured=each.structured_communication, reference=each.number) for each in invoices
    ]
    barrier = Barrier(THREADS)

    def upload(number: int) -> Any:
        content = bank_file(*lines) + b"\n" * (number % 3)
        try:
            barrier.wait()
            return import_bank_file(content=content, name=f"{number}.xml", at=NOON, by=None)
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        results = list(pool.map(upload, range(THREADS)))
    assert sum(result.new for result in results) == 3
    assert BankFile.objects.count() == 3
    assert [(payment.amount, payment.surplus) for payment in Payment.objects.all()] == [
        (Decimal(1210), Decimal(0))
    ] * 3
    assert not BankEntry.objects.exclude(status="settled").exists()


@pytest.mark.django_db(transaction=True)
def test_ten_who_assign_at_once_assign_once() -> None:
    invoice, line = issue(), a_line(1210)
    barrier = Barrier(THREADS)

    def work(number: int) -> Any:
        try:
            barrier.wait()
            return assign(line, invoice, "605", seen=0)
        except EntryIsDone as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        results = list(pool.map(work, range(THREADS)))
    assert [type(result) for result in results].count(EntryIsDone) == THREADS - 1
    assert open_amount(invoice) == 605
