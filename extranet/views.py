"""The way into the member zone, whatever its page is called."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language

from cms.gate import visible_pages
from extranet.models import MemberHomePage


@login_required
def member_zone(request: HttpRequest) -> HttpResponse:
    """Lead to the member home of the visitor's language; to one's account if it is closed to the visitor."""
    pages = visible_pages(MemberHomePage.objects.all(), request).select_related("locale")
    best = min(pages, key=lambda page: page.locale.language_code != get_language(), default=None)
    return redirect("account" if best is None else best.get_url(request))
