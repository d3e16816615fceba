"""Triggers that hold issued rows unchanged, whoever writes: the database's half of `Issued`.

They are written anew after each migration, because SQLite drops a table's triggers when it alters the table.
Nothing that is guarded is deleted either, nor is a table emptied (`manage.py flush`): a database with issued
documents is dropped whole, as `make demo-reset` does, or put back from a copy, as the tests do.
"""

from typing import Any

from django.db import connections

from billing.models.bank import BankAllocation, BankEntry, BankFile
from billing.models.dispatches import Dispatch, PeppolLookup
from billing.models.dunning import Reminder
from billing.models.invoices import Invoice, InvoiceLine, Issued
from billing.models.payments import Payment
from billing.models.reversals import Reversal
from billing.models.vat_checks import VatCheck

GUARDED: tuple[tuple[type[Issued], tuple[str, ...]], ...] = (
    (Invoice, Invoice.MUTABLE),
    (InvoiceLine, InvoiceLine.MUTABLE),
    (Payment, ("recorded_by_id", "invoice_id", "surplus")),  # a person may be erased; the payment stays
    (Reversal, ("recorded_by_id", *Reversal.MUTABLE)),
    (BankFile, ("uploaded_by_id",)),
    (BankEntry, ("assigned", "doubt", "status", "reason", "error", "settled_at", "settled_by_id")),
    (BankAllocation, ()),
    (Reminder, ("sent_by_id",)),
    (Dispatch, tuple(name for name in Dispatch.MUTABLE if name != "by")),
    (PeppolLookup, ()),
    (VatCheck, ("by_id",)),
)
DELETED = (VatCheck,)
"""Guarded, but they go with a customer who is erased before anything was issued to them."""
MESSAGE = "issued rows are immutable"
STAYS = (
    "(CASE WHEN OLD.invoice_id = NEW.invoice_id THEN OLD.surplus <> NEW.surplus ELSE NOT EXISTS "
    "(SELECT 1 FROM billing_invoice WHERE id = NEW.invoice_id AND pro_forma_id = OLD.invoice_id) END)"
)
"""A payment stays where it is, with what of it was too much, unless it follows from a pro forma to its
invoice."""
COMPLETE = (
    "((SELECT COUNT(*) FROM billing_invoiceline WHERE invoice_id = NEW.invoice_id) >= "
    "(SELECT line_count FROM billing_invoice WHERE id = NEW.invoice_id))"
)
"""A document takes no more lines than it was issued with. Their number is written with the document and never
changes, so this holds for lines of nothing and below nothing too."""
READING: tuple[tuple[type[Issued], str, str, str], ...] = (
    (Payment, "billing_payment_stays", "UPDATE", STAYS),
    (InvoiceLine, "billing_invoiceline_complete", "INSERT", COMPLETE),
)
"""Table, name, event and refusal of the triggers that read another table."""


def install_guards(*, using: str, **_kwargs: Any) -> None:
    """Create or renew the triggers (receiver of post_migrate)."""
    connection = connections[using]
    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for model, mutable in GUARDED:
            if model._meta.db_table in tables:
                for statement in statements(connection.vendor, model, mutable):
                    cursor.execute(statement)
        for model, name, event, refused in READING:
            if model._meta.db_table in tables:
                for statement in _trigger(connection.vendor, model, name, event, refused):
                    cursor.execute(statement)


def lift_readers(*, using: str, **_kwargs: Any) -> None:
    """Drop the triggers that read another table, for SQLite alters that by renaming (on pre_migrate)."""
    connection = connections[using]
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            for _model, name, _event, _refused in READING:
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")


def statements(vendor: str, model: type[Issued], mutable: tuple[str, ...]) -> list[str]:
    """Return the SQL that refuses to change any column but the mutable ones, and to delete."""
    table = model._meta.db_table
    if vendor == "postgresql":
        rest = "".join(f" - '{column}'" for column in mutable)
        changed = f"(to_jsonb(OLD){rest}) IS DISTINCT FROM (to_jsonb(NEW){rest})"
    else:
        columns = [field.column for field in model._meta.concrete_fields if field.column not in mutable]
        changed = " OR ".join(f"OLD.{column} IS NOT NEW.{column}" for column in columns)
    guards = _trigger(vendor, model, f"{table}_immutable", "UPDATE", changed)
    if model not in DELETED:
        guards += _trigger(vendor, model, f"{table}_kept", "DELETE")
        if vendor == "postgresql":  # SQLite empties a table by deleting its rows
            guards += _trigger(vendor, model, f"{table}_emptied", "TRUNCATE")
    return guards


def _trigger(vendor: str, model: type[Issued], name: str, event: str, refused: str = "TRUE") -> list[str]:
    """Return the SQL that refuses an event on a table, for rows of which a condition holds."""
    table = model._meta.db_table
    if vendor == "postgresql":
        each, row = ("STATEMENT", "NULL") if event == "TRUNCATE" else ("ROW", "NEW")
        return [
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF {refused} THEN RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = "
            f"'integrity_constraint_violation'; END IF; RETURN {row}; END $$",
            f"DROP TRIGGER IF EXISTS {name} ON {table}",
            f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH {each} EXECUTE FUNCTION {name}()",
        ]
    return [
        f"DROP TRIGGER IF EXISTS {name}",
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW WHEN {refused} "
        f"BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END",
    ]
