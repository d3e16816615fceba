"""The contact form, by Wagtail's form builder: staff choose the fields, answers stay in the back office."""

from email.utils import parseaddr
from typing import Any

from django import forms
from django.conf import settings
from django.db import models
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.formats import localize
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, InlinePanel
from wagtail.contrib.forms.forms import BaseForm, FormBuilder
from wagtail.contrib.forms.models import AbstractEmailForm, AbstractFormField
from wagtail.contrib.forms.panels import FormSubmissionsPanel
from wagtail.models import TranslatableMixin

from billing.models import Issuer
from cms import page_cache
from cms.emails import queue_email
from cms.forms import LineField, refuse_hidden_signs
from cms.limits import within_limits
from cms.models import SitePage
from cms.navigation import get_privacy_url
from cms.protection import HoneypotMixin

SENT = "sent"
"""The query parameter of the page after sending: reloading it sends nothing again."""


class ContactFormField(TranslatableMixin, AbstractFormField):
    """A field that visitors fill in."""

    page = ParentalKey("home.ContactPage", on_delete=models.CASCADE, related_name="form_fields")

    class Meta(TranslatableMixin.Meta, AbstractFormField.Meta):
        verbose_name = _("form field")
        verbose_name_plural = _("form fields")


class ContactFormBuilder(FormBuilder):
    """Builds a form with the trap for programs, and of texts that can be shown and mailed."""

    def get_create_field_function(self, type: str) -> Any:
        """Build a field that says by its own name when it was left empty."""
        create = super().get_create_field_function(type)

        def created(field: ContactFormField, options: dict[str, Any]) -> forms.Field:
            made: forms.Field = create(field, options)
            made.error_messages["required"] = _("Fill in the field “%(field)s”.") % {"field": field.label}
            return made

        return created

    def create_singleline_field(self, field: ContactFormField, options: dict[str, Any]) -> forms.Field:
        """A line of text."""
        return LineField(**{**options, "max_length": 255})

    def create_multiline_field(self, field: ContactFormField, options: dict[str, Any]) -> forms.Field:
        """A text of several lines."""
        return forms.CharField(widget=forms.Textarea, validators=[refuse_hidden_signs], **options)

    def get_form_class(self) -> type[forms.Form]:
        """Return the form of the fields that staff chose."""
        return type("ContactForm", (HoneypotMixin, BaseForm), self.formfields)


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
    form_builder = ContactFormBuilder
    template = "home/contact_page.html"
    landing_page_template = "home/contact_page.html"
    parent_page_types = ["home.HomePage"]
    subpage_types: list[str] = []

    class Meta:
        verbose_name = _("contact page")
        verbose_name_plural = _("contact pages")

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the form, or take it when it is right and not sent too often."""
        page_cache.knows_query(request, SENT)
        if request.method != "POST":
            if request.GET.get(SENT):
                thanks: HttpResponseBase = self.render_landing_page(request, form_submission=True)
                return thanks
            answer: HttpResponseBase = super().serve(request, *args, **kwargs)
            return answer
        form = self.get_form(request.POST, request.FILES, page=self, user=request.user)
        is_limited = False
        if form.is_valid():
            is_limited = not within_limits(form, request, scope="contact", at=timezone.now())
            if not is_limited:
                self.process_form_submission(form)
                return redirect(f"{self.get_url(request)}?{SENT}=1")
        context = {**self.get_context(request), "form": form}
        return TemplateResponse(request, self.template, context, status=429 if is_limited else 200)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add how else to reach the association, where its mails are answered, and what it does with data."""
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        issuer, contact_email = Issuer.objects.first(), parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
        return {
            **context,
            "issuer": issuer,
            "contact_email": contact_email,
            "privacy_url": get_privacy_url(request),
        }

    def send_mail(self, form: forms.Form) -> None:
        """Queue the answers for the addresses of the page; an answer to the mail goes to the visitor."""
        senders = [
            form.cleaned_data[name]
            for name, field in form.fields.items()
            if isinstance(field, forms.EmailField) and form.cleaned_data.get(name)
        ]
        queue_email(
            template="home/contact",
            to=[address.strip() for address in self.to_address.split(",")],
            language=self.locale.language_code,
            context={"subject": self.subject or self.title, "answers": _answers(form), "is_from_form": True},
            reply_to=senders[0] if senders else "",
        )


def _answers(form: forms.Form) -> list[tuple[str, str]]:
    """What the visitor filled in, each beside the name of its field."""
    answers = ((field.label, form.cleaned_data.get(field.name)) for field in form)
    return [
        (str(label), ", ".join(answer) if isinstance(answer, list) else str(localize(answer)))
        for label, answer in answers
        if answer is not None
    ]
