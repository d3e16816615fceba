"""The people behind the association."""

from typing import Any

from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, InlinePanel
from wagtail.models import Orderable, TranslatableMixin
from wagtail.search import index

from cms.models import SiteImage, SitePage


class PeoplePage(SitePage):
    """Team and board, with what each person can be asked."""

    search_fields = [
        *SitePage.search_fields,
        index.RelatedFields(
            "people", [index.SearchField("name"), index.SearchField("role"), index.SearchField("bio")]
        ),
    ]
    content_panels = [*SitePage.head_panels, InlinePanel("people", label=_("person")), FieldPanel("body")]
    template = "home/people_page.html"
    parent_page_types = ["home.HomePage", "home.ContentPage"]
    subpage_types: list[str] = []

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the people with their photos, in one query."""
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        people = self.people.all()
        context["people"] = (
            people if getattr(request, "is_preview", False) else people.select_related("photo")
        )
        return context

    class Meta:
        verbose_name = _("people page")
        verbose_name_plural = _("people pages")


class Person(TranslatableMixin, Orderable):
    """One person as the site shows them: no account, no address book."""

    page = ParentalKey(PeoplePage, on_delete=models.CASCADE, related_name="people")
    name = models.CharField(_("name"), max_length=100)
    role = models.CharField(_("job title"), max_length=120)
    bio = models.TextField(_("in a few words"), blank=True, max_length=600)
    email = models.EmailField(_("e-mail address"), blank=True)
    photo = models.ForeignKey(
        SiteImage, verbose_name=_("photo"), null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    panels = [
        FieldPanel("name"),
        FieldPanel("role"),
        FieldPanel("bio"),
        FieldPanel("email"),
        FieldPanel("photo"),
    ]

    class Meta(TranslatableMixin.Meta, Orderable.Meta):
        verbose_name = _("person")
        verbose_name_plural = _("people")

    def __str__(self) -> str:
        return self.name
