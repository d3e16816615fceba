"""Sends the pictures of pages to whoever shows a link to them."""

from django.contrib.auth.models import AnonymousUser
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.cache import patch_cache_control
from django.utils.translation import override
from django.views.decorators.http import require_safe
from wagtail.models import Page

from cms.gate import may_open_page
from cms.social import picture_file, picture_stamp, picture_url


@require_safe
def picture(request: HttpRequest, page_id: int, stamp: str) -> HttpResponseBase:
    """Show the picture of a page that everybody may open; an earlier address leads to the present one."""
    page = Page.objects.filter(pk=page_id, depth__gt=1).select_related("locale").first()
    if page is None or not may_open_page(page, AnonymousUser()):
        raise Http404
    page = page.specific
    with override(page.locale.language_code):
        if stamp != picture_stamp(page):
            return redirect(picture_url(page))
        response = FileResponse(picture_file(page).open("rb"), content_type="image/png")
    patch_cache_control(response, public=True, max_age=31_536_000, immutable=True)
    return response
