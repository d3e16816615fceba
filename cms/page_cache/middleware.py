"""The first middleware: answers from the cache before anything else has run.

Kept are only answers 200 to a GET without a session, log-in, message or form cookie, without Set-Cookie and
not private, that vary by nothing which the key does not hold. Who once opened a form, the log-in's for
instance, carries a form cookie for a year: such a visitor gets what others left, and leaves nothing.
Each answer lies under the stamp that held *before* it was made, so a change committed while it was being
made leaves it behind.
"""

import time
from collections.abc import Callable
from urllib.parse import parse_qsl, urlencode

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language_from_request

from cms.page_cache.store import Entry, Key, Store, make_entry
from cms.stamp import MAX_AGE, get_stamp

TRACKING = ("utm_", "mc_", "mtm_", "pk_")
TRACKING_NAMES = frozenset({"fbclid", "gclid", "msclkid", "igshid", "ref"})
VARIES_BY = frozenset({"", "accept-encoding", "cookie"})
MAX_PATHS = 5000

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class PageCacheMiddleware:
    """Keeps whole pages in this process. `X-Cache` says hit, miss (now kept if it may be) or bypass."""

    def __init__(self, get_response: GetResponse) -> None:
        if not settings.PAGE_CACHE_BYTES:
            raise MiddlewareNotUsed
        self.get_response = get_response
        self.store = Store(settings.PAGE_CACHE_BYTES)
        self.known: dict[Key, frozenset[str]] = {}
        self.cookies = (
            settings.SESSION_COOKIE_NAME,
            settings.LANGUAGE_COOKIE_NAME,
            "messages",
        )
        self.languages = tuple(f"/{code}/" for code, _name in settings.LANGUAGES)
        self.served_elsewhere = (settings.STATIC_URL, settings.MEDIA_URL, "/admin/")

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer from the cache, or make the answer and keep it if it may be kept."""
        stamps = get_stamp().read() if self._is_anonymous(request) else None
        if stamps is None:
            return self._bypass(request)
        stamp = stamps.shown
        place = self._place(request)
        query = request.META.get("QUERY_STRING", "")
        if query:
            query = request.META["QUERY_STRING"] = without_tracking(query)
            known = self.known.get(place, frozenset())
            names = {name for name, _value in parse_qsl(query)}
        if not query or names <= known:
            entry = self.store.get((*place, normalised(query)), stamp=stamp, now=time.time())
            if entry is not None:
                return entry.answer(request.META)
        response = self.get_response(request)
        entry = self._keep(request, response, place, query, stamp)
        if entry is not None:
            response = entry.answer(request.META)
        response["X-Cache"] = "miss"
        return response

    def _is_anonymous(self, request: HttpRequest) -> bool:
        meta = request.META
        if request.method not in ("GET", "HEAD") or "HTTP_AUTHORIZATION" in meta:
            return False
        cookies = meta.get("HTTP_COOKIE")
        if cookies and any(name in cookies for name in self.cookies):
            return False
        return not request.path.startswith(self.served_elsewhere)

    def _place(self, request: HttpRequest) -> Key:
        """What the key holds besides the query. A host is validated before anything is kept under it."""
        meta = request.META
        host = meta.get("HTTP_HOST", "")
        if settings.USE_X_FORWARDED_HOST:
            host = meta.get("HTTP_X_FORWARDED_HOST", host)
        path = request.path
        language = "" if path.startswith(self.languages) else get_language_from_request(request)
        return (host.lower(), request.scheme, path, language)

    def _bypass(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response["X-Cache"] = "bypass"
        if not response.has_header("Cache-Control") and not response.streaming:
            response["Cache-Control"] = "private, no-cache"
        return response

    def _keep(
        self, request: HttpRequest, response: HttpResponseBase, place: Key, query: str, stamp: int
    ) -> Entry | None:
        if request.method != "GET" or not isinstance(response, HttpResponse):
            return None
        if settings.CSRF_COOKIE_NAME in request.META.get("HTTP_COOKIE", ""):
            return None  # a form in it would carry this visitor's token, without a new cookie that tells
        if getattr(request, "page_keep_out", False) or not may_keep(response, language=place[-1]):
            return None
        known: frozenset[str] = getattr(request, "page_known_query", frozenset())
        if not {name for name, _value in parse_qsl(query)} <= known:
            return None
        expires = now = time.time()
        expires += MAX_AGE
        moment = getattr(request, "page_expires_at", None)
        if moment is not None:
            expires = min(expires, moment.timestamp())
        if expires <= now:
            return None
        request.get_host()  # raises DisallowedHost; CommonMiddleware has asked before
        if known:
            if len(self.known) >= MAX_PATHS:
                self.known.clear()
            self.known[place] = known
        patch_vary_headers(response, ("Accept-Encoding", "Cookie"))
        entry = make_entry(response, stamp=stamp, expires=expires)
        self.store.put((*place, normalised(query)), entry)
        return entry


def may_keep(response: HttpResponse, *, language: str) -> bool:
    """Say whether an answer is the same for every visitor without a session.

    The key holds the visitor's language (`language`) only where the address does not say one.
    """
    if response.status_code != 200 or response.cookies or response.has_header("Set-Cookie"):
        return False
    control = response.get("Cache-Control", "").lower()
    if "no-store" in control or "private" in control:
        return False
    varies = {name.strip().lower() for name in response.get("Vary", "").split(",")}
    return varies <= (VARIES_BY | {"accept-language"} if language else VARIES_BY)


def without_tracking(query: str) -> str:
    """Drop what newsletters and advertisements add: no view reads it, and none may echo it into the cache."""
    kept = [
        pair
        for pair in query.split("&")
        if pair and not pair.startswith(TRACKING) and pair.partition("=")[0] not in TRACKING_NAMES
    ]
    return "&".join(kept)


def normalised(query: str) -> str:
    """Return one spelling of a query: names in order, empty values left out."""
    return urlencode(sorted(parse_qsl(query), key=lambda pair: pair[0])) if query else ""
