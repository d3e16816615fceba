"""Automatic payments: what is planned of an invoice, and each try to charge it."""

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, HelpPanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting

from billing import rules
from billing.models.invoices import Invoice
from billing.models.means import PaymentMeans

LAST_RETRY = 14
"""The last day after a first try on which there may be another: within the time of being past due."""


@register_setting(icon="rotate")
class ChargeRules(BaseGenericSetting):
    """Whether renewals are charged, and on which days a refused charge is tried again."""

    is_on = models.BooleanField(
        _("charge saved means of payment"),
        default=True,
        help_text=_("Off: nothing more is planned or charged, and payers are asked to pay by transfer."),
    )
    first_retry_days = models.PositiveSmallIntegerField(
        _("second try"), default=3, validators=[MinValueValidator(1), MaxValueValidator(LAST_RETRY)]
    )
    second_retry_days = models.PositiveSmallIntegerField(
        _("third try"), default=7, validators=[MinValueValidator(1), MaxValueValidator(LAST_RETRY)]
    )
    highest_debit = models.DecimalField(
        _("highest direct debit"),
        max_digits=8,
        decimal_places=2,
        default=rules.HIGHEST_DEBIT,
        validators=[MinValueValidator(rules.LEAST_ONLINE)],
        help_text=_(
            "In euros: what Stripe collects at once, 10,000 unless it allows your account more. Above it the "
            "payment page offers no direct debit, and nothing is collected by a saved one."
        ),
    )

    panels = [
        FieldPanel("is_on"),
        MultiFieldPanel(
            [
                HelpPanel(
                    _(
                        "Days after the first try. After the last one, or after a refusal that waiting does "
                        "not change, the payer is asked to pay by transfer."
                    )
                ),
                FieldRowPanel([FieldPanel("first_retry_days"), FieldPanel("second_retry_days")]),
            ],
            heading=_("A refused charge"),
        ),
        FieldPanel("highest_debit"),
    ]

    class Meta:
        verbose_name = _("automatic payments")

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    @property
    def retry_days(self) -> tuple[int, int]:
        """The days after the first try, in order."""
        return self.first_retry_days, self.second_retry_days

    def takes(self, means: PaymentMeans, amount: Decimal) -> bool:
        """Say whether Stripe takes an amount, in EUR, at once by what a customer saved."""
        is_debit = means.kind == PaymentMeans.Kind.SEPA_DEBIT
        return rules.is_payable_online(amount) and not (is_debit and amount > self.highest_debit)

    def clean(self) -> None:
        """Refuse tries out of order."""
        if self.first_retry_days >= self.second_retry_days:
            raise ValidationError({"second_retry_days": _("The third try comes after the second one.")})


