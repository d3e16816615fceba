"""Writes on each line its part of the VAT, and on lines of credit notes which line they credit."""

import django.db.models.deletion
from django.db import migrations, models

from billing.money import spread_vat

BATCH = 500


def fill_in_lines(apps, schema_editor):
    """Notes so far were whole: their lines stand in the order of the invoice's."""
    connection = schema_editor.connection
    on_table = " ON billing_invoiceline" if connection.vendor == "postgresql" else ""
    schema_editor.execute(f"DROP TRIGGER IF EXISTS billing_invoiceline_immutable{on_table}")
    Invoice = apps.get_model("billing", "Invoice")
    InvoiceLine = apps.get_model("billing", "InvoiceLine")
    for invoice in Invoice.objects.order_by("pk").iterator(chunk_size=BATCH):
        lines = list(InvoiceLine.objects.filter(invoice=invoice).order_by("position"))
        credited = dict(InvoiceLine.objects.filter(invoice=invoice.credits_id).values_list("position", "pk"))
        for line, vat in zip(lines, spread_vat(lines), strict=True):
            line.vat, line.credits_id = vat, credited.get(line.position)
        InvoiceLine.objects.bulk_update(lines, ["vat", "credits"])


class Migration(migrations.Migration):
    dependencies = [("billing", "0004_add_bank_files")]

    operations = [
        migrations.AddField(
            model_name="invoiceline",
            name="vat",
            field=models.DecimalField(
                decimal_places=2,
                default=0,
                help_text="Its part of the VAT, which is rounded once for all lines of a rate.",
                max_digits=12,
                verbose_name="VAT",
            ),
        ),
        migrations.AddField(
            model_name="invoiceline",
            name="credits",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="credited_by",
                to="billing.invoiceline",
                verbose_name="credits",
            ),
        ),
        migrations.RunPython(fill_in_lines, migrations.RunPython.noop),
    ]
