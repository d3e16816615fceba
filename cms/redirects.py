"""Redirects: of renamed pages, behind the gate, and of addresses without a language."""

from urllib.parse import urlsplit

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware import locale
from django.urls import reverse
from wagtail.contrib.redirects import middleware
from wagtail.contrib.redirects.models import Redirect

from cms.gate import gate_for


class LanguageMiddleware(locale.LocaleMiddleware):
    """Django's, which leaves a 404 of the back office alone: it has no address with a language."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Lead to the visitor's language only where there is one."""
        if response.status_code == 404 and request.path.startswith(reverse("wagtailadmin_home")):
            return response
        answer: HttpResponseBase = super().process_response(request, response)
        return answer


class RedirectMiddleware(middleware.RedirectMiddleware):
    """Wagtail's, which lets a 404 stand where the page that it would lead to is closed to the visitor."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Answer with the redirect only to whom may open its page."""
        answer: HttpResponseBase = super().process_response(request, response)
        return response if answer is not response and self._leads_to_closed(request) else answer

    def _leads_to_closed(self, request: HttpRequest) -> bool:
        path = Redirect.normalise_path(request.get_full_path(), decode_unicode=False)
        redirect = middleware.get_redirect(request, path) or middleware.get_redirect(
            request, urlsplit(path).path
        )
        page = redirect.redirect_page if redirect else None
        return page is not None and not gate_for(request).may_open_page(page)