class AutomaticPayment(models.Model):
    """What is planned of one invoice: by which means it is charged, on which day, and how that fares.

    Nothing is charged but what was announced (`announced_amount`), and not before `not_before`.
    """

    class Status(models.TextChoices):
        """Where it stands."""

        PLANNED = "planned", _("planned")
        UNDER_WAY = "under_way", _("under way")
        PAID = "paid", _("paid")
        STOPPED = "stopped", _("stopped")
        GIVEN_UP = "given_up", _("refused: to be paid by transfer")

    class Because(models.TextChoices):
        """Why it was stopped."""

        PAYER = "payer", _("by the payer")
        STAFF = "staff", _("by us")
        MEANS = "means", _("the means of payment ended")
        SETTLED = "settled", _("paid otherwise, or credited")
        OFF = "off", _("automatic payments are off")

    OPEN = (Status.PLANNED, Status.UNDER_WAY)

    invoice = models.OneToOneField(
        Invoice, verbose_name=_("invoice"), on_delete=models.PROTECT, related_name="automatic_payment"
    )
    means = models.ForeignKey(
        PaymentMeans, verbose_name=_("means of payment"), on_delete=models.PROTECT, related_name="plans"
    )
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.PLANNED)
    charge_on = models.DateField(_("day of the charge"), help_text=_("The day that was announced."))
    next_on = models.DateField(_("next try"), null=True, blank=True)
    announced_at = models.DateTimeField(_("announced at"), null=True, blank=True)
    announced_amount = models.DecimalField(
        _("announced amount"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    not_before = models.DateField(_("not before"), null=True, blank=True)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    failed = models.PositiveSmallIntegerField(
        _("refused"), default=0, help_text=_("Tries with this means of payment that were refused.")
    )
    planned_at = models.DateTimeField(_("planned at"))
    stopped_because = models.CharField(
        _("stopped because"), max_length=10, choices=Because.choices, blank=True
    )
    stopped_note = models.CharField(_("reason"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("automatic payment")
        verbose_name_plural = _("automatic payments")
        ordering = ("-planned_at", "-pk")
        default_permissions = ("change", "view")
        indexes = (models.Index(fields=("status", "next_on"), name="billing_automatic_next"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(announced_at__isnull=True, announced_amount__isnull=True, not_before__isnull=True)
                | Q(announced_at__isnull=False, announced_amount__gt=0, not_before__isnull=False),
                name="billing_automatic_announced_whole",
            ),
            models.CheckConstraint(
                condition=Q(not_before__isnull=True) | Q(charge_on__gte=F("not_before")),
                name="billing_automatic_not_too_soon",
            ),
            models.CheckConstraint(
                condition=~Q(status="under_way") | Q(announced_at__isnull=False),
                name="billing_automatic_announced_first",
            ),
            models.CheckConstraint(
                condition=~Q(status="planned") | Q(next_on__isnull=False), name="billing_automatic_has_day"
            ),
            models.CheckConstraint(
                condition=Q(status="stopped") & ~Q(stopped_because="")
                | ~Q(status="stopped") & Q(stopped_because=""),
                name="billing_automatic_stopped_says_why",
            ),
            models.CheckConstraint(
                condition=Q(status__in=("planned", "under_way", "paid", "stopped", "given_up")),
                name="billing_automatic_known_status",
            ),
        )

    def __str__(self) -> str:
        return f"{self.invoice.number}: {self.get_status_display()}"

    @property
    def is_open(self) -> bool:
        """Whether something is still to be charged, or a bank works on it."""
        return self.status in self.OPEN

    @property
    def may_be_stopped(self) -> bool:
        """Whether it can be stopped: what a bank works on cannot."""
        return self.status == self.Status.PLANNED


class ChargeTry(models.Model):
    """One try to charge an invoice, written before Stripe hears of it. Its number makes the key."""

    class Status(models.TextChoices):
        """How it went, as far as Stripe told."""

        STARTED = "started", _("to be asked of Stripe")
        PENDING = "pending", _("waiting for the bank")
        PAID = "paid", _("paid")
        FAILED = "failed", _("refused")

    OPEN = (Status.STARTED, Status.PENDING)

    plan = models.ForeignKey(
        AutomaticPayment,
        verbose_name=_("automatic payment"),
        on_delete=models.PROTECT,
        related_name="charge_tries",
    )
    number = models.PositiveSmallIntegerField(_("try"))
    means = models.ForeignKey(
        PaymentMeans, verbose_name=_("means of payment"), on_delete=models.PROTECT, related_name="+"
    )
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2)
    announced_amount = models.DecimalField(_("announced amount"), max_digits=12, decimal_places=2)
    not_before = models.DateField(_("not before"))
    tried_on = models.DateField(_("day"))
    tried_at = models.DateTimeField(_("tried at"))
    asked_at = models.DateTimeField(_("last asked of Stripe"))
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.STARTED)
    intent_id = models.CharField(_("number at Stripe"), max_length=255, null=True, blank=True, unique=True)
    code = models.CharField(_("reason of the bank"), max_length=100, blank=True)
    error = models.CharField(_("what went wrong"), max_length=1000, blank=True)
    settled_at = models.DateTimeField(_("paid or refused at"), null=True, blank=True)

    class Meta:
        verbose_name = _("charge")
        verbose_name_plural = _("charges")
        ordering = ("plan", "number")
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(fields=("plan", "number"), name="billing_try_once"),
            models.UniqueConstraint(
                fields=("plan",),
                condition=Q(status__in=("started", "pending")),
                name="billing_try_one_at_a_time",
            ),
            models.UniqueConstraint(
                fields=("plan",), condition=Q(status="paid"), name="billing_try_paid_once"
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0, amount__lte=F("announced_amount")), name="billing_try_as_announced"
            ),
            models.CheckConstraint(
                condition=Q(tried_on__gte=F("not_before")), name="billing_try_not_too_soon"
            ),
        )

    def __str__(self) -> str:
        return f"{self.plan_id}/{self.number}"

    @property
    def metadata(self) -> dict[str, str]:
        """What Stripe carries along, by which the try is known again."""
        return {"invoice": str(self.plan.invoice_id), "try": str(self.number)}

    @property
    def idempotency_key(self) -> str:
        """The key under which Stripe charges at most once; not that of a database before this one."""
        return f"invoice-{self.plan.invoice_id}-charge-{self.number}-{int(self.tried_at.timestamp())}"
