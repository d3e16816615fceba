"""Atom feeds of pages in the active language, for feed readers: what a visitor may open, the newest first."""

from datetime import datetime
from typing import Any
from uuid import uuid5

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.syndication.views import Feed
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import get_language
from wagtail.models import Page

from cms.addresses import know_addresses
from cms.gate import visible_pages
from cms.models.pages import feed_title
from cms.schema_org import absolute

NEWEST = 30


class PageFeed(Feed):
    """The base of a feed: a subclass names its title, its own address and its pages."""

    feed_type = Atom1Feed
    name: Any
    """What the feed tells of, translated when asked."""
    address: str
    """The name of the feed's own URL pattern."""

    def get_pages(self) -> QuerySet[Any]:
        """Return the pages, the newest first, whoever may see them and in whatever language."""
        raise NotImplementedError

    def get_index(self) -> QuerySet[Any]:
        """Return the pages that the feed belongs to, in whatever language."""
        raise NotImplementedError

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpRequest:
        """Keep the request, by which pages tell their addresses."""
        know_addresses(request)
        return request

    def title(self) -> str:
        return feed_title(str(self.name))

    def feed_url(self) -> str:
        return absolute(reverse(self.address))

    def link(self, request: HttpRequest) -> str:
        """The list that the feed belongs to, else the home page."""
        index = self._open(self.get_index()).first()
        return absolute((index.get_url(request) if index else "") or f"/{get_language()}/")

    def items(self, request: HttpRequest) -> list[tuple[Page, str]]:
        """Each page with its address."""
        return [(page, page.get_url(request) or "") for page in self._open(self.get_pages())[:NEWEST]]

    def _open(self, pages: QuerySet[Any]) -> QuerySet[Any]:
        """A reader asks without a session: a feed is the same for everybody."""
        return visible_pages(pages.filter(locale__language_code=get_language()), AnonymousUser())

    def item_title(self, item: tuple[Page, str]) -> str:
        return str(item[0].title)

    def item_description(self, item: tuple[Page, str]) -> str:
        return str(item[0].lead)

    def item_link(self, item: tuple[Page, str]) -> str:
        return absolute(item[1])

    def item_guid(self, item: tuple[Page, str]) -> str:
        """The same for ever, whatever the address becomes; each language has its own."""
        return uuid5(item[0].translation_key, get_language() or "").urn

    def item_pubdate(self, item: tuple[Page, str]) -> datetime | None:
        return item[0].first_published_at

    def item_updateddate(self, item: tuple[Page, str]) -> datetime | None:
        return item[0].last_published_at

    def item_author_name(self, item: tuple[Page, str]) -> str:
        return str(settings.WAGTAIL_SITE_NAME)
