"""The views of the matchmaking app: the feed of the calls."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from cms.feeds import PageFeed
from matchmaking.models import CallIndexPage, CallPage


class CallFeed(PageFeed):
    """The calls that were announced last."""

    name = _("Calls")
    address = "matchmaking:call_feed"

    def get_pages(self) -> QuerySet[CallPage]:
        """Calls, the latest announcement first."""
        return CallPage.objects.order_by("-first_published_at", "-pk")

    def get_index(self) -> QuerySet[CallIndexPage]:
        """The list of calls."""
        return CallIndexPage.objects.all()
