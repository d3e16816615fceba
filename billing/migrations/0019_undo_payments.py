import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0018_highest_debit"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="reversal",
            options={
                "default_permissions": ("add", "view"),
                "ordering": ("-returned_on", "-pk"),
                "verbose_name": "refund or undone payment",
                "verbose_name_plural": "refunds and undone payments",
            },
        ),
        migrations.AlterField(
            model_name="reversal",
            name="kind",
            field=models.CharField(
                choices=[
                    ("refund", "refund"),
                    ("dispute", "chargeback"),
                    ("mistake", "booked in error"),
                    ("recall", "taken back by the bank"),
                ],
                max_length=10,
                verbose_name="kind",
            ),
        ),
        migrations.AddField(
            model_name="reversal",
            name="bank_entry",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reversals",
                to="billing.bankentry",
                verbose_name="bank line",
            ),
        ),
        migrations.RemoveConstraint(model_name="reversal", name="billing_reversal_known_kind"),
        migrations.AddConstraint(
            model_name="reversal",
            constraint=models.CheckConstraint(
                condition=Q(kind__in=("refund", "dispute", "mistake", "recall")),
                name="billing_reversal_known_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="reversal",
            constraint=models.CheckConstraint(
                condition=Q(kind__in=("refund", "dispute")) | ~Q(method="stripe") & ~Q(reason=""),
                name="billing_reversal_staff_give_reason",
            ),
        ),
        migrations.RemoveConstraint(model_name="bankentry", name="billing_bankentry_assigned_within"),
        migrations.AddConstraint(
            model_name="bankentry",
            constraint=models.CheckConstraint(
                condition=Q(assigned=0)
                | Q(assigned__gt=0, assigned__lte=F("amount"))
                | Q(assigned__lt=0, assigned__gte=F("amount")),
                name="billing_bankentry_assigned_within",
            ),
        ),
    ]
