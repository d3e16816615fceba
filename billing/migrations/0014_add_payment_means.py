import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0013_add_pro_formas"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ChargeRules",
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
                        help_text="Off: nothing more is planned or charged, and payers are asked to pay by transfer.",
                        verbose_name="charge saved means of payment",
                    ),
                ),
                (
                    "first_retry_days",
                    models.PositiveSmallIntegerField(
                        default=3,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(14),
                        ],
                        verbose_name="second try",
                    ),
                ),
                (
                    "second_retry_days",
                    models.PositiveSmallIntegerField(
                        default=7,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(14),
                        ],
                        verbose_name="third try",
                    ),
                ),
            ],
            options={
                "verbose_name": "automatic payments",
            },
        ),
        migrations.AddField(
            model_name="checkoutattempt",
            name="agreed_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="agreed by",
            ),
        ),
        migrations.AddField(
            model_name="checkoutattempt",
            name="intent_id",
            field=models.CharField(blank=True, max_length=255, verbose_name="number at Stripe"),
        ),
        migrations.AddField(
            model_name="checkoutattempt",
            name="saves_means",
            field=models.BooleanField(default=False, verbose_name="saves the means of payment"),
        ),
        migrations.CreateModel(
            name="AutomaticPayment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("planned", "planned"),
                            ("under_way", "under way"),
                            ("paid", "paid"),
                            ("stopped", "stopped"),
                            ("given_up", "refused: to be paid by transfer"),
                        ],
                        default="planned",
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                (
                    "charge_on",
                    models.DateField(
                        help_text="The day that was announced.", verbose_name="day of the charge"
                    ),
                ),
                ("next_on", models.DateField(blank=True, null=True, verbose_name="next try")),
                ("announced_at", models.DateTimeField(blank=True, null=True, verbose_name="announced at")),
                (
                    "announced_amount",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=12,
                        null=True,
                        verbose_name="announced amount",
                    ),
                ),
                ("not_before", models.DateField(blank=True, null=True, verbose_name="not before")),
                ("tries", models.PositiveSmallIntegerField(default=0, verbose_name="tries")),
                (
                    "failed",
                    models.PositiveSmallIntegerField(
                        default=0,
                        help_text="Tries with this means of payment that were refused.",
                        verbose_name="refused",
                    ),
                ),
                ("planned_at", models.DateTimeField(verbose_name="planned at")),
                (
                    "stopped_because",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("payer", "by the payer"),
                            ("staff", "by us"),
                            ("means", "the means of payment ended"),
                            ("settled", "paid otherwise, or credited"),
                            ("off", "automatic payments are off"),
                        ],
                        max_length=10,
                        verbose_name="stopped because",
                    ),
                ),
                ("stopped_note", models.CharField(blank=True, max_length=300, verbose_name="reason")),
                (
                    "invoice",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="automatic_payment",
                        to="billing.invoice",
                        verbose_name="invoice",
                    ),
                ),
            ],
            options={
                "verbose_name": "automatic payment",
                "verbose_name_plural": "automatic payments",
                "ordering": ("-planned_at", "-pk"),
                "default_permissions": ("change", "view"),
            },
        ),
        migrations.CreateModel(
            name="MeansSetup",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("agreed_at", models.DateTimeField(verbose_name="agreed at")),
                (
                    "words",
                    models.CharField(default="2026-11", max_length=20, verbose_name="version of the wording"),
                ),
                (
                    "session_id",
                    models.CharField(
                        blank=True, max_length=255, null=True, unique=True, verbose_name="session"
                    ),
                ),
                ("intent_id", models.CharField(blank=True, max_length=255, verbose_name="number at Stripe")),
                ("is_done", models.BooleanField(default=False, verbose_name="completed")),
                (
                    "agreed_by",
                    models.ForeignKey(
                        blank=True,
                        help_text="Nobody: whoever held the private link of an invoice.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="agreed by",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="means_setups",
                        to="billing.customer",
                        verbose_name="customer",
                    ),
                ),
            ],
            options={
                "verbose_name": "visit to save a means of payment",
                "verbose_name_plural": "visits to save a means of payment",
                "ordering": ("-agreed_at", "-pk"),
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="PaymentMeans",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("agreed_at", models.DateTimeField(verbose_name="agreed at")),
                (
                    "words",
                    models.CharField(default="2026-11", max_length=20, verbose_name="version of the wording"),
                ),
                ("stripe_id", models.CharField(max_length=255, unique=True, verbose_name="number at Stripe")),
                (
                    "kind",
                    models.CharField(
                        choices=[("card", "card"), ("sepa_debit", "direct debit")],
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                ("brand", models.CharField(blank=True, max_length=40, verbose_name="brand")),
                ("last4", models.CharField(blank=True, max_length=4, verbose_name="last four characters")),
                (
                    "expires_year",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="year of expiry"),
                ),
                (
                    "expires_month",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="month of expiry"),
                ),
                ("country", models.CharField(blank=True, max_length=2, verbose_name="country of the bank")),
                (
                    "mandate_id",
                    models.CharField(
                        blank=True, db_index=True, max_length=255, verbose_name="mandate at Stripe"
                    ),
                ),
                (
                    "mandate_reference",
                    models.CharField(blank=True, max_length=100, verbose_name="reference of the mandate"),
                ),
                ("mandate_url", models.URLField(blank=True, max_length=1000, verbose_name="mandate")),
                ("saved_at", models.DateTimeField(verbose_name="saved at")),
                (
                    "told_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="By the clock of Stripe.",
                        null=True,
                        verbose_name="last heard of",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("active", "in use"), ("ended", "ended")],
                        default="active",
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                (
                    "ended_because",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("payer", "stopped by the payer"),
                            ("staff", "stopped by us"),
                            ("detached", "removed at Stripe"),
                            ("mandate", "mandate withdrawn at the bank"),
                            ("replaced", "replaced by another"),
                            ("over", "the membership has ended"),
                            ("erased", "the data of the payer were erased"),
                        ],
                        max_length=10,
                        verbose_name="ended because",
                    ),
                ),
                ("ended_note", models.CharField(blank=True, max_length=300, verbose_name="reason")),
                (
                    "agreed_by",
                    models.ForeignKey(
                        blank=True,
                        help_text="Nobody: whoever held the private link of an invoice.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="agreed by",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="means",
                        to="billing.customer",
                        verbose_name="customer",
                    ),
                ),
            ],
            options={
                "verbose_name": "means of payment",
                "verbose_name_plural": "saved means of payment",
                "ordering": ("-saved_at", "-pk"),
                "default_permissions": ("change", "view"),
            },
        ),
        migrations.CreateModel(
            name="ChargeTry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="try")),
                ("amount", models.DecimalField(decimal_places=2, max_digits=12, verbose_name="amount")),
                (
                    "announced_amount",
                    models.DecimalField(decimal_places=2, max_digits=12, verbose_name="announced amount"),
                ),
                ("not_before", models.DateField(verbose_name="not before")),
                ("tried_on", models.DateField(verbose_name="day")),
                ("tried_at", models.DateTimeField(verbose_name="tried at")),
                ("asked_at", models.DateTimeField(verbose_name="last asked of Stripe")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("started", "to be asked of Stripe"),
                            ("pending", "waiting for the bank"),
                            ("paid", "paid"),
                            ("failed", "refused"),
                        ],
                        default="started",
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                (
                    "intent_id",
                    models.CharField(
                        blank=True, max_length=255, null=True, unique=True, verbose_name="number at Stripe"
                    ),
                ),
                ("code", models.CharField(blank=True, max_length=100, verbose_name="reason of the bank")),
                ("error", models.CharField(blank=True, max_length=1000, verbose_name="what went wrong")),
                (
                    "settled_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="paid or refused at"),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="charge_tries",
                        to="billing.automaticpayment",
                        verbose_name="automatic payment",
                    ),
                ),
                (
                    "means",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="billing.paymentmeans",
                        verbose_name="means of payment",
                    ),
                ),
            ],
            options={
                "verbose_name": "charge",
                "verbose_name_plural": "charges",
                "ordering": ("plan", "number"),
                "default_permissions": (),
            },
        ),
        migrations.AddField(
            model_name="automaticpayment",
            name="means",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="plans",
                to="billing.paymentmeans",
                verbose_name="means of payment",
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentmeans",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "active")),
                fields=("customer",),
                name="billing_means_one_in_use",
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentmeans",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ("card", "sepa_debit"))), name="billing_means_known_kind"
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentmeans",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", True), ("ended_because", ""), ("status", "active")),
                    models.Q(
                        ("ended_at__isnull", False),
                        ("status", "ended"),
                        models.Q(("ended_because", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="billing_means_ended_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentmeans",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "sepa_debit"), _negated=True),
                    models.Q(("mandate_id", ""), _negated=True),
                    _connector="OR",
                ),
                name="billing_means_debit_has_mandate",
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentmeans",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("expires_month__isnull", True), ("expires_month__range", (1, 12)), _connector="OR"
                ),
                name="billing_means_month_exists",
            ),
        ),
        migrations.AddConstraint(
            model_name="chargetry",
            constraint=models.UniqueConstraint(fields=("plan", "number"), name="billing_try_once"),
        ),
        migrations.AddConstraint(
            model_name="chargetry",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status__in", ("started", "pending"))),
                fields=("plan",),
                name="billing_try_one_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="chargetry",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "paid")), fields=("plan",), name="billing_try_paid_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="chargetry",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__gt", 0), ("amount__lte", models.F("announced_amount"))),
                name="billing_try_as_announced",
            ),
        ),
        migrations.AddConstraint(
            model_name="chargetry",
            constraint=models.CheckConstraint(
                condition=models.Q(("tried_on__gte", models.F("not_before"))), name="billing_try_not_too_soon"
            ),
        ),
        migrations.AddIndex(
            model_name="automaticpayment",
            index=models.Index(fields=["status", "next_on"], name="billing_automatic_next"),
        ),
        migrations.AddConstraint(
            model_name="automaticpayment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("announced_amount__isnull", True),
                        ("announced_at__isnull", True),
                        ("not_before__isnull", True),
                    ),
                    models.Q(
                        ("announced_amount__gt", 0),
                        ("announced_at__isnull", False),
                        ("not_before__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="billing_automatic_announced_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="automaticpayment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("not_before__isnull", True), ("charge_on__gte", models.F("not_before")), _connector="OR"
                ),
                name="billing_automatic_not_too_soon",
            ),
        ),
        migrations.AddConstraint(
            model_name="automaticpayment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "under_way"), _negated=True),
                    ("announced_at__isnull", False),
                    _connector="OR",
                ),
                name="billing_automatic_announced_first",
            ),
        ),
        migrations.AddConstraint(
            model_name="automaticpayment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "planned"), _negated=True),
                    ("next_on__isnull", False),
                    _connector="OR",
                ),
                name="billing_automatic_has_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="automaticpayment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "stopped"), models.Q(("stopped_because", ""), _negated=True)),
                    models.Q(models.Q(("status", "stopped"), _negated=True), ("stopped_because", "")),
                    _connector="OR",
                ),
                name="billing_automatic_stopped_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="automaticpayment",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ("planned", "under_way", "paid", "stopped", "given_up"))),
                name="billing_automatic_known_status",
            ),
        ),
    ]
