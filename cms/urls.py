"""The wiring of addresses. Apps are named as strings only, so that no import runs upwards."""

from django.apps import apps
from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.utils.translation import gettext_lazy as _
from django.views.generic import RedirectView
from django.views.i18n import JavaScriptCatalog
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.admin.auth import require_admin_access

from cms.search.views import search
from cms.views.documents import closed, document
from cms.views.machines import health, robots, sitemap
from cms.views.pages import serve
from cms.views.renditions import rendition
from cms.views.social import picture
from cms.views.style_guide import style_guide
from cms.views.translations import TranslationsReport

handler403 = "cms.views.errors.forbidden"
handler404 = "cms.views.errors.not_found"
handler429 = "accounts.views.too_many_attempts"  # asked by allauth
handler500 = "cms.views.errors.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health, name="health"),
    path("robots.txt", robots, name="robots"),
    path("sitemap.xml", sitemap, name="sitemap"),
    path("private/", include("accounts.file_urls")),
    path("admin/", include("accounts.back_office_urls")),
    # In the place of wagtail-localize's own: its texts, mended by ours, in the language of the person.
    path(
        "admin/localize/jsi18n/",
        require_admin_access(JavaScriptCatalog.as_view(packages=["wagtail_localize", "cms"])),
    ),
    # In the place of its own too: in a fixed order, and for who may translate.
    path("admin/localize/reports/translations/", require_admin_access(TranslationsReport.as_view())),
    path(
        "admin/localize/reports/translations/results/",
        require_admin_access(TranslationsReport.as_view(results_only=True)),
    ),
    path("admin/", include(wagtailadmin_urls)),
    path("webhooks/", include("newsletters.webhook_urls")),
    path("og/<int:page_id>-<slug:stamp>.png", picture, name="og_picture"),
    path("webhooks/", include("billing.webhook_urls")),
    re_path(r"^documents/(\d+)/(.*)$", document, name="wagtaildocs_serve"),
    # Renditions only: the files that are public. Where they lie in a folder, a web server may take this over.
    re_path(r"^media/(?P<path>.*)$", rendition),
]

if apps.is_installed("demo"):
    urlpatterns.append(path("demo/stripe/", include("demo.stand_in.urls")))
    urlpatterns += i18n_patterns(path("demo/", include("demo.urls")), prefix_default_language=True)

if settings.STYLE_GUIDE:
    urlpatterns.append(path("styleguide/", style_guide, name="style_guide"))

urlpatterns += i18n_patterns(
    path(_("search/"), search, name="search"),
    path("_util/authenticate_with_password/<int:restriction>/<int:page>/", closed),
    path("_util/login/", RedirectView.as_view(pattern_name="account_login", query_string=True)),
    path("account/", include("accounts.urls")),
    path("", include("events.urls")),
    path("", include("extranet.urls")),
    path("", include("home.urls")),
    path("", include("matchmaking.urls")),
    path("", include("membership.urls")),
    path("", include("newsletters.urls")),
    path(_("invoices/"), include("billing.urls")),
    re_path(wagtail_urls.serve_pattern, serve, name="wagtail_serve"),
    path("", include(wagtail_urls)),
    prefix_default_language=True,
)
