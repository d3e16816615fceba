"""What the views behind private links share: who may, and that no cache, index or log keeps the address."""

from collections.abc import Collection
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.views.generic import View

from cms.models import PrivateLink
from cms.operations.links import LinkClosed, resolve_link
from cms.views.errors import NotHere


class PrivateLinkView(View):
    """A view whose address holds a token; in it stand `self.link` and `self.link.target`.

    Its path must be `.../l/<str:token>/...`: the log knows tokens by that. GET shows and POST acts, since
    mail programs open links by themselves. A closed link is answered as an address that never was.
    """

    purpose: str | Collection[str]
    """What the link must be for; where a view serves several, `self.link.purpose` says which it is."""
    log_in_to = ""
    """The name of the view that shows the same to who logs in: a closed link offers to go on to it."""
    link: PrivateLink

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Look the token up, then answer as any view."""
        try:
            self.link = resolve_link(token=kwargs.pop("token"), purpose=self.purpose, at=timezone.now())
            if not self.may_open():
                raise LinkClosed
        except LinkClosed as error:
            raise NotHere(reverse(self.log_in_to) if self.log_in_to else "", is_link=True) from error
        self.kwargs.pop("token", None)
        response = super().dispatch(request, *args, **kwargs)
        add_never_cache_headers(response)
        response["X-Robots-Tag"] = "noindex, nofollow"
        response["Referrer-Policy"] = "no-referrer"
        return response

    def may_open(self) -> bool:
        """Say whether the link still opens its target, as that is now."""
        return True
