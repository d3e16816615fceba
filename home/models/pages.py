"""The home page and the plain content page."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cms import page_cache, schema_org
from cms.listing import all_terms
from cms.models import SitePage, TaggedPage, Term
from cms.models.pages import feed_title
from events.rules import next_change
from home import queries


class HomePage(SitePage):
    """The front page of one language."""

    template = "home/home_page.html"
    parent_page_types = ["wagtailcore.Page"]

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the five layers and the domains, what comes next and what is new."""
        at = timezone.now()
        shown = queries.front_page(self, request=request, at=at)
        for told in shown["activities"]:
            page_cache.expires_at(request, next_change(told.row.schedule(taken=told.row.taken), at=at))
        terms = all_terms()
        layers = [term for term in reversed(terms) if term.kind == Term.Kind.LAYER]
        domains = [term for term in terms if term.kind == Term.Kind.DOMAIN]
        context = super().get_context(request, *args, **kwargs)
        return {**context, "layers": layers, "domains": domains, **shown}

    def get_feeds(self) -> list[tuple[str, str]]:
        """Who gives a feed reader the address of the site wants its news."""
        return [(feed_title(str(_("News"))), reverse("home:news_feed"))]

    def get_structured_data(self, request: HttpRequest) -> list[dict[str, Any]]:
        """Describe the association."""
        return [schema_org.describe_organisation()]

    class Meta:
        verbose_name = _("home page")
        verbose_name_plural = _("home pages")


class ContentPage(TaggedPage):
    """A page with text: about us, privacy, the reference model."""

    template = "home/content_page.html"
    parent_page_types = ["home.HomePage", "home.ContentPage"]

    class Meta:
        verbose_name = _("content page")
        verbose_name_plural = _("content pages")
