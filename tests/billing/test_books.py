"""A pro forma stands in no book: each list, sum and export is asked; who asks for all documents says why."""

import ast
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from wagtail.models import Site

from billing.documents import is_for_peppol
from billing.exports import booked_lines
from billing.models import Invoice, Issuer, Reminder
from billing.operations.delivery import NotForPeppol, send_peppol_again
from billing.operations.dunning import send_due_reminders
from billing.operations.overdue import mark_overdue
from billing.operations.pro_formas import invoice_pro_forma, withdraw_pro_forma
from billing.queries import (
    invoices_to_remind,
    issued_between,
    open_invoices,
    open_items,
    receivables,
    unsigned_invoices,
    waiting_for_somebody,
)
from tests.billing.paying import pay
from tests.billing.test_desk import person
from tests.factories.billing import NOON, ask, fill_in_issuer, issue

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parent.parent.parent
DAYS = timedelta(days=200)

# Who asks for all documents, pro formas too, each with its reason; all others meet what stands in the books.
REASONS = {
    "billing/documents/__init__.py": "a pro forma has a PDF, which is mailed",
    "billing/forms/__init__.py": "a bank line may be for a pro forma",
    "billing/operations/account.py": "whose account was on a pro forma is told that it changed",
    "billing/operations/bank_lines.py": "a bank line may be for a pro forma",
    "billing/operations/checkout.py": "a pro forma is paid online",
    "billing/operations/delivery.py": "a pro forma is mailed",
    "billing/operations/invoices.py": "money may come for a pro forma",
    "billing/operations/pro_formas.py": "makes them",
    "billing/operations/refunds.py": "what came for a withdrawn pro forma is paid back",
    "billing/operations/reversals.py": "what came for a pro forma may go back",
    "billing/operations/undoing.py": "what came for a pro forma is undone too",
    "billing/queries/bank.py": "a bank line may be for a pro forma",
    "billing/queries/open_items.py": "money that came for a pro forma is owed to its payer",
    "billing/queries/invoices.py": "whether something is being paid",
    "billing/queries/personal.py": "one's own data",
    "billing/queries/pro_formas.py": "the list of pro formas",
    "billing/tasks.py": "the pay page of a pro forma is closed",
    "billing/views.py": "a pro forma has a page",
    "billing/viewsets/bank_actions.py": "a bank line may be for a pro forma",
    "billing/viewsets/desk.py": "staff act on a pro forma",
    "billing/viewsets/invoices.py": "leads to the page of a pro forma",
    "membership/operations/charges.py": "a pro forma is locked as an invoice is",
    "membership/operations/organisations.py": "a customer who was asked for money stays",
    "membership/queries/members.py": "what is left of an application that was asked for first",
    "membership/queries/standing.py": "something may be paid of an application that was asked for first",
    "membership/queries/own.py": "a member sees what is to be paid",
    "membership/viewsets/bulk.py": "applications that were asked for first are approved too",
}


def test_who_asks_for_all_documents_says_why() -> None:
    asking = {
        str(path.relative_to(ROOT))
        for app in ROOT.glob("*/apps.py")
        for path in app.parent.rglob("*.py")
        if any(
            isinstance(node, ast.Attribute) and node.attr in ("documents", "_base_manager")
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id == "Invoice"
        )
    }
    assert asking == set(REASONS)


@pytest.fixture
def asked(site: Site) -> list[Invoice]:
    """Pro formas: open and past its day, withdrawn with late money, paid without an invoice."""
    late = ask()
    withdrawn = withdraw_pro_forma(pro_forma=ask(), reason="vergist", at=NOON, by=None)
    pay(withdrawn, Decimal(40))
    received = ask()
    Issuer.objects.update(iban="")
    pay(received)
    fill_in_issuer()
    return [late, withdrawn, received]


def listed(rows: Any) -> set[str]:
    return {row if isinstance(row, str) else row.number for row in rows}


LISTS: dict[str, Callable[[], Any]] = {
    "all invoices": lambda: Invoice.objects.all(),
    "of a customer": lambda: [
        each for one in Invoice.documents.all() for each in one.customer.invoices.all()
    ],
    "accounting export": lambda: booked_lines(None, None),
    "issued in a period": lambda: issued_between(None, None),
    "receivables": open_invoices,
    "reminders": lambda: [Invoice.documents.get(pk=pk) for pk, _level in invoices_to_remind(NOON + DAYS)],
    "not signed off": unsigned_invoices,
}


