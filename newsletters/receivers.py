"""What follows from a change of a subscription."""

from typing import Any

from django.dispatch import receiver

from newsletters.models import ConsentEvent
from newsletters.signals import subscription_changed
from newsletters.tasks import push_subscription


@receiver(subscription_changed, dispatch_uid="newsletters_push")
def tell_mailchimp(sender: type, subscription_id: int, source: str, **words: Any) -> None:
    """Queue the change for Mailchimp, unless it came from there."""
    if source != ConsentEvent.Source.MAILCHIMP:
        push_subscription.enqueue(subscription_id)
