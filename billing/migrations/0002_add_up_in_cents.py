from django.db import migrations, models
from django.db.models.functions import Round


class Migration(migrations.Migration):
    dependencies = [("billing", "0001_initial")]

    operations = [
        migrations.RemoveConstraint(model_name="invoice", name="billing_invoice_adds_up"),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.CheckConstraint(
                condition=models.Q(gross=Round(models.F("net") + models.F("vat"), 2)),
                name="billing_invoice_adds_up",
            ),
        ),
    ]
