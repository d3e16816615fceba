"""The treasurer's desk: each figure is the total of the list that it leads to."""

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import Site

from billing.models import CheckoutAttempt, Dispatch, Invoice, Payment, StripeEvent, VatTreatment
from billing.operations.bank_files import keep_bank_file
from billing.operations.dunning import hold_dunning
from billing.operations.invoices import credit_invoice, record_payment
from billing.operations.overdue import mark_overdue
from billing.operations.pro_formas import withdraw_pro_forma
from billing.operations.refunds import refund_payment
from billing.operations.undoing import undo_payment
from billing.queries import Figure, receivables, refundable_amount, with_open_amount, with_refundable
from billing.registries import ExpectedCharge, ExpectedIncome, expected_income
from billing.rules import month_of
from cms.amounts import say_euro
from tests.billing.test_desk import person
from tests.factories.bank import bank_file, entry
from tests.factories.billing import NOON, CustomerFactory, abroad, ask, confirm_vat_number, issue, line

pytestmark = pytest.mark.django_db
DESK = "/admin/billing/desk/"
NOW = timezone.now()
TODAY = timezone.localdate(NOW)


@pytest.fixture
def treasurer(client: Client, site: Site) -> Client:
    client.force_login(person("finance"))
    return client


def due(days: int, net: int = 1000, *, paid: int = 0) -> Invoice:
    """An invoice that is due so many days from today, with a part of it paid by transfer."""
    due_on = TODAY + timedelta(days=days)
    issued_on = min(due_on, TODAY) - timedelta(days=30)
    at = timezone.now().replace(year=issued_on.year, month=issued_on.month, day=issued_on.day, hour=11)
    invoice = issue(line(unit_price=Decimal(net)), at=at, due_on=due_on)
    if paid:
        pay(invoice, Decimal(paid))
    return invoice


def pay(invoice: Invoice, amount: Decimal, *, on: date = TODAY, method: str = "transfer") -> Payment:
    return record_payment(
        invoice=invoice,
        amount=amount,
        method=method,
        received_on=on,
        external_reference=f"{invoice.pk}-{amount}-{on}-{method}",
        by=None,
        at=NOW,
    )


def go_back(payment: Payment, amount: int, *, on: date = TODAY) -> None:
    refund_payment(
        payment=payment,
        amount=Decimal(amount),
        method="transfer",
        returned_on=on,
        reason="teruggevraagd",
        key=f"desk:{payment.pk}-{amount}",
        at=NOW,
        by=None,
    )


def a_life_of_invoices() -> None:
    """Open, overdue of each age, paid in part, credited, too much, held, at the bank, with Stripe."""
    for days in (0, 1, 40, -1, -30, -31, -60, -61, -90, -91, -400):
        due(days, net=100 - days % 7, paid=10 if days % 2 else 0)
    credit_invoice(invoice=due(5), reason="dubbel", at=NOW, by=None)
    hold_dunning(invoice=due(-10), reason="betwist", at=NOW, by=None)
    too_much = due(-5)
    pay(too_much, too_much.gross + 7, method="cash")
    debit = CheckoutAttempt.Status.PENDING
    CheckoutAttempt.objects.create(invoice=due(-3), number=1, amount=1, status=debit, created_at=NOW)
    returned = due(2)
    payment = pay(returned, returned.gross + 20, on=date(TODAY.year, 1, 1))
    go_back(payment, 5)  # of the surplus
    credit_invoice(invoice=returned, reason="dubbel", at=NOW, by=None)
    go_back(payment, 300, on=date(TODAY.year, 1, 1))
    for kind, net in (("mistake", 400), ("recall", 600)):
        undone = due(4, net=net)
        payment = pay(undone, undone.gross + 3)
        undo_payment(payment=payment, kind=kind, returned_on=TODAY, reason="fout", at=NOW, by=None)
    for on, method in ((date(TODAY.year, 1, 1), "stripe"), (TODAY - timedelta(days=366), "cash")):
        paid = due(3)
        pay(paid, paid.gross, on=on, method=method)
    content = bank_file(entry(60, text="zonder", reference="2"), entry(-8, text="kosten", reference="4"))
    keep_bank_file(content=content, name="bank.xml", at=NOW, by=None)
    StripeEvent.objects.create(event_id="evt_1", type="x", payload={}, received_at=NOW)
    Dispatch.objects.create(
        invoice=too_much,
        channel="peppol",
        address="0208:0999888767",
        state="failed",
        error="weg",
        created_at=NOW,
        queued_at=NOW,
        settled_at=NOW,
    )
    for amount in (30, 12):
        late = withdraw_pro_forma(pro_forma=ask(), reason="vergist", at=NOW, by=None)
        pay(late, Decimal(amount))
    ask()  # asked, and in no figure
    treatment = VatTreatment.objects.get(slug="standard")
    VatTreatment.objects.exclude(pk=treatment.pk).update(signed_off_on=TODAY, signed_off_by="An")
    mark_overdue(NOW - timedelta(days=40))


def rows_of(page: Any) -> list[Any]:
    context = page.context
    return [
        *context["open_rows"],
        context["overdue"],
        context["all_open"],
        context["pending"],
        *(row for row, _net in context["expected_rows"]),
        *context["waiting_rows"],
    ]


