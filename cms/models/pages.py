"""What every page of the site has. Pages render; whatever must be right lives in ledgers."""

from datetime import date, datetime
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalManyToManyField
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail.search import index
from wagtail_localize.fields import SynchronizedField

from cms import page_cache, schema_org
from cms.addresses import know_addresses
from cms.blocks import BodyBlock
from cms.forms import TermBoxes
from cms.models.taxonomy import Term


def feed_title(name: str) -> str:
    """Return what a feed is called among those of other sites."""
    return f"{settings.WAGTAIL_SITE_NAME}: {name}"


class SitePage(Page):
    """A page with a lead, which lists, search and shares show, and a body of content blocks."""

    lead = models.TextField(
        _("lead"), max_length=300, blank=True, help_text=_("One or two sentences, also shown in lists.")
    )

    body = StreamField(BodyBlock(), verbose_name=_("body"), blank=True)

    head_panels = [*Page.content_panels, FieldPanel("lead")]
    content_panels = [*head_panels, FieldPanel("body")]
    # Not "show in menus": the menus have their own place in the back office.
    promote_panels = [
        MultiFieldPanel(
            [FieldPanel("slug"), FieldPanel("seo_title"), FieldPanel("search_description")],
            heading=_("For search engines"),
        )
    ]
    search_fields = [*Page.search_fields, index.SearchField("lead"), index.SearchField("body")]

    known_query: ClassVar[tuple[str, ...]] = ()
    """Query parameters that the page reads besides those of its `filters` (cms.listing). A query with
    others is never kept in the page cache."""

    feed: ClassVar[str] = ""
    """The name of the URL pattern of the feed (cms.feeds) that tells what is new on this page."""

    feed_label: ClassVar[Promise | str] = ""
    """The words of the link to it."""

    class Meta:
        abstract = True

    def get_search_date(self) -> date | None:
        """The day that search shows beside this page, if a day matters."""
        return None

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the page, and tell the page cache what it depends on besides the database."""
        know_addresses(request)
        page_cache.knows_query(request, *self.known_query)
        page_cache.expires_at(request, self.next_change_at(timezone.now()))
        response: HttpResponseBase = super().serve(request, *args, **kwargs)
        filters = (getattr(response, "context_data", None) or {}).get("filters")
        if filters is not None:  # few values each; words to search for are not declared, so never kept
            page_cache.knows_query(request, "page", *(group.name for group in filters.groups))
        return response

    def next_change_at(self, at: datetime) -> datetime | None:
        """Return when the clock alone next changes this page (a deadline, an opening), after `at`."""
        return None

    def get_structured_data(self, request: HttpRequest) -> list[dict[str, Any]]:
        """What machines read of this page as JSON-LD: the way to it. Page types add what they show."""
        trail = schema_org.describe_trail(self, request)
        return [trail] if trail else []

    def get_feeds(self) -> list[tuple[str, str]]:
        """The Atom feeds that readers may discover here: title and address."""
        return [(feed_title(self.title), reverse(self.feed))] if self.feed else []

    def get_terms(self) -> list[Term]:
        """The terms that this page is found by: its own, or those of the ledger row it points at."""
        return []


class TaggedPage(SitePage):
    """A page that carries terms itself, the same in every language."""

    terms = ParentalManyToManyField(Term, verbose_name=_("terms"), blank=True, related_name="+")

    head_panels = [*SitePage.head_panels, FieldPanel("terms", widget=TermBoxes)]
    content_panels = [*head_panels, FieldPanel("body")]
    override_translatable_fields = [SynchronizedField("terms")]

    class Meta:
        abstract = True

    def get_terms(self) -> list[Term]:
        """The page's own terms; asked once while the page is shown, where several parts need them."""
        shown: list[Term] | None = getattr(self, "_shown_terms", None)
        return list(self.terms.all()) if shown is None else shown

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Ask for the terms."""
        self._shown_terms = self.get_terms()
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        return context
