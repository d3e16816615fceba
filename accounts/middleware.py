"""The door of the back office, and what was typed in front of a door that had closed."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from accounts.back_office_urls import OPEN_TO_ALL
from accounts.kept_posts import KEY, asks_who_it_is, find_kept, forget, keep, opens_a_page
from accounts.views import show_kept_post
from cms.views.errors import not_found

OPENS = (HTTPStatus.OK, HTTPStatus.METHOD_NOT_ALLOWED)
"""How a page answers who may open it; an address that takes forms only, with the second."""


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


class KeptPostMiddleware:
    """Keeps what was typed when the log-in turns out to have ended, and gives it back afterwards.

    It looks after the view: only a view that knows the person has read the session, so an ordinary request
    costs nothing; and an address that the person may not open does not give back what was meant for it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Let the view answer, then keep, give back or forget."""
        address = request.get_full_path()
        response = self.get_response(request)
        if not request.session.accessed:
            return response
        if asks_who_it_is(response):
            if request.method != "POST" or request.user.is_anonymous:
                # allauth kept the form too, without a limit, and would send it unasked at a later time.
                request.session.pop(STATE_SESSION_KEY, None)
            if request.method == "POST" and opens_a_page(request):
                keep(request, at=timezone.now())
        elif KEY in request.session:
            return self._settle(request, response, address)
        return response

    def _settle(self, request: HttpRequest, response: HttpResponseBase, address: str) -> HttpResponseBase:
        """Compare what is kept with the answer to `address`.

        Once the password is typed, allauth makes a request to the form's address of this one and sends the
        form itself, but only where that address has no query.
        """
        kept = find_kept(request.session, at=timezone.now())
        if kept is None:
            forget(request.session)
        elif kept.belongs_to(request) and opens_a_page(request):
            if request.method == "POST":
                was_sent = address == kept.path or "?" not in kept.path
                if was_sent and response.status_code < HTTPStatus.BAD_REQUEST:
                    forget(request.session)
            elif request.method == "GET" and response.status_code in OPENS:
                return show_kept_post(request, kept, response)
        return response
