"""What machines ask of the site: robots.txt, the sitemap, and whether it is well."""

from collections import defaultdict
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from wagtail.models import Page

from cms.gate import visible_pages
from cms.navigation import HOME_DEPTH
from cms.schema_org import absolute

MOST_ADDRESSES = 50_000
"""What the sitemap protocol allows in one file."""
NOT_FOR_ROBOTS = ("account_login", "search")


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Keep robots out of the back office, log-in and search; out of everything that is not production."""
    if not settings.IS_PRODUCTION:
        lines = ["User-agent: *", "Disallow: /"]
    else:
        closed = ["/admin/", "/documents/", "/*/l/"]  # private links stand below l/
        for code, _name in settings.LANGUAGES:
            with override(code):
                closed += [reverse(name) for name in NOT_FOR_ROBOTS]
        lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed)]
        lines += ["", f"Sitemap: {absolute('/sitemap.xml')}"]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@require_safe
def sitemap(request: HttpRequest) -> TemplateResponse:
    """List the pages that a visitor may open, each with its translations. Two or three queries in all."""
    pages = (
        visible_pages(Page.objects.filter(depth__gte=HOME_DEPTH), AnonymousUser())
        .select_related("locale")
        .order_by("path")[:MOST_ADDRESSES]
    )
    together: dict[Any, list[dict[str, str]]] = defaultdict(list)
    entries = []
    for page in pages:
        url = page.get_url(request)
        if url is None:
            continue
        location = absolute(url)
        together[page.translation_key].append({"lang_code": page.locale.language_code, "location": location})
        entries.append(
            {
                "location": location,
                "lastmod": page.last_published_at,
                "alternates": together[page.translation_key],
            }
        )
    for entry in entries:
        if len(entry["alternates"]) == 1:
            entry["alternates"] = []
    return TemplateResponse(request, "sitemap.xml", {"urlset": entries}, content_type="application/xml")


@require_safe
@never_cache
def health(request: HttpRequest) -> HttpResponse:
    """Answer 200 when the database answers, else 503. For load balancers and watchers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return HttpResponse("The database does not answer.\n", status=503, content_type="text/plain")
    return HttpResponse("ok\n", content_type="text/plain")
