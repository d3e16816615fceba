"""The page that sells the membership and the page that shows the members."""

from django.utils.translation import gettext_lazy as _

from cms.models import SitePage


class MembershipPage(SitePage):
    """Tiers, prices and what each gives; prices come from the matrix."""

    template = "membership/membership_page.html"
    parent_page_types = ["home.HomePage"]

    class Meta:
        verbose_name = _("membership page")
        verbose_name_plural = _("membership pages")


class MembersPage(SitePage):
    """All members with a running membership, with filters."""

    template = "membership/members_page.html"
    parent_page_types = ["home.HomePage"]
    subpage_types: list[str] = []

    class Meta:
        verbose_name = _("members page")
        verbose_name_plural = _("members pages")
