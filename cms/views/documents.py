"""The only door to a document: Wagtail's own view behind the gate, kept out of caches where it is private."""

from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_safe
from wagtail.documents.views.serve import serve


@require_safe
def document(request: HttpRequest, document_id: str, filename: str) -> HttpResponseBase:
    """Send the file; the gate's hook refuses with the 404 page, and so does a file that is lost."""
    try:
        response: HttpResponseBase = serve(request, document_id, filename)
    except FileNotFoundError as error:
        raise Http404 from error
    if getattr(request, "document_is_private", False):
        add_never_cache_headers(response)
    return response


def closed(request: HttpRequest, **_numbers: int) -> HttpResponseBase:
    """Answer the addresses of Wagtail's shared passwords, which this site does not use."""
    raise Http404
