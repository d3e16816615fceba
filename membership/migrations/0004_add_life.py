import django.core.validators
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0001_initial"),
        ("membership", "0003_add_policies"),
    ]

    operations = [
        migrations.CreateModel(
            name="Charge",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "purpose",
                    models.CharField(
                        choices=[("start", "first term"), ("renewal", "renewal"), ("upgrade", "upgrade")],
                        max_length=10,
                        verbose_name="purpose",
                    ),
                ),
                (
                    "term_starts_on",
                    models.DateField(
                        blank=True,
                        help_text="A first term starts on the day that it is paid.",
                        null=True,
                        verbose_name="first day of the term",
                    ),
                ),
                ("from_on", models.DateField(blank=True, null=True, verbose_name="from")),
                ("employees", models.PositiveIntegerField(verbose_name="number of employees")),
                (
                    "yearly_fee",
                    models.DecimalField(decimal_places=2, max_digits=9, verbose_name="yearly fee in EUR"),
                ),
                ("voided_at", models.DateTimeField(blank=True, null=True, verbose_name="void since")),
            ],
            options={
                "verbose_name": "charge",
                "verbose_name_plural": "charges",
                "ordering": ("membership", "pk"),
            },
        ),
        migrations.CreateModel(
            name="Lifecycle",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "first_notice_days",
                    models.PositiveSmallIntegerField(default=60, verbose_name="first notice"),
                ),
                (
                    "second_notice_days",
                    models.PositiveSmallIntegerField(default=30, verbose_name="second notice"),
                ),
                (
                    "last_notice_days",
                    models.PositiveSmallIntegerField(
                        default=7,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="last notice",
                    ),
                ),
                (
                    "invoice_days",
                    models.PositiveSmallIntegerField(
                        default=30,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="renewal invoice",
                    ),
                ),
                (
                    "application_days",
                    models.PositiveSmallIntegerField(
                        default=60,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="unpaid application",
                    ),
                ),
                (
                    "past_due_days",
                    models.PositiveSmallIntegerField(
                        default=30,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="past due",
                    ),
                ),
                (
                    "grace_days",
                    models.PositiveSmallIntegerField(
                        default=30,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="grace period, read-only",
                    ),
                ),
            ],
            options={
                "verbose_name": "life of a membership",
            },
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("ends_on", models.DateField(verbose_name="last day of the term")),
                ("days", models.PositiveSmallIntegerField(verbose_name="days before the end")),
                ("sent_at", models.DateTimeField(verbose_name="sent at")),
            ],
            options={
                "verbose_name": "renewal notice",
                "verbose_name_plural": "renewal notices",
                "ordering": ("membership", "ends_on", "-days"),
            },
        ),
        migrations.RemoveConstraint(
            model_name="membership",
            name="membership_one_open_an_organisation",
        ),
        migrations.RemoveConstraint(
            model_name="membership",
            name="membership_active_has_term",
        ),
        migrations.AddField(
            model_name="application",
            name="details",
            field=models.JSONField(
                default=dict,
                help_text="What the first invoice is made out to; the customer keeps it once that is paid.",
                verbose_name="details for the invoice",
            ),
        ),
        migrations.AddField(
            model_name="membership",
            name="engaged_until",
            field=models.DateField(
                blank=True,
                help_text="The last day of an engagement of several years; until then the tier does not go down.",
                null=True,
                verbose_name="engaged until",
            ),
        ),
        migrations.AddField(
            model_name="membership",
            name="lapses_on",
            field=models.DateField(
                blank=True,
                help_text="Unless all is paid by the day before, the membership ends on this day.",
                null=True,
                verbose_name="lapses on",
            ),
        ),
        migrations.AddField(
            model_name="membership",
            name="next_tier",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="membership.tier",
                verbose_name="tier of the next term",
            ),
        ),
        migrations.AddField(
            model_name="membership",
            name="resigned_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="cancelled at"),
        ),
        migrations.AddField(
            model_name="membership",
            name="resigned_because",
            field=models.CharField(
                blank=True,
                choices=[
                    ("budget", "Budget"),
                    ("little_use", "We made little use of it"),
                    ("other_priorities", "Other priorities"),
                    ("merged", "Merger, takeover or closure of the organisation"),
                    ("dissatisfied", "Not satisfied"),
                    ("other", "Another reason"),
                ],
                max_length=20,
                verbose_name="reason to cancel",
            ),
        ),
        migrations.AddField(
            model_name="membership",
            name="resigned_note",
            field=models.CharField(blank=True, max_length=500, verbose_name="in their own words"),
        ),
        migrations.AddField(
            model_name="tier",
            name="engagement_years",
            field=models.PositiveSmallIntegerField(
                default=1,
                help_text="So many terms one engages oneself for, each invoiced yearly; the tier does not go down before.",
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(10),
                ],
                verbose_name="engagement in years",
            ),
        ),
        migrations.AddField(
            model_name="tier",
            name="needs_approval",
            field=models.BooleanField(
                default=False,
                help_text="Staff approve an application before it is invoiced.",
                verbose_name="asks for approval",
            ),
        ),
        migrations.AlterField(
            model_name="membership",
            name="status",
            field=models.CharField(
                choices=[
                    ("applied", "applied"),
                    ("awaiting_payment", "awaiting payment"),
                    ("active", "active"),
                    ("past_due", "past due"),
                    ("grace", "in its grace period"),
                    ("lapsed", "lapsed"),
                    ("resigned", "cancelled"),
                    ("closed", "application closed"),
                ],
                default="applied",
                max_length=20,
                verbose_name="status",
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("status__in", ("applied", "awaiting_payment", "active", "past_due", "grace"))
                ),
                fields=("organisation",),
                name="membership_one_open_an_organisation",
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status__in", ("active", "past_due", "grace")), _negated=True),
                    models.Q(("ends_on__isnull", False), ("starts_on__isnull", False)),
                    _connector="OR",
                ),
                name="membership_active_has_term",
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status__in", ("past_due", "grace")), _negated=True),
                    ("lapses_on__isnull", False),
                    _connector="OR",
                ),
                name="membership_unpaid_has_last_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("resigned_at__isnull", True), ("resigned_because", "")),
                    models.Q(
                        ("resigned_at__isnull", False), models.Q(("resigned_because", ""), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="membership_resigned_with_reason",
            ),
        ),
        migrations.AddField(
            model_name="charge",
            name="invoice",
            field=models.OneToOneField(
                blank=True,
                help_text="None where nothing is to be paid, or nothing yet.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="billing.invoice",
                verbose_name="invoice",
            ),
        ),
        migrations.AddField(
            model_name="charge",
            name="membership",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="charges",
                to="membership.membership",
                verbose_name="membership",
            ),
        ),
        migrations.AddField(
            model_name="charge",
            name="tier",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="membership.tier",
                verbose_name="tier",
            ),
        ),
        migrations.AddField(
            model_name="notice",
            name="membership",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="notices",
                to="membership.membership",
                verbose_name="membership",
            ),
        ),
        migrations.AddConstraint(
            model_name="charge",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("voided_at__isnull", True), models.Q(("purpose", "upgrade"), _negated=True)
                ),
                fields=("membership", "term_starts_on"),
                name="membership_charge_once_a_term",
            ),
        ),
        migrations.AddConstraint(
            model_name="charge",
            constraint=models.CheckConstraint(
                condition=models.Q(("purpose", "start"), ("term_starts_on__isnull", False), _connector="OR"),
                name="membership_charge_has_term",
            ),
        ),
        migrations.AddConstraint(
            model_name="charge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("from_on__isnull", True), ("term_starts_on__isnull", True)),
                    ("from_on__gte", models.F("term_starts_on")),
                    _connector="OR",
                ),
                name="membership_charge_within_term",
            ),
        ),
        migrations.AddConstraint(
            model_name="charge",
            constraint=models.CheckConstraint(
                condition=models.Q(("yearly_fee__gte", 0)), name="membership_charge_not_negative"
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.UniqueConstraint(
                fields=("membership", "ends_on", "days"), name="membership_notice_once"
            ),
        ),
    ]
