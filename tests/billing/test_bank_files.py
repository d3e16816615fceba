"""Bank files: what is stored, once however often it comes, and what of it becomes a payment."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from billing.bank.statements import FileRefused
from billing.models import BankAllocation, BankEntry, BankFile, Invoice, InvoiceIsIssued, Issuer, Payment
from billing.operations.bank_files import AccountUnknown, Imported, import_bank_file, keep_bank_file
from billing.operations.bank_lines import match_entries
from billing.operations.invoices import credit_invoice
from billing.queries import follows_known_file, open_amount, personal_data_of, settled_amount, surplus_amount
from billing.signals import invoice_paid
from tests.factories.bank import DAY, PAYER, Entry, bank_file, entry
from tests.factories.billing import NOON, CustomerFactory, fill_in_issuer, issue

pytestmark = pytest.mark.django_db
OTHER_IBAN = "BE71096123456769"


def take(content: bytes, by: User | None = None) -> Imported:
    return import_bank_file(content=content, name="afschrift.xml", at=NOON, by=by)


def pay(invoice: Invoice, amount: str | Decimal = "1210.00", **fields: Any) -> Entry:
    return entry(str(amount), structured=invoice.structured_communication, **fields)


def counts(done: Imported) -> tuple[int, int, int, int]:
    return done.new, done.known, done.matched, done.waiting


def test_a_payment_by_reference_settles_its_invoice() -> None:
    invoice, by = issue(), User.objects.create_user("kas@demo.example")
    done = take(bank_file(pay(invoice, reference="A1"), entry(-30, text="kosten")), by)
    assert counts(done) == (2, 0, 1, 1)
    line = BankEntry.objects.get(amount__gt=0)
    payment = Payment.objects.get()
    assert (payment.external_reference, payment.method, payment.recorded_by) == (line.key, "transfer", by)
    assert (payment.amount, payment.surplus, payment.received_on) == (Decimal("1210.00"), Decimal(0), DAY)
    assert (line.status, line.assigned, line.settled_by) == ("settled", payment.amount, by)
    assert BankAllocation.objects.get().method == "reference"
    invoice.refresh_from_db()
    assert (invoice.status, invoice.paid_on) == ("paid", DAY)
    file = BankFile.objects.get()
    assert (file.name, file.from_on, file.to_on, file.uploaded_by) == ("afschrift.xml", DAY, DAY, by)
    assert (file.opening, file.closing) == (Decimal("1000.00"), Decimal("2180.00"))


def test_the_same_file_twice_and_overlapping_exports_add_nothing() -> None:
    invoice = issue()
    first, second, third = pay(invoice, "600.00", reference="A1"), pay(invoice, "610.00"), entry(-5)
    content = bank_file(first, second)
    assert counts(take(content)) == (2, 0, 2, 0)
    assert counts(take(content))[:2] == (0, 2)
    assert BankFile.objects.count() == 1
    done = take(bank_file(second, third, opening="1600.00"))
    assert counts(done) == (1, 1, 0, 1)
    assert (BankEntry.objects.count(), Payment.objects.count()) == (3, 2)
    assert settled_amount(invoice) == 1210


def test_partly_paid_too_much_and_paid_twice_are_kept_apart() -> None:
    partly, too_much, twice, credited = issue(), issue(), issue(), issue()
    credit_invoice(invoice=credited, reason="dubbel", at=NOON, by=None, is_mailed=False)
    take(
        bank_file(
            pay(partly, "1000.00", reference="1"),
            pay(too_much, "1300.00", reference="2"),
            pay(twice, reference="3"),
            pay(twice, reference="4"),
            pay(credited, reference="5"),
        )
    )
    assert [open_amount(each) for each in (partly, too_much, twice, credited)] == [210, 0, 0, 0]
    assert [surplus_amount(each) for each in (partly, too_much, twice, credited)] == [0, 90, 1210, 1210]
    assert [Invoice.objects.get(pk=each.pk).status for each in (partly, too_much, twice, credited)] == [
        "issued",
        "paid",
        "paid",
        "credited",
    ]


def test_what_names_nothing_of_ours_waits() -> None:
    invoice = issue()
    note = credit_invoice(invoice=issue(), reason="fout", at=NOON, by=None, is_mailed=False)
    done = take(
        bank_file(
            entry(50, text="gift"),
            entry(60, structured="123456789002"),
            pay(note, reference="N"),
            pay(invoice, "-1210.00", reference="D"),
            pay(invoice, reference="R", is_reversal=True),
        )
    )
    assert counts(done) == (5, 0, 0, 5)
    assert not Payment.objects.exists()
    assert BankEntry.objects.get(is_reversal=True).doubt == "reversal"


def test_what_looks_like_another_line_without_a_reference_is_left_to_somebody() -> None:
    invoice = issue()
    assert counts(take(bank_file(pay(invoice, "100.00"), pay(invoice, "100.00")))) == (2, 0, 1, 1)
    assert BankEntry.objects.get(status="waiting").doubt == "twin"
    assert counts(
        take(bank_file(pay(invoice, "50.00", reference="1"), pay(invoice, "50.00", reference="2")))
    ) == (
        2,
        0,
        2,
        0,
    )


def test_a_known_account_and_the_exact_amount_find_the_only_invoice() -> None:
    customer = CustomerFactory.create()
    known, next_one = issue(customer=customer), issue(customer=customer)
    take(bank_file(entry(1210, iban=OTHER_IBAN, reference="0")))
    assert BankEntry.objects.get().status == "waiting", "the account is not known yet"
    take(bank_file(pay(known, iban=OTHER_IBAN, reference="1")))
    assert open_amount(next_one) == 0, "now it is, and the line that waited is taken up"
    assert BankAllocation.objects.filter(method="amount").count() == 1
    issue(customer=customer)
    third = issue(customer=customer)
    done = take(bank_file(entry(1210, iban=OTHER_IBAN, reference="2"), opening="1"))
    assert counts(done) == (1, 0, 0, 1), "two invoices have that amount open"
    take(bank_file(pay(third, iban=OTHER_IBAN, reference="3"), opening="2"))
    assert BankEntry.objects.filter(status="waiting").count() == 0


@pytest.mark.parametrize("text", ["factuur 2025-00001", "120260004256"])
def test_words_that_name_another_invoice_keep_an_amount_from_matching(text: str) -> None:
    customer = CustomerFactory.create()
    known, other = issue(customer=customer), issue(customer=customer)
    take(bank_file(pay(known, iban=OTHER_IBAN, reference="1")))
    take(bank_file(entry(1210, iban=OTHER_IBAN, reference="2", text=text), opening="5"))
    assert open_amount(other) == 1210
    take(bank_file(entry(1210, iban=OTHER_IBAN, reference="3", text=f"factuur {other.number}"), opening="6"))
    assert open_amount(other) == 0


def test_a_line_that_fails_waits_with_its_error_and_undoes_nothing_else() -> None:
    good, bad = issue(), issue()

    def fail(sender: Any, invoice_id: int, **words: Any) -> None:
        if invoice_id == bad.pk:
            raise ZeroDivisionError("what hangs on it")

    content = bank_file(pay(bad, reference="1"), pay(good, reference="2"))
    invoice_paid.connect(fail)
    try:
        assert counts(take(content)) == (2, 0, 1, 1)
    finally:
        invoice_paid.disconnect(fail)
    assert [open_amount(good), open_amount(bad)] == [0, 1210]
    assert "what hangs on it" in BankEntry.objects.get(status="waiting").error
    assert counts(take(content))[2:] == (2, 0), "the same file again applies what failed"
    assert BankEntry.objects.filter(error="").count() == 2


def test_a_file_that_is_refused_leaves_nothing() -> None:
    invoice = issue()
    content = bank_file(pay(invoice, reference="1"), closing="1.00")
    with pytest.raises(FileRefused):
        take(content)
    Issuer.objects.update(iban="")
    with pytest.raises(AccountUnknown):
        take(bank_file(pay(invoice, reference="1")))
    assert not BankFile.objects.exists()
    fill_in_issuer()
    assert counts(take(bank_file(pay(invoice, reference="1")))) == (1, 0, 1, 0)


def test_the_database_holds_what_the_bank_told() -> None:
    fill_in_issuer()
    take(bank_file(entry(50, text="gift")))
    line = BankEntry.objects.get()
    for change in (
        {"amount": 60}, {"assigned": 60}, {"assigned": 50}, {"status": "settled"}, {"status": "set_aside"},
    ):  # fmt: skip
        with pytest.raises((InvoiceIsIssued, IntegrityError)), transaction.atomic():
            BankEntry.objects.filter(pk=line.pk).update(**change)
    BankEntry.objects.filter(pk=line.pk).update(status="settled", assigned=50)
    for table, column in (("bankentry", "amount"), ("bankfile", "closing")):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE billing_{table} SET {column} = 1")
    for forbidden in (line.delete, BankFile.objects.all().delete):
        with pytest.raises(InvoiceIsIssued):
            forbidden()


def test_the_work_grows_with_the_lines_and_nothing_else(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    customer = CustomerFactory.create()
    invoices = [issue(customer=customer) for _number in range(12)]
    take(bank_file(pay(invoices[0], reference="warm")))
    content = bank_file(
        *(pay(each, reference=each.number) for each in invoices[:10]),
        *(entry(7, text=f"gift {number}", reference=f"G{number}") for number in range(200)),
        opening="3",
    )
    with django_assert_max_num_queries(20):
        keep_bank_file(content=content, name="x.xml", at=NOON, by=None)
    with django_assert_max_num_queries(10 * 20 + 4):
        assert match_entries(at=NOON, by=None) == 10
    with django_assert_max_num_queries(4):
        assert match_entries(at=NOON, by=None) == 0


def test_a_person_reads_what_the_bank_told_of_them_and_nobody_else_does() -> None:
    person = User.objects.create_user("noor@demo.example")
    mine = issue(customer=CustomerFactory.create(email="noor@demo.example"))
    take(bank_file(pay(mine, name="N. Peeters", reference="1"), pay(issue(), name="Anders", reference="2")))
    [invoice] = personal_data_of(person)["invoices"]
    assert invoice["payments"] == [
        {
            "amount": "1210.00",
            "received_on": DAY.isoformat(),
            "payer": "N. Peeters",
            "account": PAYER,
            "message": mine.structured_communication,
            "went_back": [],
        }
    ]
    assert personal_data_of(User.objects.create_user("an@demo.example"))["invoices"] == []


def test_a_file_that_is_missing_in_between_is_seen() -> None:
    fill_in_issuer()
    first = take(bank_file(entry(5, reference="1"), opening="10.00")).file
    next_one = take(bank_file(entry(5, reference="2"), opening="15.00", on=DAY + timedelta(days=1))).file
    overlap = take(bank_file(entry(5, reference="2"), entry(1, reference="3"), opening="15.00")).file
    later = take(bank_file(entry(5, reference="9", on=DAY + timedelta(days=9)), opening="99.00")).file
    found = [follows_known_file(each) for each in (first, next_one, overlap, later)]
    assert found == [True, True, True, False]


def test_a_limit_leaves_the_rest_for_later() -> None:
    invoices = [issue(), issue(), issue()]
    content = bank_file(*(pay(each, reference=each.number) for each in invoices))
    keep_bank_file(content=content, name="x.xml", at=NOON, by=None)
    assert match_entries(at=NOON, by=None, limit=2) == 2
    assert match_entries(at=NOON, by=None, limit=2) == 1


booked = st.lists(
    st.tuples(
        st.integers(0, 3),  # which invoice; the last is none of ours
        st.decimals(min_value="0.01", max_value="1500.00", places=2),
        st.booleans(),  # comes in, or goes out
        st.sampled_from(["", "bank"]),
    ),
    min_size=1,
    max_size=7,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(booked, st.data())
def test_however_the_lines_are_split_over_files_the_ledger_is_the_same(
    facts: list[tuple[int, Decimal, bool, str]], data: st.DataObject
) -> None:
    """Windows on the account that overlap and come in the order of their first day."""
    with transaction.atomic():
        invoices = [issue() for _number in range(3)]
        named = [*(each.structured_communication for each in invoices), "123456789002"]
        lines = [
            Entry(
                amount=amount if comes_in else -amount,
                structured=named[which],
                reference=f"{reference}{number}" if reference else "",
                on=DAY + timedelta(days=number // 3),
            )
            for number, (which, amount, comes_in, reference) in enumerate(facts)
        ]
        cuts = sorted(data.draw(st.sets(st.integers(0, len(lines) - 1), max_size=3)) | {0})
        windows = []
        for start, end in zip(cuts, [*cuts[1:], len(lines)], strict=True):
            windows.append((start, data.draw(st.integers(end, len(lines)))))
        whole = ledger_after(lines, [(0, len(lines))], invoices)
        assert ledger_after(lines, windows, invoices) == whole
        assert ledger_after(lines, [*windows, *windows], invoices) == whole
        transaction.set_rollback(True)


def ledger_after(lines: list[Entry], windows: list[tuple[int, int]], invoices: list[Invoice]) -> Any:
    """Take the windows as files, and return every payment, what is open, and what waits."""
    with transaction.atomic():
        for number, (start, end) in enumerate(windows):
            opening = sum((each.amount for each in lines[:start]), Decimal(0))
            done = take(bank_file(*lines[start:end], opening=opening) + b"\n" * number)
            assert done.new + done.known == end - start
        payments = Payment.objects.order_by("external_reference")
        told = BankEntry.objects.filter(amount__gt=0).aggregate(all=Sum("amount"), paid=Sum("assigned"))
        paid = payments.aggregate(all=Sum("amount"))["all"] or Decimal(0)
        came_in = sum((each.amount for each in lines if each.amount > 0), Decimal(0))
        waiting = sum((each.left for each in BankEntry.objects.filter(status="waiting")), Decimal(0))
        assert paid + waiting == came_in == (told["all"] or 0)
        assert paid == (told["paid"] or 0)
        for invoice in invoices:
            assert settled_amount(invoice) + open_amount(invoice) == invoice.gross
            assert settled_amount(invoice) <= invoice.gross
        ledger = (
            list(payments.values_list("external_reference", "invoice", "amount", "surplus")),
            list(BankEntry.objects.order_by("key").values_list("key", "amount", "status", "assigned")),
        )
        transaction.set_rollback(True)
    return ledger
