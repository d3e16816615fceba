"""The pages of case studies: the list and one page a case."""

from typing import Any

from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.search import index

from cms.listing import FilterField, ListFilters
from cms.models import LedgerPage, SiteImage, SitePage, Term
from cms.navigation import subjects_of
from cms.queries import tell, with_a_page
from matchmaking.models.cases import CaseFacts, CaseStudy


class CaseIndexPage(SitePage):
    """All case studies, with filters."""

    template = "matchmaking/case_index_page.html"
    parent_page_types = ["home.HomePage"]
    subpage_types = ["matchmaking.CasePage"]

    class Meta:
        verbose_name = _("case-study index")
        verbose_name_plural = _("case-study indexes")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the case studies, filtered and in pages."""
        filters = ListFilters(
            request.GET,
            kinds=Term.Kind,
            extra=[FilterField("state", pgettext_lazy("project", "Status"), CaseFacts.State.choices)],
        )
        whole = with_a_page(CaseStudy.objects.all(), request=request)
        cases = filters.filter_terms(whole)
        if states := filters.selected("state"):
            cases = cases.filter(state__in=states)
        listing = filters.paginate(cases.prefetch_related("terms"), 20, whole=whole)
        return {
            **super().get_context(request, *args, **kwargs),
            "filters": filters,
            "listing": listing.show(lambda rows: tell(rows, request=request)),
        }


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

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add what the case is about, with the address of the list."""
        context = super().get_context(request, *args, **kwargs)
        return {**context, **subjects_of(self, request)}

    @property
    def partner_list(self) -> list[str]:
        """The partners, one by one."""
        return [line.strip() for line in self.partners.splitlines() if line.strip()]
