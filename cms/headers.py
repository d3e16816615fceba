"""Puts the security headers of cms.settings.headers on every answer."""

from typing import Any

from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

ADMIN = "/admin/"


class SecurityHeadersMiddleware(CSPMiddleware):
    """Content-Security-Policy, wider in the back office, and Permissions-Policy."""

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        """Take the back office's directives under its address."""
        parts: PolicyParts = super().get_policy_parts(request, response, report_only)
        if not report_only and request.path.startswith(ADMIN):
            replaced: dict[str, Any] = {**settings.ADMIN_DIRECTIVES, **(parts.replace or {})}
            parts.replace = replaced
        return parts

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Add the headers that the answer does not bring itself."""
        response.headers.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        answered: HttpResponseBase = super().process_response(request, response)
        return answered
