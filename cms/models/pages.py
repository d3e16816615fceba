"""What every page of the site has. Pages render; whatever must be right lives in ledgers."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalManyToManyField
from wagtail.admin.panels import FieldPanel
from wagtail.models import Page
from wagtail_localize.fields import SynchronizedField

from cms.models.taxonomy import Term


class SitePage(Page):
    """A page with a lead of one or two sentences that lists, search and shares show."""

    lead = models.TextField(
        _("lead"), max_length=300, blank=True, help_text=_("One or two sentences, also shown in lists.")
    )

    content_panels = [*Page.content_panels, FieldPanel("lead")]

    class Meta:
        abstract = True

    def get_terms(self) -> list[Term]:
        """The terms that this page is found by: its own, or those of the ledger row it points at."""
        return []


class TaggedPage(SitePage):
    """A page that carries terms itself, the same in every language."""

    terms = ParentalManyToManyField(Term, verbose_name=_("terms"), blank=True, related_name="+")

    content_panels = [*SitePage.content_panels, FieldPanel("terms")]
    override_translatable_fields = [SynchronizedField("terms")]

    class Meta:
        abstract = True

    def get_terms(self) -> list[Term]:
        """The page's own terms."""
        return list(self.terms.all())
