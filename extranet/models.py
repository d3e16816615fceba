"""The member zone's own pages; who may open them is Wagtail's privacy, with the tier groups."""

from django.utils.translation import gettext_lazy as _

from cms.models import SitePage


class MemberHomePage(SitePage):
    """The front page of the member zone."""

    template = "extranet/member_home_page.html"
    parent_page_types = ["home.HomePage"]

    class Meta:
        verbose_name = _("member home page")
        verbose_name_plural = _("member home pages")


class LibraryPage(SitePage):
    """The documents that the visitor's tier may read, with search and filters."""

    template = "extranet/library_page.html"
    parent_page_types = ["extranet.MemberHomePage"]
    subpage_types: list[str] = []

    class Meta:
        verbose_name = _("library page")
        verbose_name_plural = _("library pages")
