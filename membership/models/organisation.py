"""Organisations and the people who belong to them."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from billing.models import Customer
from billing.models.customers import COUNTRY_CODE
from billing.numbers import BELGIUM, LONGEST_NUMBER, enterprise_number_in, say_enterprise_number
from cms.models import SiteImage, Term
from membership.rules import LONGEST_KEY, name_key


class Organisation(models.Model):
    """A company, local government, knowledge institution or other body, known once.

    An organisation that nobody of the association has confirmed came in through a form: it shows
    nowhere and blocks no enterprise number.
    """

    class Kind(models.TextChoices):
        """Which join form and which prices apply."""

        COMPANY = "company", _("company")
        LOCAL_GOVERNMENT = "local_government", _("local government")
        KNOWLEDGE_INSTITUTION = "knowledge_institution", _("knowledge institution")
        OTHER = "other", _("other organisation")

    kind = models.CharField(_("kind"), max_length=30, choices=Kind.choices, default=Kind.COMPANY)
    name = models.CharField(_("name"), max_length=150)
    name_key = models.CharField(
        _("key of the name"), max_length=LONGEST_KEY, db_index=True, default="", editable=False
    )
    enterprise_number = models.CharField(
        _("enterprise number"),
        max_length=LONGEST_NUMBER,
        blank=True,
        help_text=_("As in the Crossroads Bank for Enterprises, or in the register of its own country."),
    )
    employees = models.PositiveIntegerField(_("number of employees"), null=True, blank=True)
    street = models.CharField(_("street and number"), max_length=150, blank=True)
    postcode = models.CharField(_("postcode"), max_length=10, blank=True)
    city = models.CharField(_("town"), max_length=100, blank=True)
    country = models.CharField(_("country"), max_length=2, default=BELGIUM, validators=[COUNTRY_CODE])
    website = models.URLField(_("website"), blank=True)
    description_nl = models.TextField(_("description in Dutch"), blank=True, max_length=800)
    description_en = models.TextField(_("description in English"), blank=True, max_length=800)
    logo = models.ForeignKey(
        SiteImage, verbose_name=_("logo"), null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    customer = models.OneToOneField(
        Customer,
        verbose_name=_("customer"),
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="organisation",
    )
    terms = models.ManyToManyField(Term, verbose_name=_("terms"), blank=True, related_name="+")
    is_confirmed = models.BooleanField(
        _("confirmed"), default=False, help_text=_("Staff checked that this organisation exists.")
    )
    is_listed = models.BooleanField(
        _("on the members page"),
        default=True,
        help_text=_("Only members with a running membership are shown."),
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering = ("name", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("country", "enterprise_number"),
                condition=models.Q(is_confirmed=True) & ~models.Q(enterprise_number=""),
                name="membership_organisation_number_once",
            ),
        )

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the key of the name, by which other spellings are recognised."""
        self.name_key = name_key(self.name)
        fields = kwargs.get("update_fields")
        if fields is not None and "name" in fields:
            kwargs["update_fields"] = {*fields, "name_key"}
        super().save(*args, **kwargs)

    def clean(self) -> None:
        """Check a new number by the rule of the country, and keep it without spaces and points."""
        as_stored = Organisation.objects.filter(pk=self.pk, country=self.country)
        if self.pk and as_stored.filter(enterprise_number=self.enterprise_number).exists():
            return
        try:
            self.enterprise_number = enterprise_number_in(self.country, self.enterprise_number)
        except ValidationError as error:
            raise ValidationError({"enterprise_number": error}) from error

    @property
    def shown_enterprise_number(self) -> str:
        """The enterprise number as people write it."""
        return say_enterprise_number(self.country, self.enterprise_number)

    @property
    def description(self) -> str:
        """The description in the active language, else in the other."""
        first, second = self.description_nl, self.description_en
        return (second or first) if get_language() == "en" else (first or second)


class Affiliation(models.Model):
    """A person's place in an organisation; history stays when it ends, and so does the person's row."""

    class Role(models.TextChoices):
        """What a person may do for the organisation."""

        MAIN_CONTACT = "main_contact", _("main contact")
        BILLING = "billing", _("billing contact")
        COLLEAGUE = "colleague", _("colleague")

    organisation = models.ForeignKey(
        Organisation, verbose_name=_("organisation"), on_delete=models.CASCADE, related_name="affiliations"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("person"),
        on_delete=models.PROTECT,
        related_name="affiliations",
    )
    role = models.CharField(_("role"), max_length=20, choices=Role.choices, default=Role.COLLEAGUE)
    started_at = models.DateTimeField(_("since"), auto_now_add=True)
    ended_at = models.DateTimeField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("person of an organisation")
        verbose_name_plural = _("people of organisations")
        ordering = ("organisation", "role", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "user"),
                condition=models.Q(ended_at__isnull=True),
                name="membership_affiliation_once_at_a_time",
            ),
        )

    def __str__(self) -> str:
        return f"{self.user}, {self.organisation}, {self.get_role_display()}"
