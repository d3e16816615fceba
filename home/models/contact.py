"""The contact form, by Wagtail's form builder: staff choose the fields, answers stay in the back office."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, InlinePanel
from wagtail.contrib.forms.models import AbstractEmailForm, AbstractFormField
from wagtail.contrib.forms.panels import FormSubmissionsPanel
from wagtail.models import TranslatableMixin

from cms.models import SitePage


class ContactFormField(TranslatableMixin, AbstractFormField):
    """A field that visitors fill in."""

    page = ParentalKey("home.ContactPage", on_delete=models.CASCADE, related_name="form_fields")

    class Meta(TranslatableMixin.Meta, AbstractFormField.Meta):
        verbose_name = _("form field")
        verbose_name_plural = _("form fields")


class ContactPage(AbstractEmailForm, SitePage):
    """A page with a form and what to expect after sending it."""

    thanks = models.TextField(_("words of thanks"), max_length=400)

    content_panels = [
        FormSubmissionsPanel(),
        *SitePage.head_panels,
        InlinePanel("form_fields", label=_("form field")),
        FieldPanel("thanks"),
        FieldPanel("to_address"),
        FieldPanel("subject"),
        FieldPanel("body"),
    ]
    template = "home/contact_page.html"
    landing_page_template = "home/contact_page.html"
    parent_page_types = ["home.HomePage"]
    subpage_types: list[str] = []

    class Meta:
        verbose_name = _("contact page")
        verbose_name_plural = _("contact pages")
