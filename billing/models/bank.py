"""What the bank told: files that were uploaded, their lines, and what of each line went to which invoice."""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from billing.models.invoices import Issued
from billing.models.payments import Payment
from cms.amounts import say_euro


class BankFile(Issued):
    """A bank file that was taken. Its content is not kept: the lines are, and the bank has the file."""

    MUTABLE = ("uploaded_by", "uploaded_by_id")

    name = models.CharField(_("file"), max_length=200)
    sha256 = models.CharField(_("fingerprint (SHA-256)"), max_length=64, unique=True)
    iban = models.CharField(pgettext_lazy("at a bank", "account"), max_length=34)
    from_on = models.DateField(_("from"))
    to_on = models.DateField(_("up to and including"))
    opening = models.DecimalField(_("opening balance"), max_digits=14, decimal_places=2)
    closing = models.DecimalField(_("closing balance"), max_digits=14, decimal_places=2)
    new_count = models.PositiveIntegerField(_("new lines"))
    known_count = models.PositiveIntegerField(_("lines that were known"))
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("uploaded by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    uploaded_at = models.DateTimeField(_("uploaded at"))

    class Meta:
        verbose_name = _("bank file")
        verbose_name_plural = _("bank files")
        ordering = ("-uploaded_at", "-pk")
        default_permissions = ("add", "view")
        constraints = (
            models.CheckConstraint(
                condition=Q(to_on__gte=F("from_on")), name="billing_bankfile_period_in_order"
            ),
            models.CheckConstraint(condition=~Q(iban=""), name="billing_bankfile_has_account"),
        )

    def __str__(self) -> str:
        return self.name


class BankEntry(Issued):
    """One transaction on the account: an entry of a statement, or a part of one that was booked as a batch.

    What the bank told never changes. `amount` is in EUR: positive for what came in, negative for what went
    out. `assigned` is what of it went to invoices as payments, or, below zero, took payments back; the rest
    waits for somebody, or is set aside.
    """

    class Status(models.TextChoices):
        """What became of a line."""

        WAITING = "waiting", _("waits for somebody")
        SETTLED = "settled", _("settled")
        SET_ASIDE = "set_aside", _("set aside")

    class Doubt(models.TextChoices):
        """Why a line that could be matched is left to somebody."""

        TWIN = "twin", _("looks the same as another line of that day, and the bank gives neither a reference")
        UNSPLIT = "unsplit", _("a batch whose parts do not add up to what was booked")
        REVERSAL = "reversal", _("the bank takes an earlier transaction back")
        GIVEN_BACK = "given_back", _("what it had paid was booked in error")

    MUTABLE = (
        "assigned", "doubt", "status", "reason", "error", "settled_at", "settled_by", "settled_by_id",
    )  # fmt: skip

    file = models.ForeignKey(
        BankFile, verbose_name=_("bank file"), on_delete=models.PROTECT, related_name="entries"
    )
    key = models.CharField(
        _("key"),
        max_length=50,
        unique=True,
        help_text=_("The same in every export of the account: a line counts once."),
    )
    entry_key = models.CharField(_("key of the entry"), max_length=50, db_index=True)
    fingerprint = models.CharField(_("fingerprint"), max_length=50, db_index=True)
    doubt = models.CharField(_("doubt"), max_length=10, choices=Doubt.choices, blank=True)
    booked_on = models.DateField(_("booked on"))
    valued_on = models.DateField(_("value date"))
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2)
    counterparty_name = models.CharField(_("counterparty"), max_length=140, blank=True)
    counterparty_iban = models.CharField(_("account of the counterparty"), max_length=34, blank=True)
    structured_communication = models.CharField(
        _("structured communication"), max_length=12, blank=True, db_index=True
    )
    remittance = models.TextField(_("communication"), blank=True)
    end_to_end_id = models.CharField(_("end-to-end reference"), max_length=35, blank=True)
    bank_reference = models.CharField(_("reference of the bank"), max_length=35, blank=True)
    is_reversal = models.BooleanField(_("reversal"), default=False)
    file_line = models.PositiveIntegerField(_("line of the file"))

    assigned = models.DecimalField(_("assigned"), max_digits=12, decimal_places=2, default=Decimal("0.00"))
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.WAITING)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    error = models.CharField(_("what went wrong"), max_length=1000, blank=True)
    settled_at = models.DateTimeField(_("settled at"), null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("settled by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    class Meta:
        verbose_name = _("bank line")
        verbose_name_plural = _("bank lines")
        ordering = ("-booked_on", "-pk")
        default_permissions = ("change", "view")
        indexes = (
            models.Index(fields=("status", "booked_on"), name="billing_bankentry_status_day"),
            models.Index(fields=("counterparty_iban",), name="billing_bankentry_iban"),
        )
        constraints = (
            models.CheckConstraint(condition=~Q(amount=0), name="billing_bankentry_not_zero"),
            models.CheckConstraint(condition=~Q(key=""), name="billing_bankentry_has_key"),
            models.CheckConstraint(
                condition=Q(assigned=0)
                | Q(assigned__gt=0, assigned__lte=F("amount"))
                | Q(assigned__lt=0, assigned__gte=F("amount")),
                name="billing_bankentry_assigned_within",
            ),
            models.CheckConstraint(
                condition=Q(status="settled", assigned=F("amount"))
                | Q(status="waiting") & ~Q(assigned=F("amount"))
                | Q(status="set_aside") & ~Q(assigned=F("amount")) & ~Q(reason=""),
                name="billing_bankentry_status_fits",
            ),
        )

    def __str__(self) -> str:
        return f"{say_euro(self.amount)}, {self.counterparty_name or self.counterparty_iban or self.key[:8]}"

    @property
    def left(self) -> Decimal:
        """What came in and went to no invoice yet, in EUR; nothing for what went out."""
        return max(self.amount - self.assigned, Decimal("0.00"))

    @property
    def taking_back(self) -> Decimal:
        """What went out and took no payment back yet, in EUR; nothing for what came in."""
        return max(self.assigned - self.amount, Decimal("0.00"))

    @property
    def is_credit(self) -> bool:
        """Whether money came in."""
        return self.amount > 0


class BankAllocation(Issued):
    """What of a bank line became which payment, and why where somebody decided it."""

    class Method(models.TextChoices):
        """How the invoice was found."""

        REFERENCE = "reference", _("by the structured communication")
        AMOUNT = "amount", _("by account and amount")
        HAND = "hand", _("by hand")

    entry = models.ForeignKey(
        BankEntry, verbose_name=_("bank line"), on_delete=models.PROTECT, related_name="allocations"
    )
    payment = models.OneToOneField(
        Payment, verbose_name=_("payment"), on_delete=models.PROTECT, related_name="bank_allocation"
    )
    method = models.CharField(_("how"), max_length=10, choices=Method.choices)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("allocation of a bank line")
        verbose_name_plural = _("allocations of bank lines")
        ordering = ("pk",)
        default_permissions = ()
        constraints = (
            models.CheckConstraint(
                condition=~Q(method="hand") | ~Q(reason=""), name="billing_bankallocation_hand_has_reason"
            ),
        )

    def __str__(self) -> str:
        return f"{self.entry_id}: {self.payment_id}"
