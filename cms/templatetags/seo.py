"""What search engines and shared links read in the head of a page: `{% load seo %}`, `{% seo_head %}`."""

import json
from typing import Any

from django import template
from django.conf import settings
from django.http import HttpRequest
from django.template import Context
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from wagtail.models import Page

from cms.listing import Listing
from cms.models import SitePage
from cms.navigation import get_languages
from cms.schema_org import absolute
from cms.social import picture_url

register = template.Library()

LOCALES = {"nl": "nl_BE", "en": "en_GB"}
PICTURE_SIZE = [("og:image:width", "1200"), ("og:image:height", "630")]

JSON_ESCAPES = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}


@register.simple_tag(takes_context=True)
def seo_head(context: Context) -> SafeString:
    """Description, canonical address, hreflang of live translations, feeds, Open Graph and JSON-LD of a page.

    Nothing for a view without a page, a preview or an error page.
    """
    page, request = context.get("page"), context.get("request")
    if not isinstance(page, Page) or request is None or not page.live or context.get("is_error"):
        return SafeString("")
    if getattr(request, "is_preview", False):
        return SafeString("")
    address = absolute(page.get_url(request) or "")
    listing = context.get("listing")
    if isinstance(listing, Listing) and listing.number > 1:
        address += f"?page={listing.number}"
    description = page.search_description or getattr(page, "lead", "")
    parts = [format_html('<link rel="canonical" href="{}">', address)]
    if description:
        parts.append(format_html('<meta name="description" content="{}">', description))
    parts += _alternates(page, request)
    parts += _feeds(page)
    parts.append(_open_graph(page, address, description))
    parts += [_json_ld(data) for data in _structured_data(page, request)]
    return mark_safe("\n  ".join(parts))  # noqa: S308  (each part is escaped)


def _alternates(page: Page, request: HttpRequest) -> list[SafeString]:
    """One link a language that the page is published in; nothing when it is the only one."""
    links = [link for link in get_languages(request, page) if link.is_translation and not link.nearest]
    if len(links) < 2:
        return []
    default = next((link for link in links if link.code == settings.LANGUAGE_CODE), links[0])
    pairs = [*((link.code, link.url) for link in links), ("x-default", default.url)]
    return [
        format_html('<link rel="alternate" hreflang="{}" href="{}">', code, absolute(url))
        for code, url in pairs
    ]


def _feeds(page: Page) -> list[SafeString]:
    feeds = page.get_feeds() if isinstance(page, SitePage) else []
    link = '<link rel="alternate" type="application/atom+xml" title="{}" href="{}">'
    return [format_html(link, title, absolute(url)) for title, url in feeds]


def _open_graph(page: Page, address: str, description: str) -> SafeString:
    properties = [
        ("og:type", "website"),
        ("og:site_name", settings.WAGTAIL_SITE_NAME),
        ("og:locale", LOCALES[get_language() or settings.LANGUAGE_CODE]),
        ("og:title", page.seo_title or page.title),
        ("og:url", address),
    ]
    if description:
        properties.append(("og:description", description))
    properties += [("og:image", absolute(picture_url(page))), *PICTURE_SIZE]
    tags = format_html_join("\n  ", '<meta property="{}" content="{}">', properties)
    return tags + format_html('\n  <meta name="twitter:card" content="{}">', "summary_large_image")


def _structured_data(page: Page, request: HttpRequest) -> list[dict[str, Any]]:
    return page.get_structured_data(request) if isinstance(page, SitePage) else []


def _json_ld(data: dict[str, Any]) -> SafeString:
    text = json.dumps(data, ensure_ascii=False, default=str).translate(JSON_ESCAPES)
    return format_html('<script type="application/ld+json">{}</script>', mark_safe(text))  # noqa: S308  (escaped)
