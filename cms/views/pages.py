"""Serves pages: Wagtail's own view, with the way to the page found in one query (docs/adr/0007).

Wagtail walks from the home page down, two queries a level. The address says which pages stand on the way, so
all are read at once. A page type with a `route` of its own gets Wagtail's walk.
"""

from copy import copy

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import get_language
from wagtail import views as wagtail_views
from wagtail.models import Page, Site
from wagtail.url_routing import RouteResult

from cms.addresses import know_addresses
from cms.protection import public_form
from cms.stamp import per_stamp


@public_form
def serve(request: HttpRequest, path: str) -> HttpResponseBase:
    """Show the page at a path below the active language's home page, or take what its form sends."""
    find_way(request, path)
    answer: HttpResponseBase = wagtail_views.serve(request, path)
    return answer


def find_way(request: HttpRequest, path: str) -> None:
    """Find the page and leave it where Wagtail's `route_for_request` looks first.

    Leaves nothing when only Wagtail itself can tell.
    """
    site = know_addresses(request)
    if site is None:
        return
    home = copy(_home(site, get_language()))  # what a request leaves on its page is not for the next one
    slugs = [slug for slug in path.split("/") if slug]
    urls = [
        home.url_path + "".join(f"{slug}/" for slug in slugs[:depth]) for depth in range(1, len(slugs) + 1)
    ]
    below = Page.objects.filter(path__startswith=home.path, slug__in=slugs, url_path__in=urls)
    way = [home, *(below.order_by("depth") if slugs else ())]
    if any(each.specific_class is None or each.specific_class.route is not Page.route for each in way):
        return
    is_there = len(way) == len(slugs) + 1 and way[-1].live
    found = RouteResult(_specific(way)) if is_there else None
    request._wagtail_route_for_request = found  # type: ignore[attr-defined]


def _specific(way: list[Page]) -> Page:
    page = way[-1].specific
    if len(way) > 1:
        page._cached_parent_obj = way[-2]
    if page.locale_id == way[0].locale_id:
        page.locale = way[0].locale
    return page


@per_stamp
def _home(site: Site, language: str) -> Page:
    """The site's root page in a language, or the root page itself where there is none published."""
    same = Page.objects.filter(translation_key=site.root_page.translation_key, live=True)
    home = same.filter(locale__language_code=language).select_related("locale").first()
    return home or site.root_page
