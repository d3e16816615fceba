"""How VAT is treated: a few rows that the association's accountant signs off."""

import tomllib
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from billing import rules
from billing.en16931.codes import REASON_CODES

FILE = Path(__file__).resolve().parent.parent / "data" / "vat_treatments.toml"


class VatCategory(models.TextChoices):
    """Peppol's category of VAT (UNCL5305)."""

    STANDARD = rules.STANDARD, _("standard rate")
    EXEMPT = rules.EXEMPT, _("exempt")
    REVERSE_CHARGE = rules.REVERSE_CHARGE, _("reverse charge")
    OUTSIDE_SCOPE = rules.OUTSIDE_SCOPE, _("outside the scope of VAT")


def rate_of_category(prefix: str = "") -> Q:
    """Return the condition that only the standard category bears VAT."""
    category, rate = f"{prefix}category", f"{prefix}rate"
    return Q((category, "S"), (f"{rate}__gt", 0), (f"{rate}__lte", 100)) | Q(
        (f"{category}__in", ("E", "AE", "O")), (rate, 0)
    )


class VatTreatment(models.Model):
    """One way to treat VAT. What changes here counts from the next invoice on; issued lines keep a copy."""

    slug = models.SlugField(_("short name"), unique=True)
    name_nl = models.CharField(_("name in Dutch"), max_length=80)
    name_en = models.CharField(_("name in English"), max_length=80)
    category = models.CharField(_("VAT category"), max_length=2, choices=VatCategory.choices)
    rate = models.DecimalField(
        _("VAT rate"), max_digits=5, decimal_places=2, help_text=_("In percent; 0 unless VAT is due.")
    )
    reason_nl = models.CharField(
        _("reason in Dutch"),
        max_length=300,
        blank=True,
        help_text=_("It is printed on the invoice, with the article of the law."),
    )
    reason_en = models.CharField(_("reason in English"), max_length=300, blank=True)
    reason_code = models.CharField(
        _("reason code"),
        max_length=30,
        blank=True,
        validators=[RegexValidator(r"^VATEX-[A-Z0-9-]+$", _("Such as VATEX-EU-AE."))],
        help_text=_("Code of the VATEX list for Peppol; nothing when the list has none."),
    )
    is_vat_invoice = models.BooleanField(
        _("needs an invoice"),
        default=True,
        help_text=_("Off: a document with nothing else on it is a payment request."),
    )
    ledger_account = models.CharField(
        _("ledger account"),
        max_length=10,
        blank=True,
        help_text=_("Nothing for the account that stands in the association’s details."),
    )
    vat_code = models.CharField(
        _("VAT code"), max_length=10, blank=True, help_text=_("As the accountant’s program calls it.")
    )
    signed_off_on = models.DateField(_("signed off on"), null=True, blank=True)
    signed_off_by = models.CharField(
        _("signed off by"), max_length=100, blank=True, help_text=_("The accountant’s name.")
    )

    class Meta:
        verbose_name = _("VAT treatment")
        verbose_name_plural = _("VAT treatments")
        ordering = ("pk",)
        default_permissions = ("change", "view")
        constraints = (
            models.CheckConstraint(condition=rate_of_category(), name="billing_vattreatment_rate"),
            models.CheckConstraint(
                condition=Q(category="S") | ~Q(reason_nl="") & ~Q(reason_en=""),
                name="billing_vattreatment_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(signed_off_on__isnull=True, signed_off_by="")
                | Q(signed_off_on__isnull=False) & ~Q(signed_off_by=""),
                name="billing_vattreatment_signed_by_somebody",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name in the reader's language."""
        return self.name_en if get_language() == "en" else self.name_nl

    @property
    def needs_invoice(self) -> bool:
        """Whether a line treated so makes its document a VAT invoice: only outside the scope it may not."""
        return self.is_vat_invoice or self.category != rules.OUTSIDE_SCOPE

    def reason(self, language: str) -> str:
        """Return the reason as it is printed in a language ("nl" or "en")."""
        return self.reason_en if language == "en" else self.reason_nl

    def clean(self) -> None:
        """Refuse a rate that the category does not allow, a reason that is missing, and half a signature."""
        wrong: dict[str, Any] = {}
        if self.rate is not None and not rules.vat_is_consistent(self.category, self.rate):
            wrong["rate"] = (
                _("A rate above 0 and at most 100 percent goes with the standard category.")
                if self.category == rules.STANDARD
                else _("Only the standard category bears VAT: the rate is 0.")
            )
        if self.category != rules.STANDARD:
            for name in ("reason_nl", "reason_en"):
                if not getattr(self, name).strip():
                    wrong[name] = _("Say why no VAT is due: the law asks for it on the invoice.")
        if self.reason_code.startswith("VATEX-") and self.reason_code not in REASON_CODES:
            wrong["reason_code"] = _("The VATEX list of Peppol has no such code.")
        expected = {rules.REVERSE_CHARGE: "VATEX-EU-AE", rules.OUTSIDE_SCOPE: "VATEX-EU-O"}
        if self.reason_code and self.reason_code != expected.get(self.category, self.reason_code):
            wrong["reason_code"] = _("This category goes with %(code)s.") % {"code": expected[self.category]}
        if self.reason_code and self.category == rules.STANDARD:
            wrong["reason_code"] = _("Where VAT is due there is no reason.")
        if bool(self.signed_off_on) != bool(self.signed_off_by):
            wrong["signed_off_by" if self.signed_off_on else "signed_off_on"] = _(
                "Give both the day and the name, or neither."
            )
        if wrong:
            raise ValidationError(wrong)


@cache
def _rows() -> tuple[dict[str, Any], ...]:
    rows = tomllib.loads(FILE.read_text())["treatment"]
    return tuple({**row, "rate": Decimal(row["rate"])} for row in rows)


def first_treatments() -> list[VatTreatment]:
    """Return the treatments as they are loaded the first time, not saved."""
    return [VatTreatment(**row) for row in _rows()]
