"""Tiers, size bands and the price matrix: every price on site, quote and invoice comes from here."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from cms.amounts import say_euro
from membership.models.organisation import Organisation


class Tier(models.Model):
    """A level of membership. Its members also have what the lower tiers have."""

    slug = models.SlugField(_("slug"), max_length=30, unique=True)
    name_nl = models.CharField(_("name in Dutch"), max_length=60)
    name_en = models.CharField(_("name in English"), max_length=60)
    summary_nl = models.TextField(_("summary in Dutch"), blank=True)
    summary_en = models.TextField(_("summary in English"), blank=True)
    rank = models.PositiveSmallIntegerField(_("rank"), unique=True, help_text=_("1 is the lowest tier."))
    kinds = models.JSONField(
        _("open to"), default=list, help_text=_("Kinds of organisation that may join at this tier.")
    )

    needs_approval = models.BooleanField(
        _("asks for approval"),
        default=False,
        help_text=_("Staff approve an application before it is invoiced."),
    )
    engagement_years = models.PositiveSmallIntegerField(
        _("engagement in years"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(10)],
        help_text=_(
            "So many terms one engages oneself for, each invoiced yearly; the tier does not go down before."
        ),
    )

    seats = models.PositiveSmallIntegerField(
        _("places included"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("So many people of a member use the member zone. Empty: as many as there are."),
    )
    seat_fee = models.DecimalField(
        _("price of an extra place in EUR"),
        max_digits=7,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text=_(
            "A year, VAT excluded; it counts for places bought from now on, and from each renewal on. "
            "Empty: there are no extra places."
        ),
    )

    class Meta:
        verbose_name = _("tier")
        verbose_name_plural = _("tiers")
        ordering = ("rank",)

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name in the active language."""
        return self.name_en if get_language() == "en" else self.name_nl

    @property
    def summary(self) -> str:
        """The summary in the active language."""
        return self.summary_en if get_language() == "en" else self.summary_nl

    @property
    def group_name(self) -> str:
        """Name of the Django group that holds the people of members of this tier and higher."""
        return f"tier-{self.slug}"


class TierBenefit(models.Model):
    """One line of the comparison of tiers: what a tier and the higher ones give."""

    name_nl = models.CharField(_("benefit in Dutch"), max_length=200)
    name_en = models.CharField(_("benefit in English"), max_length=200)
    tiers = models.ManyToManyField(Tier, verbose_name=_("tiers"), related_name="benefits")
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("benefit")
        verbose_name_plural = _("benefits")
        ordering = ("position", "pk")

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The benefit in the active language."""
        return self.name_en if get_language() == "en" else self.name_nl


class SizeBand(models.Model):
    """A range of numbers of employees, the last one open."""

    employees_from = models.PositiveIntegerField(_("from"), unique=True)
    employees_to = models.PositiveIntegerField(_("up to and including"), null=True, blank=True)
    name_nl = models.CharField(_("name in Dutch"), max_length=60)
    name_en = models.CharField(_("name in English"), max_length=60)

    class Meta:
        verbose_name = _("size band")
        verbose_name_plural = _("size bands")
        ordering = ("employees_from",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(employees_to__isnull=True)
                | models.Q(employees_to__gte=models.F("employees_from")),
                name="membership_sizeband_in_order",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name in the active language."""
        return self.name_en if get_language() == "en" else self.name_nl


class Price(models.Model):
    """A yearly fee in EUR, VAT excluded, from a day on; the newest valid row counts."""

    tier = models.ForeignKey(Tier, verbose_name=_("tier"), on_delete=models.PROTECT, related_name="prices")
    size_band = models.ForeignKey(
        SizeBand, verbose_name=_("size band"), on_delete=models.PROTECT, related_name="prices"
    )
    kind = models.CharField(
        _("kind of organisation"),
        max_length=30,
        choices=Organisation.Kind.choices,
        default=Organisation.Kind.COMPANY,
    )
    valid_from = models.DateField(_("valid from"))
    yearly_fee = models.DecimalField(_("yearly fee in EUR"), max_digits=9, decimal_places=2)

    class Meta:
        verbose_name = _("price")
        verbose_name_plural = _("prices")
        ordering = ("valid_from", "tier", "size_band", "kind")
        constraints = (
            models.UniqueConstraint(
                fields=("tier", "size_band", "kind", "valid_from"), name="membership_price_once"
            ),
            models.CheckConstraint(
                condition=models.Q(yearly_fee__gte=0), name="membership_price_not_negative"
            ),
        )

    def __str__(self) -> str:
        return f"{self.tier}, {self.size_band}: {say_euro(self.yearly_fee)}"
