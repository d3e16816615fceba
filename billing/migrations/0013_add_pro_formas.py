import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("billing", "0012_add_vat_checks")]

    operations = [
        migrations.RemoveConstraint(model_name="invoice", name="billing_invoice_known_status"),
        migrations.RemoveConstraint(model_name="invoice", name="billing_invoice_known_kind"),
        migrations.AddField(
            model_name="invoice",
            name="pro_forma",
            field=models.OneToOneField(
                blank=True,
                help_text="By which the money was asked before this invoice was issued.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="made",
                to="billing.invoice",
                verbose_name="pro forma invoice",
            ),
        ),
        migrations.AlterField(
            model_name="invoice",
            name="kind",
            field=models.CharField(
                choices=[
                    ("invoice", "invoice"),
                    ("payment_request", "payment request"),
                    ("credit_note", "credit note"),
                    ("pro_forma", "pro forma invoice"),
                ],
                default="invoice",
                max_length=20,
                verbose_name="kind",
            ),
        ),
        migrations.AlterField(
            model_name="invoice",
            name="status",
            field=models.CharField(
                choices=[
                    ("issued", "open"),
                    ("overdue", "overdue"),
                    ("paid", "paid"),
                    ("credited", "credited"),
                    ("received", "paid, waits for its invoice"),
                    ("invoiced", "invoiced"),
                    ("withdrawn", "withdrawn"),
                ],
                default="issued",
                max_length=20,
                verbose_name="status",
            ),
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.CheckConstraint(
                condition=Q(kind="pro_forma", status__in=("issued", "received", "invoiced", "withdrawn"))
                | (~Q(kind="pro_forma") & Q(status__in=("issued", "overdue", "paid", "credited"))),
                name="billing_invoice_known_status",
            ),
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.CheckConstraint(
                condition=Q(kind__in=("invoice", "payment_request", "credit_note", "pro_forma")),
                name="billing_invoice_known_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.CheckConstraint(
                condition=Q(pro_forma__isnull=True) | Q(kind__in=("invoice", "payment_request")),
                name="billing_invoice_follows_pro_forma",
            ),
        ),
    ]
