"""What the kernel adds to Wagtail: the gate before pages and documents."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import add_never_cache_headers
from wagtail import hooks
from wagtail.models import Page

from cms.gate import gate_for
from cms.models import SiteDocument

Serve = Callable[[Page, HttpRequest, list[Any], dict[str, Any]], HttpResponse]


@hooks.register("before_serve_page", order=-100)
def ask_the_gate_for_a_page(
    page: Page, request: HttpRequest, args: list[Any], kwargs: dict[str, Any]
) -> None:
    """Answer as if the page did not exist to whom may not open it.

    The gate is stricter than Wagtail's own check, which would send visitors to a log-in form and so
    tell them that there is something; it is not asked any more.
    """
    if not gate_for(request).may_open_page(page):
        raise Http404
    page.get_view_restrictions = list


@hooks.register("on_serve_page", order=-100)
def keep_private_pages_out_of_caches(serve: Serve) -> Serve:
    """Mark the answers of pages behind a restriction, so that no cache keeps them."""

    def wrapped(page: Page, request: HttpRequest, args: list[Any], kwargs: dict[str, Any]) -> HttpResponse:
        response = serve(page, request, args, kwargs)
        if gate_for(request).keys_of_page(page):
            add_never_cache_headers(response)
        return response

    return wrapped


@hooks.register("before_serve_document", order=-100)
def ask_the_gate_for_a_document(document: SiteDocument, request: HttpRequest) -> None:
    """Answer as if the document did not exist to whom may not open it (see the page's hook)."""
    gate = gate_for(request)
    if not gate.may_open_document(document):
        raise Http404
    request.document_is_private = bool(gate.keys_of_document(document))  # type: ignore[attr-defined]
    document.collection.get_view_restrictions = list
