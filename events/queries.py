"""Answers about activities and sign-ups."""

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from events.models import Activity, Signup


def taken_places() -> Coalesce:
    """Return the number of places taken, to annotate a queryset of activities with."""
    confirmed = Signup.objects.filter(activity=OuterRef("pk"), status=Signup.Status.CONFIRMED)
    counted = confirmed.order_by().values("activity").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted), 0, output_field=IntegerField())


def with_taken(activities: QuerySet[Activity]) -> QuerySet[Activity]:
    """Give each activity its number of places `taken`."""
    return activities.annotate(taken=taken_places())
