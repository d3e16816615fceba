from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("billing", "0006_vat_of_lines_where_due")]

    operations = [
        migrations.AddField(
            model_name="invoice",
            name="buyer_reference",
            field=models.CharField(blank=True, max_length=100, verbose_name="your reference"),
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("reference__startswith", "desk:"), models.Q(("kind", "credit_note"), _negated=True)
                ),
                fields=("reference",),
                name="billing_invoice_desk_form_once",
            ),
        ),
    ]
