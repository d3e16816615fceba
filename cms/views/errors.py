"""The pages for what went wrong. What is not there and what is not there for this visitor look the same."""

from collections.abc import Callable
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.template.loader import render_to_string
from django.utils.cache import add_never_cache_headers, patch_vary_headers


class NotHere(Http404):
    """There is nothing at this address; who logs in goes on to `log_in_to`, if that is another one.

    Of an address that only a mail tells (`is_link`), true or made up, the page says that the link does not
    work, instead of looking for mistakes in it.
    """

    def __init__(self, log_in_to: str = "", *, is_link: bool = False) -> None:
        super().__init__()
        self.log_in_to, self.is_link = log_in_to, is_link


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 404, with a way to log in and come back. Nothing of the exception is told.

    The headers are set here whatever happened before, so that they betray no more than the words.
    """
    onward = getattr(exception, "log_in_to", "")
    after_log_in = onward or request.get_full_path()
    log_in_url = f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': after_log_in})}"
    context = {
        "log_in_url": log_in_url,
        "onward": onward,
        "is_link": getattr(exception, "is_link", False),
        "then_log_in": urlencode({"next": log_in_url}),
        "is_error": True,
    }
    response = render(request, "404.html", context, status=404)
    patch_vary_headers(response, ["Accept-Language", "Cookie"])
    add_never_cache_headers(response)
    return response


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 403 to a person who is known and may not."""
    response = render(request, "403.html", {"is_error": True}, status=403)
    add_never_cache_headers(response)
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500 with a page that needs neither database nor session, in both languages."""
    return HttpResponse(render_to_string("500.html"), status=500)


class NotFoundMiddleware:
    """Shows the site's own page in development too, where Django would tell which page was refused.

    The same for an address with a number that no row can have: PostgreSQL finds nothing, SQLite takes none
    above 2^63.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Let the request pass."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer a view's Http404, and a number in a filter that SQLite does not take."""
        too_large = isinstance(exception, OverflowError) and "SQLite" in str(exception)
        is_asked = too_large and request.method in ("GET", "HEAD")
        return not_found(request, exception) if is_asked or isinstance(exception, Http404) else None
