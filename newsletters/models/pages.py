"""The sign-up page of the newsletter."""

from django.utils.translation import gettext_lazy as _

from cms.models import SitePage


class NewsletterPage(SitePage):
    """Where visitors subscribe to the newsletter."""

    template = "newsletters/newsletter_page.html"
    parent_page_types = ["home.HomePage"]
    subpage_types: list[str] = []

    class Meta:
        verbose_name = _("newsletter page")
        verbose_name_plural = _("newsletter pages")
