"""Case studies, what came of the matches: the ledger row."""

from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cms.models import PublishedRow


class CaseFacts(models.Model):
    """What editors write on a page about the case; it takes effect on publish."""

    class State(models.TextChoices):
        """Whether the work goes on."""

        RUNNING = "running", pgettext_lazy("project", "ongoing")
        FINISHED = "finished", _("finished")

    state = models.CharField(_("status"), max_length=20, choices=State.choices, default=State.FINISHED)
    place = models.CharField(_("place"), max_length=120, blank=True)
    year_from = models.PositiveSmallIntegerField(_("year"), null=True, blank=True)
    partners = models.TextField(_("partners"), blank=True, help_text=_("One organisation a line."))

    class Meta:
        abstract = True

    @property
    def in_short(self) -> str:
        """Where it is and how it stands, for its row in a list: "Hasselt, loopt"."""
        return capfirst(", ".join(filter(None, (self.place, self.get_state_display()))))


class CaseStudy(PublishedRow, CaseFacts):
    """The ledger row: who worked where, on what, and how it stands."""

    class Meta:
        verbose_name = _("case study")
        verbose_name_plural = _("case studies")
        ordering = ("name_nl", "pk")
