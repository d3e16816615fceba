"""What the events app does when it hears something, from below or from itself."""

from typing import Any

from django.dispatch import receiver

from events import tasks
from events.models import Signup
from events.signals import activity_cancelled, place_confirmed, place_released
from membership.signals import organisations_merging


@receiver(organisations_merging, dispatch_uid="events_move_signups")
def move_signups(sender: type, keep_id: int, drop_id: int, **kwargs: Any) -> None:
    """Let the sign-ups of an organisation that is merged count for the one that stays."""
    Signup.objects.filter(organisation_id=drop_id).update(organisation_id=keep_id)


@receiver(place_confirmed, dispatch_uid="events_mail_place")
def confirm_by_mail(sender: type, signup_id: int, **kwargs: Any) -> None:
    """Send the confirmation."""
    tasks.mail_place.enqueue(signup_id, "confirmed")


@receiver(place_released, dispatch_uid="events_mail_release")
def release_by_mail(sender: type, signup_id: int, **kwargs: Any) -> None:
    """Tell who cancelled that it is done."""
    tasks.mail_release.enqueue(signup_id)


@receiver(activity_cancelled, dispatch_uid="events_mail_cancellation")
def cancel_by_mail(sender: type, activity_id: int, **kwargs: Any) -> None:
    """Tell everybody who would have come."""
    tasks.mail_cancellation.enqueue(activity_id)
