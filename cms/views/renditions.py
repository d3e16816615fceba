"""Sends renditions, the only files that are public, from their folder or out of the bucket."""

from django.core.files.storage import FileSystemStorage, storages
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response, patch_cache_control
from django.views.decorators.http import require_safe
from django.views.static import serve

from cms.models import SiteRendition


@require_safe
def rendition(request: HttpRequest, path: str) -> HttpResponseBase:
    """Send a picture. Only what has a row is asked of the bucket, so no other file can be fetched here.

    A name in the bucket never comes back for another file: whoever has it may keep it for ever.
    """
    storage = storages["renditions"]
    if isinstance(storage, FileSystemStorage):
        return serve(request, path, document_root=str(storage.location))
    if "\0" in path:  # which PostgreSQL refuses to compare
        raise Http404
    row = get_object_or_404(SiteRendition, file=path)
    etag = f'"{row.pk}"'
    response: HttpResponseBase | None = get_conditional_response(request, etag=etag)
    if response is None:
        try:
            response = FileResponse(storage.open(path))
        except FileNotFoundError as error:
            raise Http404 from error
        response["ETag"] = etag
    patch_cache_control(response, public=True, max_age=31_536_000, immutable=True)
    return response
