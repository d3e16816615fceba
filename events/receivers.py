"""What the events app does when it hears something, from below or from itself."""

from typing import Any

from django.dispatch import receiver

from events.models import Signup
from membership.signals import organisations_merging


@receiver(organisations_merging, dispatch_uid="events_move_signups")
def move_signups(sender: type, keep_id: int, drop_id: int, **kwargs: Any) -> None:
    """Let the sign-ups of an organisation that is merged count for the one that stays."""
    Signup.objects.filter(organisation_id=drop_id).update(organisation_id=keep_id)
