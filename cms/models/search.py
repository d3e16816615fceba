"""The search index: one entry for each thing in each language, and the words by which it is found."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from cms.models.taxonomy import Term


class SearchEntry(models.Model):
    """A page or document in one language, as search finds and shows it.

    A copy: `cms.search.indexing` writes it whenever its source changes, `manage.py rebuild_search`
    makes all of them anew. Nothing else writes here.
    """

    source = models.CharField(_("source"), max_length=40)
    object_id = models.PositiveBigIntegerField(_("number in the source"))
    language = models.CharField(_("language"), max_length=10)
    thing = models.CharField(
        _("thing"), max_length=60, help_text=_("The same for a thing’s versions in all languages.")
    )
    kind = models.CharField(_("kind"), max_length=40)
    title = models.CharField(_("title"), max_length=255)
    url = models.CharField(_("address"), max_length=500)
    summary = models.TextField(_("summary"), blank=True)
    text = models.TextField(_("text"), blank=True)
    access = models.CharField(
        _("access"),
        max_length=255,
        blank=True,
        help_text=_("The gate’s keys that a visitor must all hold, joined by +; empty for public."),
    )
    shown_on = models.DateField(_("date"), null=True, blank=True)
    terms = models.ManyToManyField(Term, verbose_name=_("terms"), blank=True, related_name="+")
    digest = models.CharField(_("digest"), max_length=64, help_text=_("Tells whether the source changed."))
    indexed_at = models.DateTimeField(_("indexed at"), db_index=True)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("search entry")
        verbose_name_plural = _("search entries")
        constraints = (
            models.UniqueConstraint(
                fields=("source", "object_id", "language"), name="cms_searchentry_once_a_thing_and_language"
            ),
        )

    def __str__(self) -> str:
        return f"{self.title} ({self.language})"


class SearchWord(models.Model):
    """A token of `cms.search.analyser` in an entry: how much it weighs and where it first stands."""

    entry = models.ForeignKey(SearchEntry, on_delete=models.CASCADE, related_name="words")
    token = models.CharField(_("token"), max_length=255)
    weight = models.PositiveSmallIntegerField(_("weight"))
    position = models.PositiveIntegerField(
        _("position"), null=True, help_text=_("The first letter’s place in the text; empty when not in it.")
    )

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("search word")
        verbose_name_plural = _("search words")
        constraints = (
            models.UniqueConstraint(fields=("token", "entry"), name="cms_searchword_once_an_entry"),
        )

    def __str__(self) -> str:
        return self.token
