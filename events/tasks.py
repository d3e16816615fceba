"""Work of the events app that leaves the process. Each task may run twice and says its thing once."""

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation
from django_tasks import task

from cms.emails import Attachment, queue_email
from cms.operations.links import create_link
from events.models import Activity, Signup
from events.operations.signups import PLACE_PURPOSE
from events.rules import link_ends_at


@task(priority=50)  # somebody waits for it; indexing may wait
def mail_place(signup_id: int, occasion: str) -> None:
    """Mail somebody the confirmation of a place, with a private link; once on each occasion."""
    signup = _signup(signup_id)
    if signup is None or not signup.is_confirmed:
        return
    activity = signup.activity
    token = create_link(
        target=signup, purpose=PLACE_PURPOSE, at=timezone.now(), expires_at=link_ends_at(activity.ends_at)
    )
    with translation.override(signup.language):
        url = settings.SITE_URL + reverse("events:place", args=[token])
    queue_email(
        template="events/place_confirmed",
        to=signup.email,
        language=signup.language,
        context={"signup": signup, "activity": activity, "place_url": url},
        key=f"{signup.pk}:{occasion}",
        attachments=[Attachment("events.exports.calendar_attachment", (activity.pk, signup.language))],
    )


@task(priority=50)  # somebody waits for it; indexing may wait
def mail_release(signup_id: int) -> None:
    """Mail somebody that the place is cancelled, once."""
    signup = _signup(signup_id)
    if signup is not None and not signup.is_confirmed:
        queue_email(
            template="events/place_released",
            to=signup.email,
            language=signup.language,
            context={"signup": signup, "activity": signup.activity},
            key=str(signup.pk),
        )


@task(priority=50)  # somebody waits for it; indexing may wait
def mail_cancellation(activity_id: int) -> None:
    """Mail everybody who has a place that the activity does not take place, each person once."""
    activity = Activity.objects.filter(pk=activity_id, is_cancelled=True).first()
    if activity is None:
        return
    for signup in activity.signups.filter(status=Signup.Status.CONFIRMED).iterator():
        queue_email(
            template="events/activity_cancelled",
            to=signup.email,
            language=signup.language,
            context={"signup": signup, "activity": activity},
            key=str(signup.pk),
        )


def _signup(signup_id: int) -> Signup | None:
    signups = Signup.objects.select_related("activity", "organisation").exclude(
        email__endswith=Signup.FORGOTTEN
    )
    return signups.filter(pk=signup_id).first()
