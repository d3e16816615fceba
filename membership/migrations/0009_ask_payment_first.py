from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0013_add_pro_formas"),
        ("membership", "0008_add_seats"),
    ]

    operations = [
        migrations.AddField(
            model_name="application",
            name="pays_online",
            field=models.BooleanField(
                default=False,
                help_text="Then the invoice is issued when the money is there.",
                verbose_name="pays online",
            ),
        ),
        migrations.AddField(
            model_name="lifecycle",
            name="asks_payment_first",
            field=models.BooleanField(
                default=False,
                help_text=(
                    "Who applies gets a pro forma invoice, and the invoice when the money is there. Who pays "
                    "online always does."
                ),
                verbose_name="ask for the payment first, also by bank transfer",
            ),
        ),
        migrations.AlterField(
            model_name="charge",
            name="invoice",
            field=models.OneToOneField(
                blank=True,
                help_text="Or its pro forma. None where nothing is to be paid, or nothing yet.",
                null=True,
                on_delete=models.deletion.PROTECT,
                related_name="+",
                to="billing.invoice",
                verbose_name="invoice",
            ),
        ),
    ]
