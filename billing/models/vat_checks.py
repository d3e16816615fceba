"""Whether a VAT number of another member state counts: each answer of VIES and each decision of staff."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing import vat
from billing.models.customers import Customer
from billing.models.invoices import Issued


class VatCheck(Issued):
    """What was found out about a VAT number, and when: the proof behind reverse charge, which never changes.

    A row with a `reason` is a decision of staff, `by` one of them; any other is what VIES answered. A
    customer that was never invoiced takes its rows along when it is deleted; any other keeps them.
    """

    class Outcome(models.TextChoices):
        """Whether the number may be used for trade between member states."""

        VALID = vat.VALID, _("valid")
        INVALID = vat.INVALID, _("not valid")
        UNAVAILABLE = vat.UNAVAILABLE, _("no answer")

    MUTABLE: ClassVar[tuple[str, ...]] = ("by", "by_id")

    customer = models.ForeignKey(
        Customer, verbose_name=_("customer"), on_delete=models.CASCADE, related_name="vat_checks"
    )
    vat_number = models.CharField(_("VAT number"), max_length=20)
    requester = models.CharField(
        _("asked in the name of"), max_length=20, blank=True, help_text=_("The association’s own VAT number.")
    )
    outcome = models.CharField(_("outcome"), max_length=15, choices=Outcome.choices)
    consultation_number = models.CharField(
        _("consultation number"),
        max_length=60,
        blank=True,
        help_text=_("By this an administration finds the question again."),
    )
    name = models.CharField(_("name according to VIES"), max_length=300, blank=True)
    address = models.CharField(_("address according to VIES"), max_length=500, blank=True)
    answer = models.CharField(_("answer"), max_length=2000, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    checked_at = models.DateTimeField(_("checked at"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("decided by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    class Meta:
        verbose_name = _("VAT check")
        verbose_name_plural = _("VAT checks")
        ordering = ("-checked_at", "-pk")
        default_permissions = ("view",)
        indexes = (models.Index(fields=("vat_number", "-checked_at"), name="billing_vatcheck_number"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(outcome__in=(vat.VALID, vat.INVALID, vat.UNAVAILABLE)),
                name="billing_vatcheck_known_outcome",
            ),
            models.CheckConstraint(condition=~Q(vat_number=""), name="billing_vatcheck_has_number"),
            models.CheckConstraint(
                condition=Q(reason="", by__isnull=True)
                | ~Q(reason="") & ~Q(outcome=vat.UNAVAILABLE) & Q(consultation_number="", answer=""),
                name="billing_vatcheck_by_vies_or_staff",
            ),
        )

    def __str__(self) -> str:
        return f"{self.vat_number}: {self.get_outcome_display()}"
