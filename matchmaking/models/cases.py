"""Case studies: what came of the matches."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.search import index

from cms.models import LedgerPage, PublishedRow, SiteImage, SitePage


class CaseFacts(models.Model):
    """What editors write on a page about the case; it takes effect on publish."""

    class State(models.TextChoices):
        """Whether the work goes on."""

        RUNNING = "running", _("running")
        FINISHED = "finished", _("finished")

    state = models.CharField(_("state"), max_length=20, choices=State.choices, default=State.FINISHED)
    place = models.CharField(_("place"), max_length=120, blank=True)
    year_from = models.PositiveSmallIntegerField(_("year"), null=True, blank=True)
    partners = models.TextField(_("partners"), blank=True, help_text=_("One organisation a line."))

    class Meta:
        abstract = True


class CaseStudy(PublishedRow, CaseFacts):
    """The ledger row: who worked where, on what, and how it stands."""

    class Meta:
        verbose_name = _("case study")
        verbose_name_plural = _("case studies")
        ordering = ("name_nl", "pk")


class CaseIndexPage(SitePage):
    """All case studies, with filters."""

    template = "matchmaking/case_index_page.html"
    parent_page_types = ["home.HomePage"]
    subpage_types = ["matchmaking.CasePage"]

    class Meta:
        verbose_name = _("case-study index")
        verbose_name_plural = _("case-study indexes")


class CasePage(LedgerPage, CaseFacts):
    """One case study: question, partners, approach, outcome."""

    facts_model = CaseFacts
    ledger_model = CaseStudy

    outcome = models.TextField(_("outcome"), blank=True)
    picture = models.ForeignKey(
        SiteImage,
        verbose_name=_("picture"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("Without a picture the platform draws one from the layers and domains."),
    )

    content_panels = [
        *LedgerPage.head_panels,
        MultiFieldPanel(
            [
                FieldPanel("partners"),
                FieldRowPanel([FieldPanel("place"), FieldPanel("year_from"), FieldPanel("state")]),
            ],
            heading=_("The case (takes effect on publish, for all languages)"),
        ),
        FieldPanel("outcome"),
        FieldPanel("picture"),
        FieldPanel("body"),
    ]
    override_translatable_fields = LedgerPage.synchronized_facts(CaseFacts)
    search_fields = [
        *LedgerPage.search_fields,
        index.SearchField("partners"),
        index.SearchField("outcome"),
    ]
    template = "matchmaking/case_page.html"
    parent_page_types = ["matchmaking.CaseIndexPage"]
    subpage_types: list[str] = []

    class Meta:
        verbose_name = _("case study")
        verbose_name_plural = _("case studies")
