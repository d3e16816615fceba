"""The figures of the action plan, years 1 to 4 (year 0 is the start). For staff and board only."""

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import get_language, gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from modelcluster.models import ClusterableModel

from cms.models import Term

LAST_YEAR = 4
SIZES = {"start-up": _("start-up"), "small": _("small"), "medium": _("medium-sized"), "large": _("large")}
"""The words of the plan for the sizes of companies."""


class BilingualName(models.Model):
    """A name in both languages."""

    name_nl = models.CharField(_("name in Dutch"), max_length=200)
    name_en = models.CharField(_("name in English"), max_length=200)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name_en if get_language() == "en" else self.name_nl


class Kpi(BilingualName, ClusterableModel):
    """A performance indicator, numbered as in the plan; 7a and 7b are parts of 7."""

    class Group(models.TextChoices):
        """What the indicator watches."""

        INPUT = "input", _("input")
        OUTPUT = "output", _("output")
        GOVERNANCE = "governance", _("governance")

    class Unit(models.TextChoices):
        """How a target is read."""

        COUNT = "count", pgettext_lazy("unit", "number")
        PERCENT = "percent", _("percentage")

    code = models.CharField(_("number"), max_length=4, unique=True)
    parent = models.ForeignKey(
        "self",
        verbose_name=_("part of"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="parts",
    )
    group = models.CharField(_("group"), max_length=20, choices=Group.choices)
    unit = models.CharField(_("unit"), max_length=10, choices=Unit.choices, default=Unit.COUNT)
    work_packages = ParentalManyToManyField(
        Term,
        verbose_name=_("work packages"),
        blank=True,
        related_name="+",
        limit_choices_to={"kind": Term.Kind.WORK_PACKAGE},
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("KPI")
        verbose_name_plural = _("KPIs")
        ordering = ("position",)


class PlanYear(models.Model):
    """A row for one year of the plan."""

    year = models.PositiveSmallIntegerField(_("plan year"), validators=[MaxValueValidator(LAST_YEAR)])

    class Meta:
        abstract = True


class KpiTarget(PlanYear):
    """What an indicator should reach in a year; a percentage as a whole number."""

    kpi = ParentalKey(Kpi, verbose_name=_("KPI"), on_delete=models.CASCADE, related_name="targets")
    target = models.PositiveIntegerField(pgettext_lazy("plan", "target"))

    class Meta:
        verbose_name = _("KPI target")
        verbose_name_plural = _("KPI targets")
        ordering = ("kpi", "year")
        constraints = (models.UniqueConstraint(fields=("kpi", "year"), name="reporting_target_once_a_year"),)

    def __str__(self) -> str:
        return f"{self.kpi.code}, {self.year}: {self.target}"


class PlannedActivity(BilingualName):
    """How many activities of a kind the plan wants a year, per work package."""

    kind = models.SlugField(_("kind"), max_length=30)
    work_package = models.ForeignKey(
        Term,
        verbose_name=_("work package"),
        on_delete=models.PROTECT,
        related_name="+",
        limit_choices_to={"kind": Term.Kind.WORK_PACKAGE},
    )
    yearly_number = models.PositiveSmallIntegerField(_("number a year"))

    class Meta:
        verbose_name = _("planned activity")
        verbose_name_plural = _("planned activities")
        ordering = ("work_package__number", "kind")
        constraints = (
            models.UniqueConstraint(fields=("kind", "work_package"), name="reporting_planned_activity_once"),
        )


class GrowthTarget(PlanYear):
    """How many paying member companies of a size and tier the plan foresees."""

    size = models.CharField(_("size"), max_length=20)
    tier = models.CharField(_("tier"), max_length=30)
    members = models.PositiveSmallIntegerField(_("members"))

    class Meta:
        verbose_name = _("growth target")
        verbose_name_plural = _("growth targets")
        ordering = ("year", "size", "tier")
        constraints = (
            models.UniqueConstraint(fields=("size", "tier", "year"), name="reporting_growth_once_a_year"),
        )

    def __str__(self) -> str:
        words = {"size": SIZES.get(self.size, self.size), "tier": self.tier.capitalize()}
        return gettext("%(tier)s, %(size)s, year %(year)s") % {**words, "year": self.year}


class RevenueTarget(PlanYear, BilingualName):
    """What a stream of revenue should bring in a year, in whole EUR."""

    stream = models.SlugField(_("stream"), max_length=30)
    amount_eur = models.PositiveIntegerField(_("amount in EUR"))

    class Meta:
        verbose_name = _("revenue target")
        verbose_name_plural = _("revenue targets")
        ordering = ("year", "stream")
        constraints = (
            models.UniqueConstraint(fields=("stream", "year"), name="reporting_revenue_once_a_year"),
        )


class WorkPackageWeight(PlanYear):
    """The share of the year's work that goes to a work package, in percent."""

    work_package = models.ForeignKey(
        Term,
        verbose_name=_("work package"),
        on_delete=models.PROTECT,
        related_name="+",
        limit_choices_to={"kind": Term.Kind.WORK_PACKAGE},
    )
    percent = models.PositiveSmallIntegerField(_("percent"), validators=[MaxValueValidator(100)])

    class Meta:
        verbose_name = _("weight of a work package")
        verbose_name_plural = _("weights of work packages")
        ordering = ("year", "work_package__number")
        constraints = (
            models.UniqueConstraint(fields=("work_package", "year"), name="reporting_weight_once_a_year"),
        )

    def __str__(self) -> str:
        return gettext("%(package)s, year %(year)s") % {"package": self.work_package, "year": self.year}
