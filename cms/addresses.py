"""The addresses under which the sites' pages stand: looked up once until one of them changes."""

from typing import Any

from django.http import HttpRequest
from wagtail.models import Site
from wagtail.models.sites import get_site_for_hostname

from cms.stamp import per_stamp


@per_stamp
def site_root_paths() -> list[Any]:
    """Return Wagtail's list of sites and languages with the paths of their home pages."""
    paths: list[Any] = Site.get_site_root_paths()
    return paths


def know_addresses(request: HttpRequest) -> Site | None:
    """Spare Wagtail two questions, for every address of a page that this request asks for.

    Returns the site of the request's host, or None where there is none.
    """
    host = request.get_host()
    site = _site(host.rpartition(":")[0] or host, request.get_port())
    request._wagtail_site = site  # type: ignore[attr-defined]
    request._wagtail_cached_site_root_paths = site_root_paths()  # type: ignore[attr-defined]
    return site


@per_stamp
def _site(hostname: str, port: str) -> Site | None:
    try:
        return get_site_for_hostname(hostname, port)
    except Site.DoesNotExist:
        return None
