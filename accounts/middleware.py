"""The door of the back office: who may not enter does not see it, who must prove more is led there."""

from collections.abc import Callable
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.back_office_urls import OPEN_TO_ALL
from cms.views.errors import not_found


class BackOfficeMiddleware:
    """Answers 404 under /admin/ to members, and asks staff for a second factor where that is required.

    A stranger is sent to the log-in by Wagtail itself (WAGTAILADMIN_LOGIN_URL).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """Let a request pass, or answer in the place of the back office."""
        if not request.path.startswith(reverse("wagtailadmin_home")) or request.user.is_anonymous:
            return None
        if request.resolver_match and request.resolver_match.url_name in OPEN_TO_ALL:
            return None
        if not request.user.has_perm("wagtailadmin.access_admin"):
            return not_found(request)
        if settings.REQUIRE_STAFF_MFA and not has_second_factor(request):
            return redirect("second_factor_needed")
        return None


def has_second_factor(request: HttpRequest) -> bool:
    """Say whether the person has an authenticator app or a passkey; recovery codes alone don't count."""
    return bool(is_mfa_enabled(request.user, [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]))
