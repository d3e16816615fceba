"""Changes an activity outside its pages."""

from django.db import transaction

from accounts.models import User
from cms.log import record
from events.models import Activity
from events.signals import activity_cancelled


class AlreadyCancelled(Exception):
    """The activity was cancelled before."""


@transaction.atomic
def cancel_activity(*, activity: Activity, by: User) -> Activity:
    """Call an activity off; who has a place hears it by mail. Raises AlreadyCancelled."""
    activity = Activity.objects.select_for_update().get(pk=activity.pk)
    if activity.is_cancelled:
        raise AlreadyCancelled
    activity.is_cancelled = True
    activity.save(update_fields=["is_cancelled", "changed_at"])
    record(activity, "events.cancel", by=by)
    activity_cancelled.send(Activity, activity_id=activity.pk)
    return activity
