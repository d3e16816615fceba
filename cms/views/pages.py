"""Serves pages: Wagtail's own view, with the way to the page found in one query (docs/adr/0007).

Wagtail walks from the home page down, two queries a level. The address says which pages stand on the way, so
all are read at once. A page type with a `route` of its own gets Wagtail's walk.
"""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import get_language
from wagtail import views as wagtail_views
from wagtail.models import Page, Site
from wagtail.url_routing import RouteResult

from cms.addresses import know_addresses, root_paths_for
from cms.navigation import know_surroundings
from cms.protection import public_form


@public_form
def serve(request: HttpRequest, path: str) -> HttpResponseBase:
    """Show the page at a path below the active language's home page, or take what its form sends."""
    find_way(request, path)
    answer: HttpResponseBase = wagtail_views.serve(request, path)
    return answer


def find_way(request: HttpRequest, path: str) -> None:
    """Find the page and leave it where Wagtail's `route_for_request` looks first.

    The same query finds the translations of all pages on the way, for the language switcher and the crumbs.
    Leaves nothing when only Wagtail itself can tell.
    """
    site = know_addresses(request)
    if site is None:
        return
    top = _home_address(request, site)
    slugs = [slug for slug in path.split("/") if slug]
    addresses = [top + "".join(f"{slug}/" for slug in slugs[:depth]) for depth in range(len(slugs) + 1)]
    # The slugs have an index, the addresses have none.
    here = Page.objects.filter(slug__in=[top.strip("/").rpartition("/")[2], *slugs], url_path__in=addresses)
    found = list(
        Page.objects.filter(translation_key__in=here.values("translation_key"))
        .select_related("locale")
        .order_by("depth")
    )
    way = [page for page in found if page.url_path in addresses]
    if not way or way[0].url_path != top or not way[0].live:
        return
    if any(each.specific_class is None or each.specific_class.route is not Page.route for each in way):
        return
    is_there = len(way) == len(slugs) + 1 and way[-1].live
    result = RouteResult(_specific(way, found)) if is_there else None
    request._wagtail_route_for_request = result  # type: ignore[attr-defined]  # Wagtail's note


def _home_address(request: HttpRequest, site: Site) -> str:
    """The `url_path` of the site's home page in the active language, of its root page where there is none."""
    for known in root_paths_for(request):
        if known.site_id == site.pk and known.language_code == get_language():
            return str(known.root_path)
    return str(site.root_page.url_path)


def _specific(way: list[Page], found: list[Page]) -> Page:
    general = way[-1]
    page = general.specific
    page.locale = general.locale
    if len(way) > 1:
        page._cached_parent_obj = way[-2]
    know_surroundings(page, [each for each in found if each.live])
    return page
