"""What every page says of itself to machines, as JSON-LD in the vocabulary of schema.org."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from wagtail.models import Page

CONTEXT = "https://schema.org"


def absolute(url: str) -> str:
    """Put scheme and host of the site before a path."""
    return url if url.startswith(("http://", "https://")) else f"{settings.SITE_URL}{url}"


def describe_organisation() -> dict[str, Any]:
    """Describe the association, as the home page does and as other things refer to it."""
    return {
        "@context": CONTEXT,
        "@type": "Organization",
        "@id": f"{settings.SITE_URL}/#organisation",
        "name": settings.WAGTAIL_SITE_NAME,
        "url": f"{settings.SITE_URL}/",
    }


def describe_trail(page: Page, request: HttpRequest) -> dict[str, Any] | None:
    """Describe the way from the home page to a page; nothing for a home page."""
    from cms.navigation import get_breadcrumbs

    trail = get_breadcrumbs(request, page)
    if not trail:
        return None
    items = [
        {
            "@type": "ListItem",
            "position": position,
            "name": link.label,
            "item": absolute(link.url or page.get_url(request) or "/"),
        }
        for position, link in enumerate(trail, start=1)
    ]
    return {"@context": CONTEXT, "@type": "BreadcrumbList", "itemListElement": items}
