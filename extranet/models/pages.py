"""The member zone's own pages; who may open them is Wagtail's privacy, with the tier groups."""

from typing import Any

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import get_language_info, ngettext
from django.utils.translation import gettext_lazy as _

from cms.listing import FilterField, ListFilters
from cms.models import SitePage, Term
from cms.queries import in_own_language, tell, with_a_page
from cms.stamp import per_stamp
from events.models import Activity, EventIndexPage
from events.queries import with_state
from extranet.queries import belongings, in_other_languages, library_documents

NEWEST = 5
"""How many documents and activities the member home shows."""


@per_stamp
def _member_homes() -> tuple["MemberHomePage", ...]:
    return tuple(MemberHomePage.objects.live().select_related("locale"))


@per_stamp
def _libraries() -> tuple["LibraryPage", ...]:
    return tuple(LibraryPage.objects.live())


class MemberHomePage(SitePage):
    """The front page of the member zone."""

    template = "extranet/member_home_page.html"
    parent_page_types = ["home.HomePage"]

    class Meta:
        verbose_name = _("member home page")
        verbose_name_plural = _("member home pages")

    @classmethod
    def open_to(cls, request: HttpRequest) -> "MemberHomePage | None":
        """Return the one in the visitor's language, else in another; None when the zone is closed to them."""
        return in_own_language(_member_homes(), request)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the person's organisations, the newest documents and what comes next."""
        at = timezone.now()
        coming = with_a_page(Activity.objects.filter(ends_at__gt=at, is_cancelled=False), request=request)
        calendar = EventIndexPage.open_to(request)
        library = next((page for page in _libraries() if page.is_child_of(self)), None)
        return {
            **super().get_context(request, *args, **kwargs),
            "belongings": belongings(request.user),
            "documents": library_documents(request).filter(foreign=0)[:NEWEST],
            "activities": tell(
                with_state(coming, at=at).order_by("starts_at", "pk")[:NEWEST], request=request
            ),
            "activities_url": calendar.get_url(request) if calendar else "",
            "library_url": library.get_url(request) if library else "",
        }


class LibraryPage(SitePage):
    """The documents that the visitor's tier may read, with search and filters.

    The edition in the visitor's language stands for a document; those in another are a link away.
    """

    template = "extranet/library_page.html"
    parent_page_types = ["extranet.MemberHomePage"]
    subpage_types: list[str] = []

    class Meta:
        verbose_name = _("library page")
        verbose_name_plural = _("library pages")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the documents, filtered and in pages."""
        filters = ListFilters(
            request.GET,
            kinds=Term.Kind,
            extra=[FilterField("language", _("Language"), _languages())],
            text="q",
        )
        whole = library_documents(request)
        documents = filters.filter_terms(whole)
        if languages := filters.selected("language"):
            documents = documents.filter(language__in=["", *languages])
        for word in filters.text.split()[:8]:
            documents = documents.filter(
                Q(title__icontains=word) | Q(summary_nl__icontains=word) | Q(summary_en__icontains=word)
            )
        elsewhere: list[tuple[str, str]] = []
        if not languages and documents.filter(foreign=0).exists():
            elsewhere = [
                (_also(language, count), filters.url(also=("language", language)))
                for language, count in in_other_languages(documents)
            ]
            documents = documents.filter(foreign=0)
        return {
            **super().get_context(request, *args, **kwargs),
            "filters": filters,
            "elsewhere": elsewhere,
            "listing": filters.paginate(documents.prefetch_related("terms"), 20, whole=whole),
        }


def _also(language: str, count: int) -> str:
    """ "Also 14 documents in English"."""
    return ngettext(
        "Also %(count)s document in %(language)s", "Also %(count)s documents in %(language)s", count
    ) % {
        "count": count,
        "language": get_language_info(language)["name_translated"],
    }


def _languages() -> list[tuple[str, str]]:
    """The languages of documents, named in the language of the page."""
    return [
        (code, capfirst(get_language_info(code)["name_translated"])) for code, _name in settings.LANGUAGES
    ]
