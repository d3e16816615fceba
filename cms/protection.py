"""Keeps other sites from posting our forms, without a token in pages that are the same for every visitor.

A visitor's form carries nothing of his own: the browser itself says where a request comes from. A person
who is logged in has something to lose, so Django's token is asked as well.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect

View = Callable[..., HttpResponseBase]

SAFE_METHODS = ("GET", "HEAD", "OPTIONS", "TRACE")
TRAP = "contact_website"
"""The name of a field that people do not see and programs like to fill in."""


def public_form(view: View) -> View:
    """Protect a view whose form visitors without a log-in may post. Refused posts get the 403 page."""
    with_token = csrf_protect(view)

    @csrf_exempt
    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method in SAFE_METHODS or getattr(request, "_dont_enforce_csrf_checks", False):
            return view(request, *args, **kwargs)
        if not comes_from_this_site(request):
            return refused(request)
        if request.user.is_authenticated:
            if request.headers.get("Origin") == "null":  # as behind a private link; Sec-Fetch-Site says whose
                request.META["HTTP_ORIGIN"] = f"{request.scheme}://{request.get_host()}"
            return with_token(request, *args, **kwargs)
        return view(request, *args, **kwargs)

    return wrapped


def comes_from_this_site(request: HttpRequest) -> bool:
    """Say whether the browser declares a page of this site as the source, whatever cookies come along.

    Sec-Fetch-Site can't be forged by a page; browsers send it to https and localhost. Origin is "null"
    from pages that send no referrer, as those behind private links: then only Sec-Fetch-Site counts.
    A request that declares nothing is refused: every browser of today declares something.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site not in (None, "same-origin", "none"):
        return False
    origin = request.headers.get("Origin")
    if origin is not None and origin != "null":
        return _is_own(request, origin)
    if site == "same-origin":
        return True
    referer = request.headers.get("Referer", "")
    return origin is None and _is_own(request, referer)


def _is_own(request: HttpRequest, address: str) -> bool:
    try:
        source = urlsplit(address)
    except ValueError:
        return False
    origin = f"{source.scheme}://{source.netloc}".lower()
    return (
        origin == f"{request.scheme}://{request.get_host()}".lower()
        or origin in settings.CSRF_TRUSTED_ORIGINS
    )


def refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form that was posted from elsewhere or without its token (also CSRF_FAILURE_VIEW)."""
    response = render(request, "403_form.html", {"is_error": True}, status=403)
    add_never_cache_headers(response)
    return response


class HoneypotMixin(forms.Form):
    """A form that a program gives itself away on. `{% form_protection %}` prints the trap.

    The message tells a person whose browser filled the trap in what to do: the page shows it empty again.
    """

    def clean(self) -> dict[str, Any] | None:
        """Refuse what was typed when the trap was filled in too."""
        cleaned: dict[str, Any] | None = super().clean()
        if self.data.get(TRAP):
            raise ValidationError(
                _("This could not be sent. Please press the button once more."), code="honeypot"
            )
        return cleaned
