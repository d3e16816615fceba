"""Triggers that hold issued rows unchanged, whoever writes: the database's half of `Issued`.

They are written anew after each migration, because SQLite drops a table's triggers when it alters the table.
Deleting is held by protected foreign keys and by the model, so that tests can empty their tables.
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
    (BankEntry, ("assigned", "status", "reason", "error", "settled_at", "settled_by_id")),
    (BankAllocation, ()),
    (Reminder, ("sent_by_id",)),
    (Dispatch, tuple(name for name in Dispatch.MUTABLE if name != "by")),
    (PeppolLookup, ()),
    (VatCheck, ("by_id",)),
)
MESSAGE = "issued rows are immutable"
STAYS = (
    "(CASE WHEN OLD.invoice_id = NEW.invoice_id THEN OLD.surplus <> NEW.surplus ELSE NOT EXISTS "
    "(SELECT 1 FROM billing_invoice WHERE id = NEW.invoice_id AND pro_forma_id = OLD.invoice_id) END)"
)
"""A payment stays where it is, with what of it was too much, unless it follows from a pro forma to its
invoice."""


def install_guards(*, using: str, **_kwargs: Any) -> None:
    """Create or renew the triggers (receiver of post_migrate)."""
    connection = connections[using]
    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for model, mutable in GUARDED:
            if model._meta.db_table in tables:
                for statement in statements(connection.vendor, model, mutable):
                    cursor.execute(statement)
        if Payment._meta.db_table in tables:
            for statement in stay_statements(connection.vendor):
                cursor.execute(statement)


def lift_stay(*, using: str, **_kwargs: Any) -> None:
    """Drop the trigger that reads another table, for SQLite alters that by renaming (on pre_migrate)."""
    connection = connections[using]
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(stay_statements(connection.vendor)[0])


def statements(vendor: str, model: type[Issued], mutable: tuple[str, ...]) -> list[str]:
    """Return the SQL that refuses to change any column but the mutable ones."""
    table = model._meta.db_table
    name = f"{table}_immutable"
    if vendor == "postgresql":
        rest = "".join(f" - '{column}'" for column in mutable)
        return [
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF (to_jsonb(OLD){rest}) IS DISTINCT FROM (to_jsonb(NEW){rest}) "
            f"THEN RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'integrity_constraint_violation'; END IF; "
            "RETURN NEW; END $$",
            f"DROP TRIGGER IF EXISTS {name} ON {table}",
            f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()",
        ]
    columns = [field.column for field in model._meta.concrete_fields if field.column not in mutable]
    changed = " OR ".join(f"OLD.{column} IS NOT NEW.{column}" for column in columns)
    return [
        f"DROP TRIGGER IF EXISTS {name}",
        f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} FOR EACH ROW WHEN {changed} "
        f"BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END",
    ]


def stay_statements(vendor: str) -> list[str]:
    """Return the SQL that refuses to move a payment but to the invoice of its pro forma."""
    table, name = Payment._meta.db_table, "billing_payment_stays"
    if vendor == "postgresql":
        return [
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF {STAYS} THEN RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'integrity_constraint_violation'; "
            "END IF; RETURN NEW; END $$",
            f"DROP TRIGGER IF EXISTS {name} ON {table}",
            f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()",
        ]
    return [
        f"DROP TRIGGER IF EXISTS {name}",
        f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} FOR EACH ROW WHEN {STAYS} "
        f"BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END",
    ]
