"""Money that came in, and what Stripe told about it."""

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from billing.models.invoices import Invoice, Issued
from cms.amounts import say_euro


class Payment(Issued):
    """Money received for an invoice; only ever added. What exceeds the open amount stands in `surplus`.

    What came in for a pro forma whose invoice could not be issued at once follows to that invoice, and
    nowhere else: the database holds it (`billing.models.guards`).
    """

    MUTABLE = ("invoice", "invoice_id", "surplus")

    class Method(models.TextChoices):
        """How the money came."""

        TRANSFER = "transfer", _("bank transfer")
        STRIPE = "stripe", _("online (Stripe)")
        CASH = "cash", _("cash")

    invoice = models.ForeignKey(
        Invoice, verbose_name=_("invoice"), on_delete=models.PROTECT, related_name="payments"
    )
    amount = models.DecimalField(_("amount received"), max_digits=12, decimal_places=2)
    surplus = models.DecimalField(
        _("of which too much"),
        max_digits=12,
        decimal_places=2,
        default=0,
        help_text=_("Received above what was open: it belongs to the payer."),
    )
    method = models.CharField(_("method"), max_length=20, choices=Method.choices)
    received_on = models.DateField(_("received on"))
    external_reference = models.CharField(
        _("external reference"),
        max_length=200,
        unique=True,
        help_text=_("Key at the bank or payment provider: the same payment counts once."),
    )
    note = models.CharField(_("note"), max_length=300, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("recorded by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    recorded_at = models.DateTimeField(_("recorded at"))

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        ordering = ("-received_on", "-pk")
        default_permissions = ("add", "view")
        constraints = (
            models.CheckConstraint(condition=Q(amount__gt=0), name="billing_payment_positive"),
            models.CheckConstraint(
                condition=Q(surplus__gte=0, surplus__lte=F("amount")), name="billing_payment_surplus_within"
            ),
            models.CheckConstraint(condition=~Q(external_reference=""), name="billing_payment_has_reference"),
            models.CheckConstraint(
                condition=Q(method__in=("transfer", "stripe", "cash")), name="billing_payment_known_method"
            ),
        )

    def __str__(self) -> str:
        return f"{say_euro(self.amount)}, {self.get_method_display()}"


class CheckoutAttempt(models.Model):
    """One visit to Stripe Checkout for an invoice. Invoice and attempt make the idempotency key."""

    class Status(models.TextChoices):
        """How the attempt went, as far as Stripe told."""

        STARTED = "started", _("started")
        OPEN = "open", _("open")
        PENDING = "pending", _("waiting for the bank")
        PAID = "paid", _("paid")
        FAILED = "failed", _("failed")

    WAITING = (Status.OPEN, Status.PENDING)

    invoice = models.ForeignKey(
        Invoice, verbose_name=_("invoice"), on_delete=models.PROTECT, related_name="checkout_attempts"
    )
    number = models.PositiveSmallIntegerField(_("attempt"))
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2)
    session_id = models.CharField(_("session"), max_length=255, null=True, blank=True, unique=True)
    url = models.URLField(_("address"), max_length=2000, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.STARTED)
    created_at = models.DateTimeField(_("created at"))
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    saves_means = models.BooleanField(_("saves the means of payment"), default=False)
    agreed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("agreed by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    intent_id = models.CharField(_("number at Stripe"), max_length=255, blank=True)
    asked_at = models.DateTimeField(_("last asked of Stripe"), null=True, blank=True)

    class Meta:
        verbose_name = _("online payment attempt")
        verbose_name_plural = _("online payment attempts")
        ordering = ("invoice", "number")
        default_permissions = ("view",)
        constraints = (
            models.UniqueConstraint(fields=("invoice", "number"), name="billing_attempt_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="billing_attempt_positive"),
        )

    def __str__(self) -> str:
        return f"{self.invoice_id}/{self.number}"

    @property
    def idempotency_key(self) -> str:
        """The key under which Stripe makes at most one session; not that of a database before this one."""
        return f"invoice-{self.invoice_id}-attempt-{self.number}-{int(self.created_at.timestamp())}"


class StripeEvent(models.Model):
    """A verified message of Stripe, kept as it came and applied later, once."""

    event_id = models.CharField(_("message number"), max_length=255, unique=True)
    type = models.CharField(_("type"), max_length=100)
    payload = models.JSONField(_("content"), encoder=DjangoJSONEncoder)
    received_at = models.DateTimeField(_("received at"))
    applied_at = models.DateTimeField(_("applied at"), null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=200, blank=True)
    error = models.TextField(_("error"), blank=True)

    class Meta:
        verbose_name = _("message of Stripe")
        verbose_name_plural = _("messages of Stripe")
        ordering = ("-received_at", "-pk")
        default_permissions = ("change", "view")
        indexes = (models.Index(fields=("applied_at",), name="billing_stripeevent_applied"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(applied_at__isnull=True) | Q(error=""),
                name="billing_stripeevent_applied_or_failed",
            ),
        )

    def __str__(self) -> str:
        return f"{self.type} {self.event_id}"
