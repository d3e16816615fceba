"""The sign-up page of the newsletter."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from cms.models import SitePage
from cms.navigation import get_privacy_url


class NewsletterPage(SitePage):
    """Where visitors subscribe to the newsletter."""

    template = "newsletters/newsletter_page.html"
    parent_page_types = ["home.HomePage"]
    subpage_types: list[str] = []

    @classmethod
    def find(cls) -> "NewsletterPage | None":
        """Return the page in the active language; None before an editor made one."""
        page: NewsletterPage | None = cls.objects.live().filter(locale__language_code=get_language()).first()
        return page

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add where to read how addresses are treated."""
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        return {**context, "privacy_url": get_privacy_url(request)}

    class Meta:
        verbose_name = _("newsletter page")
        verbose_name_plural = _("newsletter pages")