def test_each_figure_is_the_total_of_the_list_that_it_leads_to(treasurer: Client) -> None:
    a_life_of_invoices()
    page = treasurer.get(DESK)
    html, wrong = page.content.decode(), []
    rows = [row for row in rows_of(page) if "memberships" not in row.url]
    assert len(rows) == 16
    for row in rows:
        assert row.url.replace("&", "&amp;") in html
        listed = treasurer.get(row.url)
        # Of invoices and payments, what is still open, too much, or to be assigned stands last.
        amount = listed.context["sums"][-1][1] if "sums" in listed.context else None
        found = (listed.context["paginator"].count, amount if row.amount is not None else None)
        if found != (row.count, None if row.amount is None else say_euro(row.amount)) or not row.count:
            wrong.append(f"{row.label}: {row.count}, {row.amount}; the list: {found}")
    for label, amounts in page.context["received_rows"]:
        for amount, url in amounts:
            sums = treasurer.get(url).context["sums"]
            if sums[0][1] != say_euro(abs(amount)) or ("reversals" in url) != (amount < 0):
                wrong.append(f"{label}: {amount}; the list: {sums}")
    assert not wrong, "\n".join(wrong)
    *_methods, (_total, (in_month, in_year)), (_back, (back_in_month, back_in_year)) = page.context[
        "received_rows"
    ]
    recalled, mistaken = Decimal(726 + 3), Decimal(484 + 3)
    assert back_in_month[0] == -recalled - (5 if TODAY.month > 1 else 305)
    assert back_in_year[0] == -recalled - 305
    reckoned = list(with_refundable(with_open_amount(Invoice.objects.all())))
    assert [each.refundable for each in reckoned] == [refundable_amount(each) for each in reckoned]
    assert sum(each.refundable for each in reckoned) == 7 + 1210 + 20 - 305
    for amount, days in ((in_month[0], month_of(TODAY)), (in_year[0], (date(TODAY.year, 1, 1), TODAY))):
        payments = Payment.objects.filter(received_on__range=days)
        assert amount == sum(payments.values_list("amount", flat=True)) - mistaken > 0
    assert in_year[0] < sum(Payment.objects.values_list("amount", flat=True))


def test_what_is_overdue_is_told_by_age_and_adds_up_to_what_is_open() -> None:
    for days, net in ((0, 1), (-1, 2), (-30, 4), (-31, 8), (-60, 16), (-61, 32), (-90, 64), (-91, 128)):
        due(days, net=net * 100)
    found = receivables(TODAY)
    gross = [Decimal(121 * net) for net in (2 + 4, 8 + 16, 32 + 64, 128)]
    assert [each.amount for each in found.overdue] == gross
    assert [each.count for each in found.overdue] == [2, 2, 2, 1]
    assert found.not_due == found.due_this_month == Figure(1, Decimal(121))
    assert (found.all_open.count, found.all_open.amount) == (8, sum(gross) + 121)


def test_what_is_due_today_is_not_overdue_and_the_month_ends_with_its_last_day() -> None:
    assert month_of(date(2028, 2, 10)) == (date(2028, 2, 1), date(2028, 2, 29))
    assert month_of(date(2026, 12, 31)) == (date(2026, 12, 1), date(2026, 12, 31))
    last = month_of(TODAY)[1]
    due((last - TODAY).days)
    due((last - TODAY).days + 1)
    assert receivables(TODAY).due_this_month.count == 1


def test_what_a_higher_app_will_invoice_is_reckoned_with_vat(
    treasurer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    belgian, dutch = CustomerFactory.create(), abroad()
    confirm_vat_number(dutch, checked_at=NOON)

    def expected(today: date, until: date) -> list[ExpectedCharge]:
        asked.append((today, until))
        return [ExpectedCharge(each, today, Decimal("100.03")) for each in (belgian, dutch)]

    one = ExpectedIncome("test", "Proef", expected, "billing_invoices:index", "billing.view_invoice")
    monkeypatch.setattr(expected_income, "_entries", {"test": one})
    issue()
    page = treasurer.get(DESK)
    [_due, (row, net)] = page.context["expected_rows"]
    assert asked == [(TODAY, month_of(TODAY)[1])]
    assert (row.label, row.count, net) == ("Proef", 2, Decimal("200.06"))
    assert row.amount == Decimal("121.04") + Decimal("100.03")
    assert row.amount == Decimal("121.04") + issue(line(unit_price=Decimal("100.03")), customer=dutch).gross


def test_the_desk_costs_the_same_queries_for_few_invoices_and_for_many(treasurer: Client) -> None:
    counts = []
    treasurer.get(DESK)  # what a process asks once
    for count in (20, 180):
        for number in range(count):
            due(number % 200 - 100)
        with CaptureQueriesContext(connection) as queries:
            assert treasurer.get(DESK).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 35


def test_the_start_of_the_back_office_shows_it_to_who_may_read_invoices(client: Client, site: Site) -> None:
    a_life_of_invoices()
    overdue = say_euro(receivables(TODAY).all_overdue.amount)
    for role, may in (("finance", True), ("administrator", True), ("board", True), ("editor", False)):
        client.force_login(person(role))
        html = client.get("/admin/").content.decode()
        assert (DESK in html and overdue in html) == may, role
        assert client.get(DESK).status_code == (200 if may else 302), role
    client.force_login(person("events"))
    assert client.get(DESK).status_code == 302


def test_the_board_reads_it_and_is_led_nowhere_that_it_may_not_go(client: Client, site: Site) -> None:
    a_life_of_invoices()
    client.force_login(person("board"))
    page = client.get(DESK)
    assert "/stripe/" not in re.sub(r"(?s)<(script|nav).*?</\1>", "", page.content.decode())
    links = [row.url for row in rows_of(page)] + [
        url for _l, each in page.context["received_rows"] for _a, url in each
    ]
    assert all(client.get(url).status_code == 200 for url in links)


def test_an_empty_desk_opens_too(treasurer: Client) -> None:
    page = treasurer.get(DESK)
    assert page.status_code == 200
    assert {row.count for row in rows_of(page)} == {0}
