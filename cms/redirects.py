"""Redirects of renamed pages, behind the gate: an old address must not tell the new one of a closed page."""

from urllib.parse import urlsplit

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from wagtail.contrib.redirects import middleware
from wagtail.contrib.redirects.models import Redirect

from cms.gate import gate_for


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
