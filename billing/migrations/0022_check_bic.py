from django.db import migrations, models

import billing.models.issuer


class Migration(migrations.Migration):
    dependencies = [("billing", "0021_ask_about_visits")]

    operations = [
        migrations.AlterField(
            model_name="issuer",
            name="bic",
            field=models.CharField(
                blank=True,
                max_length=11,
                validators=[billing.models.issuer.validate_bic],
                verbose_name="BIC",
            ),
        ),
    ]
