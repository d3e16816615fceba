"""robots.txt, the sitemap, the health check, maintenance, redirects and the security headers."""

from unittest.mock import patch
from xml.etree import ElementTree

import pytest
from django.core.exceptions import MiddlewareNotUsed
from django.db import DatabaseError
from django.http import HttpResponse
from django.test import Client, RequestFactory
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks, Settings
from wagtail.models import Locale, PageViewRestriction

from cms.maintenance import MaintenanceMiddleware
from cms.schema_org import absolute
from cms.settings.headers import public_policy
from home.models import ContentPage, HomePage

SITEMAP = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}


def add(parent: HomePage, slug: str, live: bool = True) -> ContentPage:
    page: ContentPage = parent.add_child(instance=ContentPage(title=slug.title(), slug=slug, live=live))
    return page


def test_the_sitemap_lists_what_a_visitor_may_open_with_its_translations(
    client: Client, home: HomePage, home_en: HomePage, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    over = add(home, "over")
    add(home, "concept", live=False)
    closed = add(home, "intern")
    PageViewRestriction.objects.create(page=closed, restriction_type=PageViewRestriction.LOGIN)
    english = over.copy_for_translation(Locale.objects.get(language_code="en"))
    english.save_revision().publish()
    with django_assert_max_num_queries(6):
        response = client.get("/sitemap.xml")
    assert response["Content-Type"] == "application/xml"
    found = {
        url.find("s:loc", SITEMAP).text: {link.get("hreflang") for link in url.findall("x:link", SITEMAP)}
        for url in ElementTree.fromstring(response.content)
    }
    both = {"nl", "en"}
    assert found == {
        absolute("/nl/"): both,
        absolute("/en/"): both,
        absolute("/nl/over/"): both,
        absolute("/en/over/"): both,
    }


def test_robots_are_kept_out_of_the_back_office_and_of_all_that_is_not_production(
    client: Client, db: None, settings: Settings
) -> None:
    settings.IS_PRODUCTION = True
    text = client.get("/robots.txt").text
    assert "Disallow: /admin/\n" in text
    assert "Disallow: /nl/" in text
    assert f"Sitemap: {absolute('/sitemap.xml')}" in text
    assert "Disallow: /\n" not in text
    settings.IS_PRODUCTION = False
    assert client.get("/robots.txt").text == "User-agent: *\nDisallow: /\n"


def test_health_asks_the_database_and_no_session(
    client: Client, db: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        response = client.get("/healthz")
    assert (response.status_code, response.text) == (200, "ok\n")
    assert "no-store" in response["Cache-Control"]
    with patch("cms.views.machines.connection.cursor", side_effect=DatabaseError):
        assert client.get("/healthz").status_code == 503


def test_maintenance_closes_everything_but_the_health_check(rf: RequestFactory, settings: Settings) -> None:
    def view(request: object) -> HttpResponse:
        return HttpResponse("open")

    with pytest.raises(MiddlewareNotUsed):
        MaintenanceMiddleware(view)
    settings.MAINTENANCE = True
    closed = MaintenanceMiddleware(view)
    for path in ("/", "/nl/", "/admin/", "/healthz/x"):
        response = closed(rf.get(path))
        assert (response.status_code, response["Retry-After"]) == (503, "600")
    assert isinstance(response, HttpResponse)
    assert "onderhoud" in response.text
    for path in ("/healthz", f"{settings.STATIC_URL}css/site.css"):
        assert closed(rf.get(path)).status_code == 200


def test_a_renamed_page_is_found_at_its_old_address(
    client: Client, home: HomePage, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    page = add(home, "over")
    page.add_child(instance=ContentPage(title="Wij", slug="wij"))
    page.refresh_from_db()
    page.slug = "over-ons"
    with django_capture_on_commit_callbacks(execute=True):
        page.save_revision().publish()
    for old, new in (("/nl/over/", "/nl/over-ons/"), ("/nl/over/wij/", "/nl/over-ons/wij/")):
        response = client.get(old)
        assert (response.status_code, response["Location"]) == (301, new)
    assert client.get("/nl/over/ons/").status_code == 404


def test_public_pages_and_the_back_office_carry_their_security_headers(
    client: Client, home: HomePage
) -> None:
    public, admin = client.get("/nl/"), client.get("/admin/login/", follow=False)
    policy = dict(part.strip().split(" ", 1) for part in public["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'self'"
    assert policy["object-src"] == "'none'"
    assert policy["base-uri"] == policy["frame-ancestors"] == "'self'"
    assert policy["form-action"] == "'self' https://checkout.stripe.com"
    assert "unsafe" not in public["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in admin["Content-Security-Policy"]
    for response in (public, admin):
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Referrer-Policy"] == "strict-origin-when-cross-origin"
        assert response["Cross-Origin-Opener-Policy"] == "same-origin"
        assert response["X-Frame-Options"] == "SAMEORIGIN"
        assert "camera=()" in response["Permissions-Policy"]


@pytest.mark.parametrize(
    ("api_base", "others"),
    [
        ("https://api.stripe.com", []),
        ("http://127.0.0.1:4242", ["http://localhost:4242", "http://127.0.0.1:4242"]),
        ("http://localhost:4242/stripe", ["http://localhost:4242", "http://127.0.0.1:4242"]),
    ],
)
def test_forms_may_lead_to_a_stand_in_by_either_name_of_this_machine(
    api_base: str, others: list[str]
) -> None:
    allowed = public_policy(api_base)["form-action"]
    assert allowed == ["'self'", "https://checkout.stripe.com", *others]
