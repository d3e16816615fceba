"""The home page and the plain content page."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from cms import schema_org
from cms.models import SitePage, TaggedPage


class HomePage(SitePage):
    """The front page of one language."""

    template = "home/home_page.html"
    parent_page_types = ["wagtailcore.Page"]

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
