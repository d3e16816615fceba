"""Ledger rows that pages publish: one thing, one row, however many languages its pages have."""

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from wagtail_localize.fields import SynchronizedField

from cms.models.pages import TaggedPage
from cms.models.taxonomy import Term


class PublishedRow(models.Model):
    """A row that lists, filters and counts; its words come from the pages that share its key."""

    translation_key = models.UUIDField(_("key of its pages"), unique=True, editable=False)
    name_nl = models.CharField(_("name in Dutch"), max_length=255, blank=True)
    name_en = models.CharField(_("name in English"), max_length=255, blank=True)
    lead_nl = models.TextField(_("lead in Dutch"), blank=True)
    lead_en = models.TextField(_("lead in English"), blank=True)
    terms = models.ManyToManyField(Term, verbose_name=_("terms"), blank=True, related_name="+")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    def _in_language(self, field: str) -> str:
        own, other = ("en", "nl") if get_language() == "en" else ("nl", "en")
        return getattr(self, f"{field}_{own}") or getattr(self, f"{field}_{other}")

    @property
    def name(self) -> str:
        """The name in the active language, else in the other."""
        return self._in_language("name")

    @property
    def lead(self) -> str:
        """The lead in the active language, else in the other."""
        return self._in_language("lead")


class LedgerPage(TaggedPage):
    """A page that carries the words of a ledger row, and a draft of its facts.

    Page and row inherit the same abstract `facts_model`. What editors change takes effect on
    publish: `cms.operations.publishing` then copies the facts of the page that leads (the Dutch
    one, or the only one) to the row, and the page's title and lead to the row's words in the
    page's language. The row is found by the pages' shared translation key.
    """

    facts_model: ClassVar[type[models.Model]]
    ledger_model: ClassVar[type[PublishedRow]]

    class Meta:
        abstract = True

    @classmethod
    def fact_names(cls) -> list[str]:
        """Names of the fields that page and row share."""
        return [field.name for field in cls.facts_model._meta.local_fields]

    @classmethod
    def synchronized_facts(cls, facts_model: type[models.Model]) -> list[SynchronizedField]:
        """Facts are the same in every language: a translation copies them and cannot differ."""
        names = [field.name for field in facts_model._meta.local_fields]
        return [SynchronizedField(name, overridable=False) for name in ["terms", *names]]

    @property
    def row(self) -> Any:
        """The ledger row, or None before the first publication."""
        if not hasattr(self, "_row"):
            self._row = self.ledger_model._default_manager.filter(
                translation_key=self.translation_key
            ).first()
        return self._row
