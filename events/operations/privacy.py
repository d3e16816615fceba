"""Forgets people: on request, and long after an activity. What was counted stays counted."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import CharField, QuerySet, Value
from django.db.models.functions import Cast, Concat

from events.models import Signup
from events.operations.signups import cancel_signup
from events.queries import signups_of

KEEP_NAMES = timedelta(days=730)
"""So long after an activity, as the privacy statement says; after that only numbers remain."""


@transaction.atomic
def forget_attendees(at: datetime) -> int:
    """Forget who came to activities of two years ago and longer. Returns how many people."""
    old = Signup.objects.filter(activity__ends_at__lte=at - KEEP_NAMES)
    return _forget(old.exclude(email__endswith=Signup.FORGOTTEN))


@transaction.atomic
def erase_person(person: AbstractBaseUser, at: datetime) -> Sequence[str]:
    """Cancel the places that a person has at coming activities, and forget who had the past ones."""
    signups = signups_of(person)
    for signup in signups.filter(status=Signup.Status.CONFIRMED, activity__ends_at__gt=at):
        cancel_signup(signup=signup, at=at)
    _forget(signups)
    return []


def _forget(signups: QuerySet[Signup]) -> int:
    nobody = Concat(Cast("pk", CharField()), Value(Signup.FORGOTTEN))
    return signups.update(first_name="", last_name="", email=nobody)
