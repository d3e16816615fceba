"""MAINTENANCE=1 closes the whole house, the back office included, with one page that asks no database."""

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest
from django.http.response import HttpResponse, HttpResponseBase
from django.template.loader import render_to_string

RETRY_AFTER = 600
"""Seconds after which robots may come back."""
HEALTH = "/healthz"


class MaintenanceMiddleware:
    """Answers 503 to everything but the health check and the page's own style."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        if not settings.MAINTENANCE:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, or let the few exceptions pass."""
        if request.path == HEALTH or request.path.startswith(settings.STATIC_URL):
            return self.get_response(request)
        headers = {"Retry-After": str(RETRY_AFTER), "Cache-Control": "no-store"}
        return HttpResponse(render_to_string("maintenance.html"), status=503, headers=headers)
