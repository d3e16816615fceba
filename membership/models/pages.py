"""The page that sells the membership and the page that shows the members."""

from datetime import datetime, time, timedelta
from typing import Any

from django.db import models
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.models import Page

from cms.listing import FilterField, ListFilters
from cms.models import SitePage, Term
from membership.models.organisation import Organisation
from membership.queries import compared_benefits, listed_members, price_table, prices_apart


class MembershipPage(SitePage):
    """Tiers, prices and what each gives; prices come from the matrix."""

    template = "membership/membership_page.html"
    parent_page_types = ["home.HomePage"]

    code_of_conduct = models.ForeignKey(
        Page,
        verbose_name=_("code of conduct"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("Who joins accepts it; the form links to it."),
    )
    privacy_statement = models.ForeignKey(
        Page,
        verbose_name=_("privacy statement"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("The join form links to it."),
    )
    content_panels = [
        *SitePage.head_panels,
        FieldPanel("body"),
        FieldPanel("code_of_conduct"),
        FieldPanel("privacy_statement"),
    ]

    class Meta:
        verbose_name = _("membership page")
        verbose_name_plural = _("membership pages")

    @classmethod
    def find(cls) -> "MembershipPage | None":
        """Return the page in the active language, else in another; None before an editor made one."""
        page: MembershipPage | None = cls.objects.live().order_by("path").first()
        return page.localized if page else None

    @property
    def policies(self) -> list[Page]:
        """What who joins accepts: the pages in the active language, as far as they are published."""
        pages = [page.localized for page in (self.code_of_conduct, self.privacy_statement) if page]
        return [page for page in pages if page.live]

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add today's fees and the comparison of the tiers."""
        today = timezone.localdate()
        rows = price_table(on=today)
        tiers = [tier for tier, _fee in rows[0].fees] if rows else []
        return {
            **super().get_context(request, *args, **kwargs),
            "price_rows": rows,
            "prices_apart": prices_apart(on=today),
            "tiers": tiers,
            "benefits": compared_benefits(tiers),
        }

    def next_change_at(self, at: datetime) -> datetime:
        """Midnight: a fee counts from its day on."""
        return _next_midnight(at)


class MembersPage(SitePage):
    """All members with a running membership, with filters."""

    template = "membership/members_page.html"
    parent_page_types = ["home.HomePage"]
    subpage_types: list[str] = []

    class Meta:
        verbose_name = _("members page")
        verbose_name_plural = _("members pages")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the members that want to be shown, filtered and in pages."""
        filters = ListFilters(
            request.GET,
            kinds=[Term.Kind.DOMAIN, Term.Kind.THEME, Term.Kind.LAYER, Term.Kind.SDG],
            extra=[FilterField("kind", _("Kind of organisation"), Organisation.Kind.choices)],
            text="q",
        )
        whole = listed_members()
        members = filters.filter_terms(whole)
        if kinds := filters.selected("kind"):
            members = members.filter(kind__in=kinds)
        for word in filters.text.split()[:8]:
            members = members.filter(Q(name__icontains=word) | Q(city__icontains=word))
        members = members.prefetch_related("terms").select_related("logo")
        return {
            **super().get_context(request, *args, **kwargs),
            "filters": filters,
            "listing": filters.paginate(members, 24, whole=whole),
        }

    def next_change_at(self, at: datetime) -> datetime:
        """Midnight: a membership ends with a day."""
        return _next_midnight(at)


def _next_midnight(at: datetime) -> datetime:
    tomorrow = timezone.localdate(at) + timedelta(days=1)
    return timezone.make_aware(datetime.combine(tomorrow, time.min))
