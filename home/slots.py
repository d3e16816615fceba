"""What the public site adds to the kernel's templates."""

from django.conf import settings
from django.http import HttpRequest
from django.template import Context
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from wagtail.models import Page

from cms.gate import visible_pages
from events.models import EventIndexPage
from home.models import ContactPage, NewsIndexPage
from newsletters.models import NewsletterPage


def lead_on(context: Context) -> SafeString:
    """Links from where nothing more is to do: what comes, what is new, what is mailed, whom to ask."""
    request, here = context["request"], context.get("page") or context.get("offered")
    pages = Page.objects.live().type(EventIndexPage, NewsIndexPage, NewsletterPage, ContactPage)
    pages = pages.filter(locale__language_code=get_language() or settings.LANGUAGE_CODE)
    links = [
        {"url": page.get_url(request), "label": page.title}
        for page in visible_pages(pages, request).order_by("path")
        if page.pk != getattr(here, "pk", None)
    ]
    words = {"links": links, "lead": _("Go on to:")}
    return render_to_string("components/link_list.html", words) if links else SafeString("")


def find_contact_page(request: HttpRequest | None) -> Page | None:
    """Return the page with the contact form, in the active language where there is one."""
    page = ContactPage.objects.live().order_by("path").first()
    return page.localized if page else None


def link_to_contact(context: Context) -> SafeString:
    """Lead who is stuck to the contact form."""
    request = context.get("request")
    page = find_contact_page(request)
    if page is None:
        return SafeString("")
    address = page.get_url(request)
    return format_html('<p><a class="onward" href="{}">{}</a></p>', address, _("Contact us"))
