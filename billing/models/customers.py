"""Who gets an invoice: one row an organisation or paying person, referenced from the apps above."""

from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.numbers import (
    BELGIUM,
    LONGEST_NUMBER,
    country_name,
    enterprise_number_in,
    kept_peppol_id,
    say_enterprise_number,
    vat_number_in,
)

COUNTRY_CODE = RegexValidator(r"^[A-Z]{2}$", _("Two capital letters, such as BE."))


class Postal(models.Model):
    """A name with its postal address and numbers, as on an invoice."""

    name = models.CharField(_("name"), max_length=150)
    street = models.CharField(_("street and number"), max_length=150, blank=True)
    postcode = models.CharField(_("postcode"), max_length=10, blank=True)
    city = models.CharField(_("town"), max_length=100, blank=True)
    country = models.CharField(_("country"), max_length=2, default=BELGIUM, validators=[COUNTRY_CODE])
    email = models.EmailField(_("billing e-mail"))
    vat_number = models.CharField(_("VAT number"), max_length=20, blank=True)
    enterprise_number = models.CharField(_("enterprise number"), max_length=LONGEST_NUMBER, blank=True)
    peppol_id = models.CharField(
        _("Peppol address"),
        max_length=60,
        blank=True,
        validators=[RegexValidator(r"^\d{4}:[\w.-]+$", _("Such as 0208:0123456789."))],
    )
    po_number = models.CharField(_("purchase order number"), max_length=60, blank=True)
    language = models.CharField(
        _("language"), max_length=2, choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE
    )

    class Meta:
        abstract = True

    @property
    def address_lines(self) -> list[str]:
        """The postal address, a line at a time; the country only abroad, in the active language."""
        town = f"{self.postcode} {self.city}".strip()
        abroad = "" if self.country == BELGIUM else country_name(self.country)
        return [line for line in (self.street, town, abroad) if line]

    @property
    def shown_enterprise_number(self) -> str:
        """The enterprise number as people write it."""
        return say_enterprise_number(self.country, self.enterprise_number)


POSTAL_FIELDS = tuple(field.name for field in Postal._meta.local_fields)
"""What an issued invoice copies from its customer."""


class Customer(Postal):
    """An organisation or person that is invoiced. What changes here changes no issued invoice."""

    legal_form = models.CharField(_("legal form"), max_length=40, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    stripe_id = models.CharField(
        _("number at Stripe"), max_length=255, null=True, blank=True, unique=True, editable=False
    )
    stripe_details = models.JSONField(_("as Stripe knows it"), default=dict, blank=True, editable=False)
    vat_asked_at = models.DateTimeField(_("VAT number asked about at"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        ordering = ("name", "pk")
        constraints = (
            models.CheckConstraint(condition=~models.Q(name=""), name="billing_customer_has_name"),
            models.CheckConstraint(condition=~models.Q(email=""), name="billing_customer_has_email"),
        )

    def __str__(self) -> str:
        return self.name

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        """Check new numbers by the rules of the country too, and keep them without spaces and points."""
        wrong: dict[str, Any] = {}
        if "peppol_id" not in (exclude or ()):
            self.peppol_id = kept_peppol_id(self.peppol_id)
        try:
            super().clean_fields(exclude=exclude)
        except ValidationError as error:
            wrong = error.update_error_dict(wrong)
        for name, checked in (("enterprise_number", enterprise_number_in), ("vat_number", vat_number_in)):
            as_stored = Customer.objects.filter(
                pk=self.pk, country=self.country, **{name: getattr(self, name)}
            )
            if name in wrong or name in (exclude or ()) or (self.pk and as_stored.exists()):
                continue
            try:
                setattr(self, name, checked(self.country, getattr(self, name)))
            except ValidationError as error:
                wrong[name] = error
        if wrong:
            raise ValidationError(wrong)
