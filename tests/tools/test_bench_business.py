"""The scenarios of a busy year, small: their books hold, their file is a bank's, and growth is told."""

from decimal import Decimal

import pytest
from django.core.management import call_command
from django.utils import timezone

from billing.models import Invoice, Payment
from billing.queries import open_amount
from home.models import HomePage
from membership.models import Charge
from tests.factories.billing import fill_in_issuer
from tests.tools.test_bench import measure
from tools.bench import business, ledger, statement
from tools.bench.__main__ import grown
from tools.bootstrap import Refusal


@pytest.fixture(autouse=True)
def _issuer(db: None) -> None:
    fill_in_issuer()


def test_members_of_the_bench_are_renewed(home: HomePage) -> None:
    ledger.add_members(2)
    call_command("run_due", only="renewal invoices", verbosity=0)
    renewed = Charge.objects.filter(purpose=Charge.Purpose.RENEWAL, invoice__isnull=False)
    assert renewed.count() == Invoice.objects.count() == 2


def test_invoices_of_the_bench_are_numbered_on_and_paid_where_asked() -> None:
    customers = ledger.add_customers(3)
    (first,) = ledger.add_invoices(customers[:1])
    ledger.add_invoices(customers[1:], is_paid=True)
    assert list(Invoice.objects.order_by("pk").values_list("sequence", flat=True)) == [1, 2, 3]
    assert (open_amount(first), first.totals.gross) == (Decimal("1210.00"), Decimal("1210.00"))
    assert Payment.objects.count() == 2


def test_a_bank_file_of_the_bench_finds_what_it_pays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(business, "FILES", (10, 20))
    monkeypatch.setattr(business, "OPEN_INVOICES", 10)
    file, linear = business.bank_files()
    assert "20 lines, 10 open invoices" in file.name
    assert "linear" in linear.promised
    invoice = ledger.add_invoices(ledger.add_customers(1))[0]
    with pytest.raises(Refusal, match="1 lines of wrong found their invoice, not 2"):
        business._take([statement.by_reference(invoice)], name="wrong", matched=2)


def test_books_are_filled_up_to_a_number() -> None:
    ledger.add_customers(2)
    business.fill(8)
    business.fill(4)
    assert business.invoices() == 8
    assert Invoice.objects.filter(status="paid").count() == 6
    assert Invoice.objects.filter(issued_on__lte=timezone.localdate()).count() == 8


def test_a_list_that_asks_more_where_the_books_are_long_breaks_a_promise() -> None:
    few = {"invoices": measure(queries=15), "payments": measure(queries=11)}
    assert list(grown(few, few)) == []
    many = {**few, "payments": measure(queries=12)}
    assert list(grown(few, many)) == ["payments: 12 queries, 11 where the books are short"]
