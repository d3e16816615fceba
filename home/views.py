"""The views of the home app: the feed of the news."""

from datetime import datetime, time

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

from cms.feeds import PageFeed
from home.models import ArticlePage, NewsIndexPage


class NewsFeed(PageFeed):
    """The newest articles."""

    name = _("News")
    address = "home:news_feed"

    def get_pages(self) -> QuerySet[ArticlePage]:
        """Articles, by the date that they carry."""
        return ArticlePage.objects.order_by("-published_on", "-pk")

    def get_index(self) -> QuerySet[NewsIndexPage]:
        """The list of the news."""
        return NewsIndexPage.objects.all()

    def item_pubdate(self, item: tuple[Page, str]) -> datetime:
        """The start of the day that the article carries."""
        return timezone.make_aware(datetime.combine(item[0].published_on, time.min))
