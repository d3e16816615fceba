"""Answers about activities and sign-ups."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import (
    BooleanField,
    Case,
    CharField,
    Count,
    DateTimeField,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
    Window,
)
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils import timezone
from wagtail.models import Page

from cms.models import Term
from cms.queries import Told, tell, with_a_page
from cms.stamp import per_stamp
from events.models.activity import Activity
from events.models.signup import Signup
from events.rules import ActivityState, activity_state

RELATED = 3
CLOCK_FIELDS = ("signup_opens_at", "signup_closes_at", "starts_at", "ends_at")
"""At these moments the clock alone changes what is shown of an activity."""


def taken_places() -> Coalesce:
    """Return the number of places taken, to annotate a queryset of activities with."""
    confirmed = Signup.objects.filter(activity=OuterRef("pk"), status=Signup.Status.CONFIRMED)
    counted = confirmed.order_by().values("activity").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted), 0, output_field=IntegerField())


def with_taken(activities: QuerySet[Activity]) -> QuerySet[Any]:
    """Give each activity its number of places `taken`."""
    return activities.annotate(taken=taken_places())


def with_state(activities: QuerySet[Activity], *, at: datetime) -> QuerySet[Any]:
    """Give each activity `taken` and the `state` that `rules.activity_state` says, to filter lists."""
    return with_taken(activities).annotate(
        state=Case(
            When(is_cancelled=True, then=Value(ActivityState.CANCELLED.value)),
            When(ends_at__lte=at, then=Value(ActivityState.PAST.value)),
            When(signup_opens_at__gt=at, then=Value(ActivityState.NOT_YET_OPEN.value)),
            When(_closed(at), then=Value(ActivityState.CLOSED.value)),
            When(capacity__lte=F("taken"), then=Value(ActivityState.FULL.value)),
            default=Value(ActivityState.OPEN.value),
            output_field=CharField(),
        )
    )


def _closed(at: datetime) -> Q:
    return Q(signup_closes_at__lte=at) | Q(signup_closes_at__isnull=True, starts_at__lte=at)


def public_activities(request: HttpRequest) -> QuerySet[Activity]:
    """Return the activities that some page tells the visitor of: the same ones in every language."""
    return with_a_page(Activity.objects.all(), request=request)


def in_calendar_order(activities: QuerySet[Any], *, at: datetime) -> QuerySet[Any]:
    """Order: what is coming, the nearest first, then what is past, the latest first."""
    is_past = Case(When(ends_at__lte=at, then=True), default=False, output_field=BooleanField())
    starts_if_coming = Case(When(ends_at__gt=at, then=F("starts_at")), output_field=DateTimeField())
    return activities.annotate(is_past=is_past).order_by("is_past", starts_if_coming, "-starts_at", "pk")


def with_part_count(activities: QuerySet[Any]) -> QuerySet[Any]:
    """Give each activity in calendar order its `part_count`: how many are coming, or past, as it is."""
    return activities.annotate(part_count=Window(Count("*"), partition_by=[F("is_past")]))


def told_activity(activity_id: int, *, request: HttpRequest, at: datetime) -> Told | None:
    """Return a public activity, with `taken` and `state`, beside the page that tells of it; or None."""
    found = with_state(public_activities(request).filter(pk=activity_id), at=at)
    return next(iter(tell(found, request=request)), None)


def related_activities(
    activity: Activity, *, terms: Collection[Term], request: HttpRequest, at: datetime
) -> list[Told]:
    """Return the coming activities that share most of these terms, in the order of the calendar.

    Those for which nobody can sign up any more only fill what is left.
    """
    others = public_activities(request).filter(ends_at__gt=at, is_cancelled=False).exclude(pk=activity.pk)
    tagged: QuerySet[Any] = Activity.terms.through.objects.filter(
        activity=OuterRef("pk"), term__in=terms
    ).order_by()
    shared = Subquery(tagged.values("activity").annotate(number=Count("pk")).values("number"))
    is_over = Case(
        When(signup_opens_at__gt=at, then=False),
        When(_closed(at) | Q(capacity__lte=F("taken")), then=True),
        default=False,
        output_field=BooleanField(),
    )
    nearest = with_taken(others).annotate(shared=Coalesce(shared, 0))
    nearest = nearest.order_by(is_over, "-shared", "starts_at", "pk")
    chosen: list[Any] = sorted(nearest[:RELATED], key=lambda other: (other.starts_at, other.pk))
    for other in chosen:
        other.state = activity_state(other.schedule(taken=other.taken), at=at)
    return tell(chosen, request=request)


@per_stamp
def _clock_moments() -> tuple[datetime, ...]:
    """Return the moments still to come at which the clock changes an activity, the next one first."""
    since = timezone.now()
    coming = Activity.objects.filter(ends_at__gt=since, is_cancelled=False).values_list(*CLOCK_FIELDS)
    return tuple(sorted({moment for row in coming for moment in row if moment and moment > since}))


def next_change_of_all(*, at: datetime) -> datetime | None:
    """Return the next moment at which the clock changes any activity: until then a list of them is right."""
    return next((moment for moment in _clock_moments() if moment > at), None)


def with_editing_page(activities: QuerySet[Any]) -> QuerySet[Any]:
    """Give each activity the `page_id` of the page on which its facts are edited: the Dutch one, else any."""
    pages = Page.objects.filter(translation_key=OuterRef("translation_key"))
    leading = Case(When(locale__language_code=settings.LANGUAGE_CODE, then=0), default=1)
    return activities.annotate(page_id=Subquery(pages.order_by(leading, "pk").values("pk")[:1]))


def past_pages(page_ids: Collection[int], at: datetime) -> Collection[int]:
    """Return which of these pages tell of an activity that is over."""
    over = Activity.objects.filter(ends_at__lte=at).values("translation_key")
    return set(Page.objects.filter(pk__in=page_ids, translation_key__in=over).values_list("pk", flat=True))


def signups_of(person: AbstractBaseUser) -> QuerySet[Signup]:
    """Return the sign-ups with a person's address."""
    return Signup.objects.filter(email__iexact=getattr(person, "email", "")).select_related("activity")


def personal_data_of(person: AbstractBaseUser) -> dict[str, Any]:
    """Return what the app knows of a person, as plain data."""
    return {
        "signups": [
            {
                "activity": str(signup.activity),
                "starts_at": signup.activity.starts_at.isoformat(),
                "name": signup.full_name,
                "organisation": str(signup.organisation or ""),
                "status": signup.status,
                "signed_up_at": signup.created_at.isoformat(),
            }
            for signup in signups_of(person).select_related("organisation")
        ]
    }
