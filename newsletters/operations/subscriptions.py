"""Asking for the newsletter, confirming it, leaving it. Each step leaves a proof of consent."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from cms.emails import queue_email
from cms.log import record
from cms.operations.links import create_link
from newsletters.models import ConsentEvent, Subscription
from newsletters.queries import subscriptions_of
from newsletters.signals import subscription_changed

Kind = ConsentEvent.Kind
Source = ConsentEvent.Source
Status = Subscription.Status

CONFIRM_PURPOSE = "newsletter-confirm"
LEAVE_PURPOSE = "newsletter-leave"
CONFIRM_WITHIN = timedelta(days=30)
"""An address that nobody confirms is forgotten after this time, as the privacy statement says."""


@transaction.atomic
def request_subscription(*, email: str, language: str, wording: str, at: datetime) -> Subscription:
    """Note that somebody asked for the newsletter, and mail the address to confirm or to leave.

    `wording` is the consent text as the person saw it. The caller says the same to every address, so
    that nobody learns who is subscribed.
    """
    subscription = Subscription.objects.select_for_update().filter(email__iexact=email).first()
    if subscription is not None and subscription.status == Status.CONFIRMED:
        _mail(subscription, "already_subscribed", LEAVE_PURPOSE, at=at)
        return subscription
    subscription = subscription or Subscription(email=email)
    subscription.language, subscription.status = language, Status.PENDING
    subscription.requested_at = subscription.changed_at = at
    subscription.save()
    _note(subscription, Kind.REQUESTED, Source.SITE, at=at, wording=wording)
    _mail(subscription, "confirm", CONFIRM_PURPOSE, at=at)
    return subscription


@transaction.atomic
def confirm_subscription(*, subscription: Subscription, at: datetime) -> Subscription:
    """Confirm by the mailed link; a second time changes nothing."""
    subscription = Subscription.objects.select_for_update().get(pk=subscription.pk)
    if subscription.status == Status.CONFIRMED:
        return subscription
    _change(subscription, Status.CONFIRMED, at=at)
    _note(subscription, Kind.CONFIRMED, Source.SITE, at=at)
    _mail(subscription, "welcome", LEAVE_PURPOSE, at=at)
    _tell(subscription, Source.SITE)
    return subscription


@transaction.atomic
def unsubscribe(*, email: str, source: str, at: datetime) -> None:
    """End the subscription of an address; one that is unknown or has left changes nothing."""
    subscription = Subscription.objects.select_for_update().filter(email__iexact=email).first()
    if subscription is None or subscription.status == Status.UNSUBSCRIBED:
        return
    _change(subscription, Status.UNSUBSCRIBED, at=at)
    _note(subscription, Kind.UNSUBSCRIBED, source, at=at)
    _tell(subscription, source)


@transaction.atomic
def forget_subscriber(person: AbstractBaseUser, at: datetime) -> Sequence[str]:
    """Unsubscribe a person's address for good, and forget a request that was never confirmed.

    Who ever consented stays on the list of those who want no newsletter, with the proof of the consent:
    it is ours to show (GDPR, article 7, paragraph 1), and keeps others from adding the address again.
    """
    for subscription in subscriptions_of(person):
        if not subscription.events.filter(kind=Kind.CONFIRMED).exists():
            subscription.delete()
            continue
        unsubscribe(email=subscription.email, source=Source.SITE, at=at)
        return [
            _("Your address stays on the list of those who get no newsletter, with your consent of then.")
        ]
    return []


@transaction.atomic
def forget_unconfirmed(at: datetime) -> int:
    """Delete what nobody confirmed in time; who had left before stays so. Returns how many."""
    stale = Subscription.objects.filter(status=Status.PENDING, requested_at__lt=at - CONFIRM_WITHIN)
    left_before = stale.filter(events__kind=Kind.UNSUBSCRIBED).values_list("pk", flat=True)
    number = stale.count()
    Subscription.objects.filter(pk__in=list(left_before)).update(status=Status.UNSUBSCRIBED)
    stale.delete()
    return number


def _change(subscription: Subscription, status: str, *, at: datetime) -> None:
    subscription.status, subscription.changed_at = status, at
    subscription.save()


def _note(subscription: Subscription, kind: str, source: str, *, at: datetime, wording: str = "") -> None:
    ConsentEvent.objects.create(
        subscription=subscription,
        kind=kind,
        source=source,
        wording=wording,
        language=subscription.language,
        happened_at=at,
    )
    record(subscription, f"newsletters.{kind}")


def _tell(subscription: Subscription, source: str) -> None:
    subscription_changed.send(Subscription, subscription_id=subscription.pk, source=source)


def _mail(subscription: Subscription, template: str, purpose: str, *, at: datetime) -> None:
    expires_at = at + CONFIRM_WITHIN if purpose == CONFIRM_PURPOSE else None
    token = create_link(target=subscription, purpose=purpose, at=at, expires_at=expires_at)
    with override(subscription.language):
        url = settings.SITE_URL + reverse(f"newsletters:{purpose.removeprefix('newsletter-')}", args=[token])
    queue_email(
        template=f"newsletters/{template}",
        to=subscription.email,
        language=subscription.language,
        context={"url": url},
        at=at,
    )
