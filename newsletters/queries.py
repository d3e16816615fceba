"""Answers about who gets the newsletter."""

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import QuerySet

from newsletters.models import Subscription


def subscriptions_of(person: AbstractBaseUser) -> QuerySet[Subscription]:
    """Return the subscription of a person's address, if there is one."""
    return Subscription.objects.filter(email__iexact=getattr(person, "email", ""))


def personal_data_of(person: AbstractBaseUser) -> dict[str, Any]:
    """Return what the app knows of a person, with the proof of each step, as plain data."""
    return {
        "subscriptions": [
            {
                "email": subscription.email,
                "language": subscription.language,
                "status": subscription.status,
                "steps": [
                    {
                        "kind": step.kind,
                        "source": step.source,
                        "wording": step.wording,
                        "happened_at": step.happened_at.isoformat(),
                    }
                    for step in subscription.events.all()
                ],
            }
            for subscription in subscriptions_of(person).prefetch_related("events")
        ]
    }
