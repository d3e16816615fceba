"""The pages that announce activities: event, focus group, masterclass, and their index."""

from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel

from cms import page_cache
from cms.listing import FilterField, ListFilters
from cms.models import LedgerPage, SiteImage, SitePage, Term
from cms.navigation import subjects_of
from cms.queries import in_own_language, tell
from cms.stamp import per_stamp
from events import queries
from events.models.activity import Activity, ActivityFacts
from events.rules import ActivityState, activity_state, next_change

PAGE_SIZE = 12
FILTERS = (
    FilterField("period", _("period"), [("coming", _("upcoming")), ("past", _("past"))], is_single=True),
    FilterField("activity", _("kind of event"), ActivityFacts.Kind.choices),
    FilterField(
        "state",
        _("status"),
        [
            (ActivityState.OPEN, _("open for sign-up")),
            (ActivityState.FULL, _("full")),
            (ActivityState.NOT_YET_OPEN, _("sign-up opens later")),
            (ActivityState.CLOSED, _("sign-up closed")),
            (ActivityState.CANCELLED, _("cancelled")),
        ],
    ),
)


@per_stamp
def _calendars() -> tuple["EventIndexPage", ...]:
    return tuple(EventIndexPage.objects.live().select_related("locale").order_by("path"))


class EventIndexPage(SitePage):
    """The calendar: what is coming, what has been, with filters."""

    template = "events/event_index_page.html"
    parent_page_types = ["home.HomePage"]
    subpage_types = ["events.EventPage", "events.FocusGroupPage", "events.MasterclassPage"]
    known_query = ("page", *(field.name for field in FILTERS), *Term.Kind.values)

    class Meta:
        verbose_name = _("event index")
        verbose_name_plural = _("event indexes")

    @classmethod
    def open_to(cls, request: HttpRequest) -> "EventIndexPage | None":
        """Return the calendar in the visitor's language, else in another; None when there is none."""
        return in_own_language(_calendars(), request)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the activities that the visitor may know of, filtered and in pages."""
        at = timezone.now()
        filters = ListFilters(request.GET, kinds=Term.Kind, extra=FILTERS)
        whole = queries.public_activities(request)
        activities = queries.with_state(whole, at=at)
        if kinds := filters.selected("activity"):
            activities = activities.filter(kind__in=kinds)
        if states := filters.selected("state"):
            activities = activities.filter(state__in=states)
        match filters.selected("period"):
            case ["coming"]:
                activities = activities.filter(ends_at__gt=at)
            case ["past"]:
                activities = activities.filter(ends_at__lte=at)
        activities = filters.filter_terms(queries.in_calendar_order(activities, at=at))
        activities = queries.with_part_count(activities)
        listing = filters.paginate(activities.prefetch_related("terms"), PAGE_SIZE, whole=whole)
        page_cache.expires_at(request, queries.next_change_of_all(at=at))
        listing.show(lambda rows: tell(rows, request=request))
        parts = [
            (_("Upcoming events"), [told for told in listing if told.row.ends_at > at]),
            (_("Past events"), [told for told in listing if told.row.ends_at <= at]),
        ]
        shown = [(heading, rows[0].row.part_count, rows) for heading, rows in parts if rows]
        coming, past = parts[0][1], parts[1][1]
        coming_count = coming[0].row.part_count if coming else 0
        past_count = past[0].row.part_count if past else listing.count - coming_count
        return {
            **super().get_context(request, *args, **kwargs),
            "filters": filters,
            "listing": listing,
            "parts": shown,
            "coming_count": listing.count - past_count,
            "past_count": past_count if past_count < listing.count else 0,  # said where there are both
        }


class ActivityPage(LedgerPage, ActivityFacts):
    """What the three kinds of activity page share."""

    facts_model = ActivityFacts
    ledger_model = Activity

    picture = models.ForeignKey(
        SiteImage,
        verbose_name=_("picture"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("Without a picture the platform draws one from the layers and domains."),
    )

    facts_panel = MultiFieldPanel(
        [
            FieldPanel("kind"),
            FieldRowPanel([FieldPanel("starts_at"), FieldPanel("ends_at")]),
            FieldRowPanel([FieldPanel("place"), FieldPanel("address"), FieldPanel("is_online")]),
            FieldRowPanel(
                [FieldPanel("capacity"), FieldPanel("signup_opens_at"), FieldPanel("signup_closes_at")]
            ),
        ],
        heading=_("The activity (takes effect on publish, for all languages)"),
    )
    head_panels = [*LedgerPage.head_panels, facts_panel, FieldPanel("picture")]
    content_panels = [*head_panels, FieldPanel("body")]
    override_translatable_fields = LedgerPage.synchronized_facts(ActivityFacts)
    parent_page_types = ["events.EventIndexPage"]
    subpage_types: list[str] = []

    class Meta:
        abstract = True

    def get_search_date(self) -> date | None:
        """The day of the activity."""
        return timezone.localdate(self.starts_at) if self.starts_at else None

    @cached_property
    def row(self) -> Any:
        """The ledger row with the number of places `taken`, or None before the first publication."""
        rows = Activity.objects.filter(translation_key=self.translation_key)
        return queries.with_taken(rows).first()

    def shown_activity(self, *, at: datetime, is_preview: bool) -> Any:
        """The activity as this page shows it, with `taken` and `state`: the row, in a preview the draft."""
        activity: Any = self.row or Activity(translation_key=self.translation_key)
        if is_preview or self.row is None:
            for name in self.fact_names():
                setattr(activity, name, getattr(self, name))
        activity.taken = getattr(activity, "taken", 0)
        activity.state = activity_state(activity.schedule(taken=activity.taken), at=at)
        return activity

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the activity, where to find more, and what else is coming."""
        at = timezone.now()
        context = super().get_context(request, *args, **kwargs)
        activity = self.shown_activity(at=at, is_preview=getattr(request, "is_preview", False))
        subjects = subjects_of(self, request)
        terms = subjects["terms"]
        is_row = activity.pk is not None
        related = queries.related_activities(activity, terms=terms, request=request, at=at) if is_row else []
        return {
            **context,
            "activity": activity,
            **subjects,
            "related": related,
        }

    def next_change_at(self, at: datetime) -> datetime | None:
        """When the clock alone next changes the activity's state."""
        return next_change(self.row.schedule(taken=self.row.taken), at=at) if self.row else None

    def get_structured_data(self, request: HttpRequest) -> list[dict[str, Any]]:
        """The activity as schema.org describes an event."""
        activity, trail = self.row, super().get_structured_data(request)
        if activity is None:
            return trail
        status = "Cancelled" if activity.is_cancelled else "Scheduled"
        if activity.is_online:
            mode, place = "Online", {"@type": "VirtualLocation", "url": self.get_full_url(request)}
        else:
            mode, place = "Offline", {"@type": "Place", "name": activity.place, "address": activity.address}
        return [
            *trail,
            {
                "@context": "https://schema.org",
                "@type": "Event",
                "name": self.title,
                "description": self.lead,
                "startDate": timezone.localtime(activity.starts_at).isoformat(),
                "endDate": timezone.localtime(activity.ends_at).isoformat(),
                "eventStatus": f"https://schema.org/Event{status}",
                "eventAttendanceMode": f"https://schema.org/{mode}EventAttendanceMode",
                "location": place,
                "inLanguage": get_language(),
                "organizer": {
                    "@type": "Organization",
                    "name": settings.WAGTAIL_SITE_NAME,
                    "url": settings.SITE_URL,
                },
            },
        ]

    def clean(self) -> None:
        """Refuse an activity that ends before it starts, or whose sign-up never opens."""
        super().clean()
        errors = {}
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            errors["ends_at"] = _("The activity must end after it starts.")
        if self.signup_opens_at and self.signup_closes_at and self.signup_closes_at <= self.signup_opens_at:
            errors["signup_closes_at"] = _("Sign-up must close after it opens.")
        if self.capacity == 0:
            errors["capacity"] = _("Enter at least 1, or leave this empty if there is no limit.")
        if errors:
            raise ValidationError(errors)


class EventPage(ActivityPage):
    """An info session, matchmaking, clustering or other activity."""

    template = "events/activity_page.html"

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")


class FocusGroupPage(ActivityPage):
    """A meeting of a focus group around one question."""

    template = "events/activity_page.html"

    question = models.TextField(
        _("question"), blank=True, max_length=400, help_text=_("The question on which the group works.")
    )
    content_panels = [*ActivityPage.head_panels, FieldPanel("question"), FieldPanel("body")]

    class Meta:
        verbose_name = _("focus group")
        verbose_name_plural = _("focus groups")


class MasterclassPage(ActivityPage):
    """A masterclass of the acceleration programme."""

    template = "events/activity_page.html"

    learning_goals = models.TextField(
        _("learning goals"), blank=True, max_length=800, help_text=_("One goal a line.")
    )
    content_panels = [*ActivityPage.head_panels, FieldPanel("learning_goals"), FieldPanel("body")]

    class Meta:
        verbose_name = _("masterclass")
        verbose_name_plural = _("masterclasses")
