"""Images and documents. Originals lie in the private storage; only renditions are public files."""

from django.conf import settings
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from wagtail.documents.models import AbstractDocument, Document
from wagtail.images.models import AbstractImage, AbstractRendition, Image

from cms.models.taxonomy import Term


class SiteImage(AbstractImage):
    """A picture for public pages, with its maker. Nothing private is an image."""

    credit = models.CharField(_("credit"), max_length=200, blank=True)

    admin_form_fields = (*Image.admin_form_fields, "credit")

    class Meta(AbstractImage.Meta):
        verbose_name = _("image")
        verbose_name_plural = _("images")


class SiteRendition(AbstractRendition):
    """A picture in one size and format."""

    image = models.ForeignKey(SiteImage, on_delete=models.CASCADE, related_name="renditions")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("image", "filter_spec", "focal_point_key"), name="cms_rendition_once"
            ),
        )


class SiteDocument(AbstractDocument):
    """A file to download. Who may have it follows from its collection, by Wagtail's own privacy."""

    language = models.CharField(
        _("language"),
        max_length=2,
        blank=True,
        choices=settings.LANGUAGES,
        help_text=_("Leave empty if the file is for readers of both languages."),
    )
    terms = models.ManyToManyField(Term, verbose_name=_("terms"), blank=True, related_name="+")
    summary_nl = models.TextField(_("summary in Dutch"), blank=True)
    summary_en = models.TextField(_("summary in English"), blank=True)

    admin_form_fields = (*Document.admin_form_fields, "language", "terms", "summary_nl", "summary_en")

    class Meta(AbstractDocument.Meta):
        verbose_name = _("document")
        verbose_name_plural = _("documents")

    @property
    def summary(self) -> str:
        """The summary in the active language, else in the other."""
        first, second = self.summary_nl, self.summary_en
        return (second or first) if get_language() == "en" else (first or second)
