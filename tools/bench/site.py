"""The platform's addresses and two more: a plain view to compare with, and what the process has used."""

import resource
import sys
import time
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import path
from django.views.decorators.cache import never_cache

from cms.urls import handler403 as handler403
from cms.urls import handler404 as handler404
from cms.urls import handler429 as handler429
from cms.urls import handler500 as handler500
from cms.urls import urlpatterns as addresses

COUNT = "HTTP_X_COUNT_QUERIES"
PEAK_UNIT = 1 if sys.platform == "darwin" else 1024


class QueryCountMiddleware:
    """Answer with the number of queries when the request asks for it; else cost one look-up."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if COUNT not in request.META:
            return self.get_response(request)
        queries: list[str] = []

        def note(execute: Callable[..., Any], sql: Any, *rest: Any) -> Any:
            queries.append(str(sql))
            return execute(sql, *rest)

        with connection.execute_wrapper(note):
            response = self.get_response(request)
        response["X-Queries"] = str(len(queries))
        return response


@never_cache
def plain(request: HttpRequest) -> HttpResponse:
    """The least that a Django view does: it goes through the same middleware, and asks no database."""
    return HttpResponse("plain\n", content_type="text/plain")


@never_cache
def usage(request: HttpRequest) -> JsonResponse:
    """CPU seconds of this process so far, and the most memory it ever held, in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * PEAK_UNIT
    return JsonResponse({"cpu": time.process_time(), "memory": peak})


urlpatterns = [path("bench/plain/", plain), path("bench/usage/", usage), *addresses]
