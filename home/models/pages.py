"""The home page and the plain content page."""

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import StreamField
from wagtail.search import index

from cms.blocks import BodyBlock
from cms.models import SitePage, TaggedPage


class HomePage(SitePage):
    """The front page of one language."""

    body = StreamField(BodyBlock(), verbose_name=_("body"), blank=True)

    content_panels = [*SitePage.content_panels, FieldPanel("body")]
    search_fields = [*SitePage.search_fields, index.SearchField("body")]
    template = "home/home_page.html"
    parent_page_types = ["wagtailcore.Page"]

    class Meta:
        verbose_name = _("home page")
        verbose_name_plural = _("home pages")


class ContentPage(TaggedPage):
    """A page with text: about us, privacy, the reference model."""

    body = StreamField(BodyBlock(), verbose_name=_("body"), blank=True)

    content_panels = [*TaggedPage.content_panels, FieldPanel("body")]
    search_fields = [*TaggedPage.search_fields, index.SearchField("body")]
    template = "home/content_page.html"
    parent_page_types = ["home.HomePage", "home.ContentPage"]

    class Meta:
        verbose_name = _("content page")
        verbose_name_plural = _("content pages")
