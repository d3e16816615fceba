"""What migrations write on rows that were there before."""

from decimal import Decimal
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from billing.models import BankEntry, Invoice, InvoiceLine
from billing.models.guards import install_guards
from billing.operations.invoices import credit_invoice
from tests.billing.test_undoing import assign, take, undo
from tests.factories.bank import entry
from tests.factories.billing import NOON, issue, line

pytestmark = pytest.mark.django_db


def test_lines_from_before_get_their_vat_and_the_line_that_they_credit() -> None:
    invoice = issue(*(line(unit_price=Decimal("0.02")) for _number in range(3)), line(vat_treatment="exempt"))
    note = credit_invoice(invoice=invoice, reason="", at=NOON, by=None, is_mailed=False)
    kept = list(InvoiceLine.objects.order_by("pk").values())
    assert [row["vat"] for row in kept if row["invoice_id"] == invoice.pk] == [0, Decimal("0.01"), 0, 0]
    with connection.cursor() as cursor:
        # As it was: no guard knows the new columns, which are empty.
        on_table = " ON billing_invoiceline" if connection.vendor == "postgresql" else ""
        cursor.execute(f"DROP TRIGGER billing_invoiceline_immutable{on_table}")
        cursor.execute("UPDATE billing_invoiceline SET vat = 0, credits_id = NULL")
        install_guards(using="default")
        state = MigrationLoader(connection).project_state(("billing", "0005_credit_by_line"))
        editor = SimpleNamespace(connection=connection, execute=cursor.execute)
        import_module("billing.migrations.0005_credit_by_line").fill_in_lines(state.apps, editor)
    assert list(InvoiceLine.objects.order_by("pk").values()) == kept
    assert Invoice.objects.get(pk=note.pk).totals.vat == note.vat


def test_lines_from_before_that_gave_back_what_they_paid_in_error_are_marked() -> None:
    undone, settled = (take(entry(1210, reference=name)).entries.get() for name in "12")
    undo(assign(undone, issue()))
    assign(settled, issue())
    with connection.cursor() as cursor:
        on_table = " ON billing_bankentry" if connection.vendor == "postgresql" else ""
        cursor.execute(f"DROP TRIGGER billing_bankentry_immutable{on_table}")
        cursor.execute("UPDATE billing_bankentry SET doubt = ''")
        install_guards(using="default")
        editor = SimpleNamespace(connection=connection, execute=cursor.execute)
        import_module("billing.migrations.0020_give_back_lines").mark_lines(None, editor)
    assert [BankEntry.objects.get(pk=each.pk).doubt for each in (undone, settled)] == ["given_back", ""]


def test_documents_from_before_get_the_number_of_their_lines() -> None:
    invoices = [issue(*(line() for _number in range(count))) for count in (1, 3)]
    with connection.cursor() as cursor:
        on_table = " ON billing_invoice" if connection.vendor == "postgresql" else ""
        cursor.execute(f"DROP TRIGGER billing_invoice_immutable{on_table}")
        cursor.execute("UPDATE billing_invoice SET line_count = 1")
        install_guards(using="default")
        editor = SimpleNamespace(connection=connection, execute=cursor.execute)
        import_module("billing.migrations.0017_count_lines").count_lines(None, editor)
    assert [Invoice.objects.get(pk=invoice.pk).line_count for invoice in invoices] == [1, 3]
