"""The association's own details, as they stand on invoices and in the footer."""

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from stdnum import bic, iban
from stdnum.be import vat
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting

from billing import rules
from billing import vat as vat_rules
from billing.en16931.codes import COUNTRIES


def validate_enterprise_number(number: str) -> None:
    """Refuse a number whose check digits are wrong."""
    if not vat.is_valid(number):
        raise ValidationError(_("The check digits of this enterprise number are wrong."))


def validate_iban(number: str) -> None:
    """Refuse an IBAN whose check digits are wrong."""
    if not iban.is_valid(number):
        raise ValidationError(_("The check digits of this IBAN are wrong."))


def validate_bic(code: str) -> None:
    """Refuse what has not the form of a BIC; spaces in it are no mistake."""
    if not bic.is_valid(code):
        raise ValidationError(_("This is not a BIC: it has 8 or 11 letters and digits, such as GKCCBEBB."))


class IssuerIncomplete(RuntimeError):
    """No invoice can be issued before the association's details are filled in (Settings, Association)."""


@register_setting(icon="home")
class Issuer(BaseGenericSetting):
    """Who sends the invoices. Each invoice keeps a copy of what stood here when it was issued."""

    class Regime(models.TextChoices):
        """The association's own position towards VAT."""

        STANDARD = vat_rules.SUBJECT, _("subject to VAT")
        SMALL = vat_rules.SMALL, _("small enterprise, exempt (art. 56bis of the VAT code)")
        EXEMPT = vat_rules.EXEMPT_ISSUER, _("exempt for all it does (art. 44 of the VAT code)")
        NONE = vat_rules.NOT_SUBJECT, _("not subject to VAT")

    name = models.CharField(_("name"), max_length=150, blank=True)
    legal_form = models.CharField(_("legal form"), max_length=40, blank=True)
    street = models.CharField(_("street and number"), max_length=150, blank=True)
    postcode = models.CharField(_("postcode"), max_length=10, blank=True)
    city = models.CharField(_("town"), max_length=100, blank=True)
    country = models.CharField(_("country"), max_length=2, default="BE")
    email = models.EmailField(_("e-mail address"), blank=True)
    phone = models.CharField(_("telephone"), max_length=30, blank=True)
    enterprise_number = models.CharField(
        _("enterprise number"),
        max_length=10,
        blank=True,
        validators=[
            RegexValidator(r"^[01]\d{9}$", _("Ten digits, of which the first is 0 or 1.")),
            validate_enterprise_number,
        ],
    )
    vat_regime = models.CharField(
        _("VAT regime"), max_length=10, choices=Regime.choices, default=Regime.STANDARD
    )
    register = models.CharField(
        _("register of legal persons"), max_length=80, blank=True, help_text=_("Such as RPR Antwerpen.")
    )
    iban = models.CharField(
        _("IBAN"), max_length=34, blank=True, validators=[validate_iban], help_text=_("Without spaces.")
    )
    bic = models.CharField(_("BIC"), max_length=11, blank=True, validators=[validate_bic])
    bank = models.CharField(_("bank"), max_length=60, blank=True)
    payment_days = models.PositiveSmallIntegerField(_("days to pay"), default=rules.PAYMENT_DAYS)
    ledger_account = models.CharField(
        _("ledger account"),
        max_length=10,
        default="700000",
        help_text=_("Where a line is booked that names no account of its own."),
    )

    panels = [
        MultiFieldPanel(
            [FieldPanel(name) for name in ("name", "legal_form", "street", "postcode", "city", "country")],
            heading=_("Name and address"),
        ),
        MultiFieldPanel([FieldPanel("email"), FieldPanel("phone")], heading=_("Contact")),
        MultiFieldPanel(
            [FieldPanel(name) for name in ("enterprise_number", "register", "vat_regime")],
            heading=_("Numbers"),
        ),
        MultiFieldPanel(
            [FieldPanel("iban"), FieldPanel("bic"), FieldPanel("bank")], heading=_("Bank details")
        ),
        MultiFieldPanel([FieldPanel("payment_days"), FieldPanel("ledger_account")], heading=_("Invoices")),
    ]

    class Meta:
        verbose_name = _("association")

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Keep IBAN and BIC without spaces, as banking apps need them, and a country that exists."""
        self.iban, self.bic = iban.compact(self.iban), bic.compact(self.bic)
        self.country = self.country.upper()
        if self.country and self.country not in COUNTRIES:
            raise ValidationError({"country": _("Two capital letters, such as BE.")})

    @property
    def full_name(self) -> str:
        """Name and legal form."""
        return f"{self.name} {self.legal_form}".strip()

    @property
    def vat_number(self) -> str:
        """The VAT number of an association that has one: subject to VAT, small or not."""
        has_number = self.vat_regime in (self.Regime.STANDARD, self.Regime.SMALL)
        return f"BE{self.enterprise_number}" if self.enterprise_number and has_number else ""

    @property
    def shown_enterprise_number(self) -> str:
        """The enterprise number as people write it: 0123.456.789."""
        return rules.say_number(self.enterprise_number)

    def snapshot(self) -> dict[str, str]:
        """Return what an invoice keeps. Raises IssuerIncomplete when something it needs is missing."""
        needed = ("name", "street", "postcode", "city", "email", "enterprise_number", "iban")
        missing = [name for name in needed if not getattr(self, name)]
        if missing:
            raise IssuerIncomplete(", ".join(missing))
        return {
            "name": self.full_name,
            "street": self.street,
            "town": f"{self.postcode} {self.city}",
            "postcode": self.postcode,
            "city": self.city,
            "country": self.country,
            "email": self.email,
            "phone": self.phone,
            "enterprise_number": self.shown_enterprise_number,
            "vat_number": self.vat_number,
            "register": self.register,
            "iban": self.iban,
            "bic": self.bic,
            "bank": self.bank,
        }
