"""The menus on top and at the bottom, edited per language."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import FieldPanel, InlinePanel, PageChooserPanel
from wagtail.models import Orderable, TranslatableMixin


class Menu(TranslatableMixin, ClusterableModel):
    """The header's or the footer's links in one language."""

    class Place(models.TextChoices):
        """Where a menu stands."""

        HEADER = "header", _("header")
        FOOTER = "footer", _("footer")

    place = models.CharField(_("place"), max_length=10, choices=Place.choices)

    panels = [FieldPanel("place"), InlinePanel("items", label=_("link"))]

    class Meta(TranslatableMixin.Meta):
        verbose_name = _("menu")
        verbose_name_plural = _("menus")
        constraints = (
            models.UniqueConstraint(fields=("place", "locale"), name="cms_menu_once_a_place_and_language"),
        )

    def __str__(self) -> str:
        return f"{self.get_place_display()} ({self.locale.language_code})"

    def clean(self) -> None:
        """Refuse a second one for a place in a language, which the form does not ask for."""
        super().clean()
        same = Menu.objects.filter(place=self.place, locale=self.locale_id).exclude(pk=self.pk)
        if same.exists():
            raise ValidationError({"place": _("There is a menu for this place in this language already.")})


class MenuItem(Orderable):
    """One link; in the footer, links with the same heading stand together."""

    menu = ParentalKey(Menu, on_delete=models.CASCADE, related_name="items")
    heading = models.CharField(_("heading"), max_length=60, blank=True, help_text=_("Footer only."))
    label = models.CharField(_("text"), max_length=60)
    page = models.ForeignKey(
        "wagtailcore.Page",
        verbose_name=_("page"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
    )
    url = models.CharField(_("other address"), max_length=300, blank=True)

    panels = [FieldPanel("heading"), FieldPanel("label"), PageChooserPanel("page"), FieldPanel("url")]

    class Meta(Orderable.Meta):
        verbose_name = _("link")
        verbose_name_plural = _("links")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(page__isnull=False) ^ ~models.Q(url=""), name="cms_menuitem_page_or_url"
            ),
        )

    def __str__(self) -> str:
        return self.label

    def clean(self) -> None:
        """Refuse a link that leads nowhere, or to two places."""
        if bool(self.page_id) == bool(self.url):
            raise ValidationError({"page": _("Choose a page or type another address, one of the two.")})
