"""The addresses under which the sites' pages stand: looked up once until shown data changes."""

from typing import Any

from django.http import HttpRequest
from wagtail.models import Site

from cms.stamp import per_stamp


@per_stamp
def site_root_paths() -> list[Any]:
    """Return Wagtail's list of sites and languages with the paths of their home pages."""
    paths: list[Any] = Site.get_site_root_paths()
    return paths


def know_addresses(request: HttpRequest) -> None:
    """Spare Wagtail the question, for every address of a page that this request asks for."""
    request._wagtail_cached_site_root_paths = site_root_paths()  # type: ignore[attr-defined]
