"""Calls for projects of funders, with their deadlines: the ledger row."""

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from cms.models import PublishedRow

MILLION = 1_000_000


class CallFacts(models.Model):
    """What editors write on a page about the call; it takes effect on publish."""

    class Kind(models.TextChoices):
        """Where the money comes from."""

        REGIONAL = "regional", _("local or provincial")
        FLEMISH = "flemish", _("Flemish")
        EUROPEAN = "european", _("European")

    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    funder_nl = models.CharField(_("funder, in Dutch"), max_length=120)
    funder_en = models.CharField(_("funder, in English"), max_length=120)
    budget_eur = models.PositiveBigIntegerField(_("budget in EUR"), null=True, blank=True)
    official_url = models.URLField(_("official page"), blank=True)
    opens_at = models.DateTimeField(_("opens"), null=True, blank=True)
    closes_at = models.DateTimeField(_("closes"), null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def funder(self) -> str:
        """The funder's name in the active language."""
        return self.funder_en if get_language() == "en" else self.funder_nl

    @property
    def budget_millions(self) -> int:
        """The budget in millions where it is a whole number of them, else 0: people say "20 million"."""
        millions, rest = divmod(self.budget_eur or 0, MILLION)
        return 0 if rest else millions


class Call(PublishedRow, CallFacts):
    """The ledger row: who funds, how much, until when."""

    class Meta:
        verbose_name = _("call")
        verbose_name_plural = _("calls")
        ordering = (models.F("closes_at").asc(nulls_last=True), "pk")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(opens_at__isnull=True)
                | models.Q(closes_at__isnull=True)
                | models.Q(closes_at__gt=models.F("opens_at")),
                name="matchmaking_call_closes_after_opening",
            ),
        )
