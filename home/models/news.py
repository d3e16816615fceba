"""News: an index and its articles."""

from datetime import date
from typing import Any

from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.search import index

from cms import schema_org
from cms.gate import visible_pages
from cms.listing import ListFilters
from cms.models import SiteImage, SitePage, TaggedPage, Term
from cms.navigation import subjects_of

OTHERS = 3
"""So many other articles stand beside one."""


class NewsIndexPage(SitePage):
    """The list of articles, newest first, with filters."""

    template = "home/news_index_page.html"
    parent_page_types = ["home.HomePage"]
    subpage_types = ["home.ArticlePage"]
    feed = "home:news_feed"
    feed_label = _("Follow our news in your feed reader (RSS)")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the articles that the visitor may open, filtered and in pages."""
        filters = ListFilters(request.GET, kinds=Term.Kind)
        articles = ArticlePage.objects.child_of(self).order_by("-published_on", "-pk")
        whole = visible_pages(articles, request)
        articles = filters.filter_terms(whole).prefetch_related("terms")
        return {
            **super().get_context(request, *args, **kwargs),
            "filters": filters,
            "listing": filters.paginate(articles, 12, whole=whole),
        }

    class Meta:
        verbose_name = _("news index")
        verbose_name_plural = _("news indexes")


class ArticlePage(TaggedPage):
    """A news item."""

    published_on = models.DateField(_("date"), default=timezone.localdate)
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
        *TaggedPage.head_panels,
        FieldPanel("published_on"),
        FieldPanel("picture"),
        FieldPanel("body"),
    ]
    search_fields = [*TaggedPage.search_fields, index.FilterField("published_on")]
    template = "home/article_page.html"
    parent_page_types = ["home.NewsIndexPage"]
    subpage_types: list[str] = []

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add what it is about, with the address of the index, and the newest others."""
        others = visible_pages(ArticlePage.objects.sibling_of(self, inclusive=False), request)
        return {
            **super().get_context(request, *args, **kwargs),
            **subjects_of(self, request),
            "others": others.order_by("-published_on", "-pk")[:OTHERS],
        }

    def get_structured_data(self, request: HttpRequest) -> list[dict[str, Any]]:
        """Add the article as schema.org knows it."""
        article = {
            "@context": schema_org.CONTEXT,
            "@type": "NewsArticle",
            "headline": self.title[:110],
            "description": self.lead,
            "datePublished": self.published_on,
            "dateModified": self.last_published_at,
            "inLanguage": get_language(),
            "mainEntityOfPage": schema_org.absolute(self.get_url(request) or "/"),
            "publisher": schema_org.describe_organisation(),
        }
        return [*super().get_structured_data(request), article]

    class Meta:
        verbose_name = _("article")
        verbose_name_plural = _("articles")

    def get_search_date(self) -> date:
        """The day of the news."""
        return self.published_on
