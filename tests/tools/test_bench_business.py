"""The scenarios of a busy year, small: their books hold, their file is a bank's, and growth is told."""

from decimal import Decimal
from shutil import rmtree
from typing import Any
from urllib.parse import parse_qsl

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import Site

from accounts.models import User
from billing.documents import ubl_file_name
from billing.models import BankEntry, DunningHold, Invoice, Payment, StripeEvent, VatCheck
from billing.queries import open_amount
from cms.operations.roles import mend_roles
from cms.roles import FINANCE
from demo.models import StoredFile
from home.models import HomePage
from membership.models import Charge, Membership
from tests.cms import slow_task
from tests.desk import titles_of
from tests.factories.billing import fill_in_issuer
from tests.queue import drain
from tests.tools.test_bench import measure
from tools.bench import business, ledger, lists, papers, statement
from tools.bench.__main__ import grown
from tools.bench.client import Measure, Request
from tools.bootstrap import Refusal


@pytest.fixture(autouse=True)
def _issuer(db: None) -> None:
    fill_in_issuer()


class Visitors:
    """Sends what the bench sends, in this process; only so many are heard, the others go nowhere."""

    def __init__(self, heard: int) -> None:
        self.heard = heard

    def ask(self, request: Request, *, status: int) -> None:
        if self.heard:
            self.heard -= 1
            form = dict(parse_qsl((request.form or b"").decode()))
            answer = Client(headers={"origin": "http://testserver"}, REMOTE_ADDR=request.ip).post(
                request.path, form
            )
            assert answer.status_code == status

    def measure(self, requests: list[Request], *, status: int) -> Measure:
        for request in requests:
            self.ask(request, status=status)
        return measure(queries=30)


@pytest.mark.parametrize("heard", [4, 3, 0])
def test_who_joins_is_counted_by_the_invoices(
    home: HomePage, monkeypatch: pytest.MonkeyPatch, heard: int
) -> None:
    monkeypatch.setattr(business, "JOINS", 3)
    visitors: Any = Visitors(heard)
    if heard == 4:
        assert business.join(visitors).queries == 30
        return
    with pytest.raises(Refusal, match=f"{heard} invoices to {heard} customers of 4 who joined"):
        business.join(visitors)


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
    lists.fill(8, 2)
    lists.fill(4, 1)
    assert lists.invoices() == 8
    assert Invoice.objects.filter(status="paid").count() == 6
    assert Invoice.objects.filter(issued_on__lte=timezone.localdate()).count() == 8
    assert Invoice.documents.filter(kind="pro_forma").count() == Membership.objects.count() == 2
    assert BankEntry.objects.filter(status="waiting").count() == 2
    for model in (DunningHold, StripeEvent, VatCheck):
        assert model.objects.count() == 2, model


def test_each_list_takes_as_many_queries_where_the_books_are_longer(site: Site, client: Client) -> None:
    mend_roles()
    person = User.objects.create_user("penning@demo.example", is_staff=True)
    person.groups.add(Group.objects.get(name=FINANCE))
    client.force_login(person)
    asked: list[dict[str, int]] = []
    for length in (8, lists.PAGE + 10):
        lists.fill(length, length)
        found = {}
        for name, address in lists.lists().items():
            if not asked:
                client.get(address)  # warms up
            with CaptureQueriesContext(connection) as queries:
                answer = client.get(address)
                b"".join(answer)
            assert answer.status_code == 200, name
            found[name] = len(queries)
        asked.append(found)
    assert asked[0] == asked[1]
    held = titles_of(client.get(lists.lists()["invoices, reminders held"]))
    assert len(held) == DunningHold.objects.count() < len(titles_of(client.get(lists.lists()["invoices"])))


def test_papers_count_when_they_are_there(home: HomePage) -> None:
    ledger.add_members(2)
    call_command("run_due", only="renewal invoices", verbosity=0)
    invoices = list(Invoice.objects.all())
    rmtree(settings.DATA_DIR / "private" / "peppol-outbox", ignore_errors=True)  # what other tests wrote
    assert (papers.count_pdfs(invoices), papers.count_ubls(invoices, settings.DATA_DIR)) == (0, 0)
    with pytest.raises(Refusal, match="2 invoices, 0 PDFs, 0 UBL files of 1,000 renewals"):
        business.check_papers(after=0, log=settings.DATA_DIR / "log")
    with override_settings(EMAIL_BACKEND="demo.mailbox.MailboxBackend"):
        drain()
    assert (papers.count_pdfs(invoices), papers.count_ubls(invoices, settings.DATA_DIR)) == (2, 2)
    StoredFile.objects.filter(name__contains=invoices[0].number).update(content=b"half")
    folder = settings.DATA_DIR / "private" / "peppol-outbox"
    file = folder / ubl_file_name(invoices[1])
    file.write_bytes(file.read_bytes()[:-20])
    assert (papers.count_pdfs(invoices), papers.count_ubls(invoices, settings.DATA_DIR)) == (1, 1)


def test_a_failed_task_is_no_figure() -> None:
    papers.refuse_failed_tasks()
    slow_task.fail.enqueue("broken on purpose")
    drain()
    with pytest.raises(Refusal, match="Tasks failed: 1 × tests.cms.slow_task.fail"):
        business.drain()


def test_a_list_that_asks_more_where_the_books_are_long_breaks_a_promise() -> None:
    few = {"invoices": measure(queries=15), "payments": measure(queries=11)}
    assert list(grown(few, few)) == []
    many = {**few, "payments": measure(queries=12)}
    assert list(grown(few, many)) == ["payments: 12 queries, 11 where the books are short"]
