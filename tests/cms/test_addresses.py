"""Where pages stand, in a form that answers can be kept by."""

from django.test import RequestFactory
from wagtail.models import Site

from cms.addresses import root_paths_for


def test_the_root_paths_that_a_preview_brings_are_hashable(site: Site, rf: RequestFactory) -> None:
    request = rf.get("/")
    request._wagtail_cached_site_root_paths = Site.get_site_root_paths()  # type: ignore[attr-defined]  # as a preview does
    assert hash(root_paths_for(request)) == hash(root_paths_for(rf.get("/")))
