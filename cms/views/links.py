"""What the views behind private links share: who may, and that no cache, index or log keeps the address."""

from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.views.generic import View

from cms.models import PrivateLink
from cms.operations.links import LinkClosed, resolve_link


class PrivateLinkView(View):
    """A view whose address holds a token; in it stand `self.link` and `self.link.target`.

    Its path must be `.../l/<str:token>/...`: the log knows tokens by that. GET shows and POST acts, since
    mail programs open links by themselves. A closed link is answered as an address that never was.
    """

    purpose: str
    link: PrivateLink

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Look the token up, then answer as any view."""
        try:
            self.link = resolve_link(token=kwargs.pop("token"), purpose=self.purpose, at=timezone.now())
        except LinkClosed as error:
            raise Http404 from error
        self.kwargs.pop("token", None)
        response = super().dispatch(request, *args, **kwargs)
        add_never_cache_headers(response)
        response["X-Robots-Tag"] = "noindex, nofollow"
        response["Referrer-Policy"] = "no-referrer"
        return response
