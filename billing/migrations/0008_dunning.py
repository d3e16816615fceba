import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0007_free_invoices"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Dunning",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "is_on",
                    models.BooleanField(
                        default=True,
                        help_text="Off: nobody is reminded but by hand.",
                        verbose_name="remind of overdue invoices",
                    ),
                ),
                (
                    "first_days",
                    models.PositiveSmallIntegerField(
                        default=7,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="reminder",
                    ),
                ),
                ("second_days", models.PositiveSmallIntegerField(default=21, verbose_name="second reminder")),
                ("final_days", models.PositiveSmallIntegerField(default=35, verbose_name="final notice")),
            ],
            options={
                "verbose_name": "payment reminders",
            },
        ),
        migrations.AddField(
            model_name="invoice",
            name="overdue_on",
            field=models.DateField(blank=True, null=True, verbose_name="marked as overdue on"),
        ),
        migrations.CreateModel(
            name="DunningHold",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.CharField(max_length=300, verbose_name="reason")),
                ("held_at", models.DateTimeField(verbose_name="since")),
                (
                    "invoice",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="dunning_hold",
                        to="billing.invoice",
                        verbose_name="invoice",
                    ),
                ),
            ],
            options={
                "verbose_name": "hold of reminders",
                "verbose_name_plural": "holds of reminders",
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="billing_hold_has_reason"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Reminder",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "level",
                    models.PositiveSmallIntegerField(
                        choices=[(1, "reminder"), (2, "second reminder"), (3, "final notice")],
                        verbose_name="level",
                    ),
                ),
                ("left", models.DecimalField(decimal_places=2, max_digits=12, verbose_name="open amount")),
                ("email", models.EmailField(max_length=254, verbose_name="e-mail address")),
                ("sent_at", models.DateTimeField(verbose_name="sent at")),
                (
                    "invoice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reminders",
                        to="billing.invoice",
                        verbose_name="invoice",
                    ),
                ),
                (
                    "sent_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="sent by",
                    ),
                ),
            ],
            options={
                "verbose_name": "payment reminder",
                "verbose_name_plural": "payment reminders",
                "ordering": ("invoice", "level"),
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("invoice", "level"), name="billing_reminder_once"),
                    models.CheckConstraint(
                        condition=models.Q(("level__in", (1, 2, 3))), name="billing_reminder_level"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("left__gt", 0)), name="billing_reminder_of_something"
                    ),
                ],
            },
        ),
    ]
