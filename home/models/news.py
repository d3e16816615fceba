"""News: an index and its articles."""

from datetime import date

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.search import index

from cms.models import SiteImage, SitePage, TaggedPage


class NewsIndexPage(SitePage):
    """The list of articles, newest first, with filters."""

    template = "home/news_index_page.html"
    parent_page_types = ["home.HomePage"]
    subpage_types = ["home.ArticlePage"]

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

    class Meta:
        verbose_name = _("article")
        verbose_name_plural = _("articles")

    def get_search_date(self) -> date:
        """The day of the news."""
        return self.published_on
