"""Work of the newsletter that leaves the process. Every task may run twice without harm."""

from django.utils import timezone
from django_tasks import task

from newsletters.gateways.mailchimp import mailchimp
from newsletters.models import ConsentEvent, Subscription
from newsletters.operations.subscriptions import unsubscribe


@task()
def push_subscription(subscription_id: int) -> None:
    """Bring Mailchimp up to date with a subscription as it stands now; without a key, do nothing."""
    audience = mailchimp()
    subscription = Subscription.objects.filter(pk=subscription_id).first()
    if audience is None or subscription is None:
        return
    if subscription.status == Subscription.Status.CONFIRMED:
        audience.upsert_subscriber(email=subscription.email, language=subscription.language)
    elif subscription.status == Subscription.Status.UNSUBSCRIBED:
        audience.unsubscribe(email=subscription.email)


@task()
def apply_unsubscribe(email: str) -> None:
    """Do what somebody asked in a newsletter: leave."""
    unsubscribe(email=email, source=ConsentEvent.Source.MAILCHIMP, at=timezone.now())
