"""Money of payments that counts no more: paid back, taken back by the payer's bank, or booked in error."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from billing.models.bank import BankEntry
from billing.models.invoices import Issued
from billing.models.payments import Payment
from cms.amounts import say_euro


class Reversal(Issued):
    """Money of a payment that went back, or never was for its invoice. What counts of it is open again.

    `of_surplus` is the part that comes off what the invoice was paid too much instead. A mistake never
    happened: it is of the day of its payment. `bank_entry` is the line by which the bank took it back.
    """

    class Kind(models.TextChoices):
        """Who took the money back, or that it was never for this invoice."""

        REFUND = "refund", _("refund")
        DISPUTE = "dispute", _("chargeback")
        MISTAKE = "mistake", _("booked in error")
        RECALL = "recall", _("taken back by the bank")

    class Status(models.TextChoices):
        """How far it is."""

        QUEUED = "queued", _("to be asked of Stripe")
        PENDING = "pending", _("under way")
        DONE = "done", _("done")
        FAILED = "failed", _("did not happen")

    BY_STAFF = (Kind.MISTAKE, Kind.RECALL)
    WENT_BACK = (Kind.REFUND, Kind.DISPUTE, Kind.RECALL)
    COUNTS = (Status.QUEUED, Status.PENDING, Status.DONE)
    MUTABLE = ("status", "external_id", "asked_at", "told_at", "error", "settled_at")

    payment = models.ForeignKey(
        Payment, verbose_name=_("payment"), on_delete=models.PROTECT, related_name="reversals"
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2)
    of_surplus = models.DecimalField(
        _("of which was too much"),
        max_digits=12,
        decimal_places=2,
        help_text=_("It leaves the invoice paid."),
    )
    method = models.CharField(_("method"), max_length=20, choices=Payment.Method.choices)
    returned_on = models.DateField(_("day"))
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    key = models.CharField(_("key"), max_length=200, unique=True, help_text=_("The same key counts once."))
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("recorded by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    recorded_at = models.DateTimeField(_("recorded at"))

    bank_entry = models.ForeignKey(
        BankEntry,
        verbose_name=_("bank line"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="reversals",
    )

    status = models.CharField(_("status"), max_length=10, choices=Status.choices)
    external_id = models.CharField(_("number at Stripe"), max_length=255, null=True, blank=True, unique=True)
    asked_at = models.DateTimeField(_("last asked of Stripe"), null=True, blank=True)
    told_at = models.DateTimeField(
        _("last heard of"),
        null=True,
        blank=True,
        help_text=_("By the clock of Stripe: older news is passed over."),
    )
    error = models.CharField(_("what went wrong"), max_length=1000, blank=True)
    settled_at = models.DateTimeField(_("done or failed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("refund or undone payment")
        verbose_name_plural = _("refunds and undone payments")
        ordering = ("-returned_on", "-pk")
        default_permissions = ("add", "view")
        constraints = (
            models.CheckConstraint(condition=Q(amount__gt=0), name="billing_reversal_positive"),
            models.CheckConstraint(
                condition=Q(of_surplus__gte=0, of_surplus__lte=F("amount")),
                name="billing_reversal_surplus_within",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=("refund", "dispute", "mistake", "recall")),
                name="billing_reversal_known_kind",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=("refund", "dispute")) | ~Q(method="stripe") & ~Q(reason=""),
                name="billing_reversal_staff_give_reason",
            ),
            models.CheckConstraint(
                condition=Q(status__in=("queued", "pending", "done", "failed")),
                name="billing_reversal_known_status",
            ),
        )

    @property
    def counts(self) -> bool:
        """Whether the money went back, or is about to."""
        return self.status in self.COUNTS

    def __str__(self) -> str:
        return f"{say_euro(self.amount)}, {self.get_kind_display()}"

    @property
    def idempotency_key(self) -> str:
        """The key under which Stripe pays back at most once; not that of a database before this one."""
        return f"reversal-{self.pk}-{int(self.recorded_at.timestamp())}"
