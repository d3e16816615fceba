from django.db import migrations, models


class Migration(migrations.Migration):
    """Apart from 0005: PostgreSQL alters no table with rows that the same transaction changed."""

    dependencies = [("billing", "0005_credit_by_line")]

    operations = [
        migrations.AddConstraint(
            model_name="invoiceline",
            constraint=models.CheckConstraint(
                condition=models.Q(("vat_category", "S"), ("vat", 0), _connector="OR"),
                name="billing_line_vat_where_due",
            ),
        ),
    ]