@pytest.mark.parametrize("name", LISTS)
def test_no_list_of_the_books_holds_one(asked: list[Invoice], name: str) -> None:
    assert not listed(LISTS[name]())
    invoice = issue()
    assert mark_overdue(NOON + DAYS) == 1
    assert listed(LISTS[name]()) == {invoice.number}


def test_the_balance_of_debtors_holds_what_came_for_one_and_nothing_else(asked: list[Invoice]) -> None:
    _late, withdrawn, received = asked
    left = {item.number: item.left for item in open_items(timezone.localdate() + DAYS)}
    assert left == {withdrawn.number: Decimal(-40), received.number: -received.gross}
    made = invoice_pro_forma(pro_forma=received, at=NOON, by=None)
    assert {item.number for item in open_items(timezone.localdate() + DAYS)} == {withdrawn.number}
    assert made.status == "paid"


def test_the_clock_passes_them_by(asked: list[Invoice]) -> None:
    assert mark_overdue(NOON + DAYS) == 0
    assert send_due_reminders(NOON + DAYS) == 0
    assert not Reminder.objects.exists()
    assert sorted(Invoice.documents.values_list("status", flat=True)) == ["issued", "received", "withdrawn"]


def test_no_figure_of_the_desk_counts_one_but_its_own(asked: list[Invoice]) -> None:
    figures = receivables(timezone.localdate())
    assert (figures.all_open.count, figures.all_open.amount, figures.held.count) == (0, Decimal(0), 0)
    waiting = waiting_for_somebody()
    assert (waiting.refundable.count, waiting.unsigned) == (0, 0)
    assert (waiting.pro_formas.count, waiting.pro_formas.amount) == (2, Decimal(1250))


@pytest.mark.parametrize("form", ["ubl", "pdf", "csv"])
def test_the_files_of_a_period_leave_them_out(asked: list[Invoice], tmp_path: Path, form: str) -> None:
    invoice = issue()
    call_command("export_invoices", format=form, output=tmp_path)
    content = b"".join(path.name.encode() + path.read_bytes() for path in tmp_path.iterdir())
    assert invoice.number.encode() in content
    assert b"UB2026" not in content


def test_none_goes_by_peppol(asked: list[Invoice]) -> None:
    for pro_forma in asked:
        assert not is_for_peppol(pro_forma)
        assert set(pro_forma.dispatches.values_list("channel", flat=True)) == {"mail"}
    with pytest.raises((NotForPeppol, Invoice.DoesNotExist)):
        send_peppol_again(invoice=asked[0], at=NOON, by=None)


def test_the_lists_of_the_desk_keep_them_apart(asked: list[Invoice], client: Client) -> None:
    client.force_login(person("finance"))
    invoice, followed = issue(), ask()
    made = invoice_pro_forma(pro_forma=followed, at=NOON, by=None)
    for address in ("/admin/billing/invoices/", "/admin/billing/invoices/?refundable=true"):
        rows = client.get(address).context["object_list"]
        assert not {each.number for each in asked} & listed(rows)
    rows = client.get("/admin/billing/pro-formas/").context["object_list"]
    assert listed(rows) == {each.number for each in (*asked, followed)}
    page = client.get("/admin/billing/pro-formas/?waits=true")
    assert listed(page.context["object_list"]) == {each.number for each in asked[1:]}
    found = client.get(f"/admin/billing/pro-formas/?q={followed.structured_communication}")
    assert made.number in found.content.decode()
    for text in (asked[0].number.lower(), asked[0].communication):
        found = client.get("/admin/billing/invoices/", {"q": text}, follow=True)
        assert listed(found.context["object_list"]) == {asked[0].number}
    found = client.get("/admin/billing/invoices/", {"q": invoice.communication}, follow=True)
    assert listed(found.context["object_list"]) == {invoice.number}
    export = client.get("/admin/billing/pro-formas/?export=csv").getvalue()
    assert asked[0].number.encode() in export
    assert b"\n2026" not in export
    assert client.get(f"/admin/billing/invoices/ubl/{asked[0].pk}/").status_code == 404
    assert client.get(f"/admin/billing/pro-formas/inspect/{invoice.pk}/").status_code == 404
    answer = client.get(f"/admin/billing/invoices/inspect/{asked[0].pk}/")
    assert answer.headers["Location"] == f"/admin/billing/pro-formas/inspect/{asked[0].pk}/"
