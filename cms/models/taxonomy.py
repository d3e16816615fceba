"""The words by which everything is tagged and found. One row a term, in both languages."""

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class Term(models.Model):
    """A domain, theme, development goal, layer, work package or audience.

    The slug is stable and the same in every language, so that a filter gives the same set on the
    Dutch and on the English page.
    """

    class Kind(models.TextChoices):
        """The taxonomies, in the order in which filters show them."""

        DOMAIN = "domain", _("domain")
        THEME = "theme", _("theme")
        LAYER = "layer", _("layer")
        SDG = "sdg", _("Sustainable Development Goal")
        WORK_PACKAGE = "work_package", _("work package")
        AUDIENCE = "audience", _("audience")

    SUBJECTS = (Kind.DOMAIN, Kind.THEME, Kind.LAYER, Kind.SDG, Kind.WORK_PACKAGE)
    """What something can be about; an audience says whom it is for."""

    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    slug = models.SlugField(_("slug"), max_length=60, unique=True)
    number = models.PositiveSmallIntegerField(
        _("number"), null=True, blank=True, help_text=_("The layer’s, goal’s or work package’s own number.")
    )
    name_nl = models.CharField(_("name in Dutch"), max_length=120)
    name_en = models.CharField(_("name in English"), max_length=120)
    description_nl = models.TextField(_("description in Dutch"), blank=True)
    description_en = models.TextField(_("description in English"), blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("term")
        verbose_name_plural = _("terms")
        ordering = ("kind", "position", "slug")
        constraints = (
            models.UniqueConstraint(
                fields=("kind", "number"),
                condition=models.Q(number__isnull=False),
                name="cms_term_number_once_a_kind",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name in the active language."""
        return self.name_en if get_language() == "en" else self.name_nl

    @property
    def description(self) -> str:
        """The description in the active language."""
        return self.description_en if get_language() == "en" else self.description_nl
