"""The way into the member zone, whatever its page is called."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from extranet.models import MemberHomePage


@login_required
def member_zone(request: HttpRequest) -> HttpResponse:
    """Lead to the member home of the visitor's language; to one's account if it is closed to the visitor."""
    home = MemberHomePage.open_to(request)
    return redirect("account" if home is None else home.get_url(request))
