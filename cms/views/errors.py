"""The page for what is not there, or is not there for this visitor. Nobody can tell the two apart."""

from collections.abc import Callable
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.utils.cache import add_never_cache_headers, patch_vary_headers


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 404, with a way to log in and come back. Nothing of the exception is told.

    The headers are set here whatever happened before, so that they betray no more than the words.
    """
    address = urlencode({"next": request.get_full_path()})
    context = {"log_in_url": f"{resolve_url(settings.LOGIN_URL)}?{address}"}
    response = render(request, "404.html", context, status=404)
    patch_vary_headers(response, ["Accept-Language", "Cookie"])
    add_never_cache_headers(response)
    return response


class NotFoundMiddleware:
    """Shows the site's own page in development too, where Django would tell which page was refused."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Let the request pass."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer a view's Http404."""
        return not_found(request) if isinstance(exception, Http404) else None
