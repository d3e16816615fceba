"""The addresses under which the sites' pages stand: looked up once until one of them changes."""

from typing import Any

from django.http import HttpRequest
from wagtail.models import Site
from wagtail.models.sites import get_site_for_hostname

from cms.stamp import per_stamp


def root_paths_for(request: HttpRequest | None) -> tuple[Any, ...]:
    """Return Wagtail's list of sites and languages with the paths of their home pages."""
    known: Any = request
    # In a preview Wagtail has put its own list there, and answers are kept by hashable arguments only.
    return tuple(getattr(known, "_wagtail_cached_site_root_paths", None) or _root_paths())


def know_addresses(request: HttpRequest) -> Site | None:
    """Spare Wagtail two questions, for every address of a page that this request asks for.

    Returns the site of the request's host, or None where there is none.
    """
    known: Any = request
    if hasattr(known, "_wagtail_site") and hasattr(known, "_wagtail_cached_site_root_paths"):
        return known._wagtail_site
    host = request.get_host()
    site = _site(host.rpartition(":")[0] or host, request.get_port())
    known._wagtail_site, known._wagtail_cached_site_root_paths = site, _root_paths()
    return site


@per_stamp
def _root_paths() -> tuple[Any, ...]:
    return tuple(Site.get_site_root_paths())


@per_stamp
def _site(hostname: str, port: str) -> Site | None:
    try:
        return get_site_for_hostname(hostname, port)
    except Site.DoesNotExist:
        return None
