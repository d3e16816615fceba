from decimal import Decimal

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("billing", "0017_count_lines")]

    operations = [
        migrations.AddField(
            model_name="chargerules",
            name="highest_debit",
            field=models.DecimalField(
                decimal_places=2,
                default=Decimal(10000),
                help_text=(
                    "In euros: what Stripe collects at once, 10,000 unless it allows your account more. Above it "
                    "the payment page offers no direct debit, and nothing is collected by a saved one."
                ),
                max_digits=8,
                validators=[django.core.validators.MinValueValidator(Decimal("0.50"))],
                verbose_name="highest direct debit",
            ),
        ),
    ]
