from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    """Documents of before keep 0 and a transfer: their files stay as they were sent."""

    dependencies = [("billing", "0015_number_abroad")]

    operations = [
        migrations.AddField(
            model_name="invoice",
            name="prepaid",
            field=models.DecimalField(
                decimal_places=2,
                default=0,
                help_text="What of the total was paid when it was issued, by its pro forma.",
                max_digits=12,
                verbose_name="paid before",
            ),
        ),
        migrations.AddField(
            model_name="invoice",
            name="way",
            field=models.CharField(
                choices=[
                    ("transfer", "bank transfer"),
                    ("stripe", "online (Stripe)"),
                    ("cash", "cash"),
                    ("charge", "automatic payment"),
                ],
                default="transfer",
                help_text="As it was known on the day of issue.",
                max_length=10,
                verbose_name="way of payment",
            ),
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.CheckConstraint(
                condition=Q(prepaid=0) | Q(prepaid__gt=0, prepaid__lte=F("gross"), pro_forma__isnull=False),
                name="billing_invoice_prepaid_by_pro_forma",
            ),
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.CheckConstraint(
                condition=Q(way__in=("transfer", "charge"))
                | Q(way__in=("stripe", "cash"), prepaid=F("gross")),
                name="billing_invoice_known_way",
            ),
        ),
    ]
