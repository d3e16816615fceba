"""What search engines and shared links read in the head of a page: `{% load seo %}`, `{% seo_head %}`."""

import json
from typing import Any

from django import template
from django.conf import settings
from django.template import Context
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from wagtail.models import Page

from cms.listing import Listing
from cms.navigation import get_languages

register = template.Library()

JSON_ESCAPES = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}


@register.simple_tag(takes_context=True)
def seo_head(context: Context) -> SafeString:
    """Description, canonical address, hreflang of live translations, Open Graph and JSON-LD of a page.

    A page type adds JSON-LD by a method `get_structured_data(request)` that returns a list of objects.
    Nothing for a view without a page, a preview or an error page.
    """
    page, request = context.get("page"), context.get("request")
    if not isinstance(page, Page) or request is None or not page.live or context.get("is_error"):
        return SafeString("")
    if getattr(request, "is_preview", False):
        return SafeString("")
    address = _absolute(page.get_url(request) or "")
    listing = context.get("listing")
    if isinstance(listing, Listing) and listing.number > 1:
        address += f"?page={listing.number}"
    description = page.search_description or getattr(page, "lead", "")
    parts = [format_html('<link rel="canonical" href="{}">', address)]
    if description:
        parts.append(format_html('<meta name="description" content="{}">', description))
    translated = [link for link in get_languages(request, page) if link.is_translation and not link.nearest]
    if len(translated) > 1:
        parts += [
            format_html('<link rel="alternate" hreflang="{}" href="{}">', link.code, _absolute(link.url))
            for link in translated
        ]
    parts.append(_open_graph(page, address, description))
    parts += [_json_ld(data) for data in _structured_data(page, request)]
    return mark_safe("\n  ".join(parts))  # noqa: S308


def _absolute(url: str) -> str:
    return url if url.startswith("http") else f"{settings.SITE_URL}{url}"


def _open_graph(page: Page, address: str, description: str) -> SafeString:
    properties = [
        ("og:type", "website"),
        ("og:site_name", settings.WAGTAIL_SITE_NAME),
        ("og:title", page.seo_title or page.title),
        ("og:url", address),
    ]
    if description:
        properties.append(("og:description", description))
    return format_html_join("\n  ", '<meta property="{}" content="{}">', properties)


def _structured_data(page: Page, request: Any) -> list[dict[str, Any]]:
    describe = getattr(page, "get_structured_data", None)
    return describe(request) if describe is not None else []


def _json_ld(data: dict[str, Any]) -> SafeString:
    text = json.dumps(data, ensure_ascii=False, default=str).translate(JSON_ESCAPES)
    return format_html('<script type="application/ld+json">{}</script>', mark_safe(text))  # noqa: S308
