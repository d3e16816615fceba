"""The pages of calls: the list, with states by the clock, and one page a call."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.search import index

from cms.listing import FilterField, ListFilters
from cms.models import LedgerPage, SitePage, Term
from cms.navigation import subjects_of
from cms.queries import tell, with_a_page
from matchmaking.models.calls import Call, CallFacts
from matchmaking.queries import STATE_LABELS, STATE_SHAPES, in_order, state_of, told_calls
from matchmaking.rules import next_change


class CallIndexPage(SitePage):
    """All calls, with filters and their state by the clock."""

    template = "matchmaking/call_index_page.html"
    parent_page_types = ["home.HomePage"]
    subpage_types = ["matchmaking.CallPage"]
    feed = "matchmaking:call_feed"
    feed_label = _("Follow our calls in your feed reader (RSS)")

    class Meta:
        verbose_name = _("call index")
        verbose_name_plural = _("call indexes")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the calls with their state, filtered and in pages."""
        at = timezone.now()
        filters = ListFilters(
            request.GET,
            kinds=Term.Kind,
            extra=[
                FilterField("state", pgettext_lazy("project", "Status"), list(STATE_LABELS.items())),
                FilterField("kind", _("Kind"), CallFacts.Kind.choices),
            ],
        )
        whole = with_a_page(Call.objects.all(), request=request)
        calls = filters.filter_terms(whole)
        if kinds := filters.selected("kind"):
            calls = calls.filter(kind__in=kinds)
        rows = in_order(calls.prefetch_related("terms"), states=filters.selected("state"), at=at)
        listing = filters.paginate(rows, 20, whole=whole)
        return {
            **super().get_context(request, *args, **kwargs),
            "filters": filters,
            "listing": listing.show(lambda rows: told_calls(tell(rows, request=request), at=at)),
        }

    def next_change_at(self, at: datetime) -> datetime | None:
        """The first moment at which some call opens, is about to close, or closes."""
        moments = (
            next_change(opens_at=opens_at, closes_at=closes_at, at=at)
            for opens_at, closes_at in Call.objects.values_list("opens_at", "closes_at")
        )
        return min((moment for moment in moments if moment), default=None)


class CallPage(LedgerPage, CallFacts):
    """One call: what it is for, who may apply, by when."""

    facts_model = CallFacts
    ledger_model = Call

    rules = models.TextField(_("rules"), blank=True, help_text=_("Who may apply and the main conditions."))

    content_panels = [
        *LedgerPage.head_panels,
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("kind"), FieldPanel("budget_eur")]),
                FieldRowPanel([FieldPanel("funder_nl"), FieldPanel("funder_en")]),
                FieldRowPanel([FieldPanel("opens_at"), FieldPanel("closes_at")]),
                FieldPanel("official_url"),
            ],
            heading=_("The call (takes effect on publish, for all languages)"),
        ),
        FieldPanel("rules"),
        FieldPanel("body"),
    ]
    override_translatable_fields = LedgerPage.synchronized_facts(CallFacts)
    search_fields = [*LedgerPage.search_fields, index.SearchField("rules")]
    template = "matchmaking/call_page.html"
    parent_page_types = ["matchmaking.CallIndexPage"]
    subpage_types: list[str] = []

    class Meta:
        verbose_name = _("call")
        verbose_name_plural = _("calls")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the state at this moment and the facts."""
        state = state_of(self, at=timezone.now())
        return {
            **super().get_context(request, *args, **kwargs),
            **subjects_of(self, request),
            "state": STATE_SHAPES[state],
            "state_label": STATE_LABELS[state],
        }

    def next_change_at(self, at: datetime) -> datetime | None:
        """The next moment at which the call's state changes."""
        return next_change(opens_at=self.opens_at, closes_at=self.closes_at, at=at)

    def clean(self) -> None:
        """Refuse a call that closes before it opens."""
        super().clean()
        if self.opens_at and self.closes_at and self.closes_at <= self.opens_at:
            raise ValidationError({"closes_at": _("The call must close after it opens.")})
