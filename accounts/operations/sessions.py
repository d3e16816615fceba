"""Sessions that are over: Django leaves their rows, with what lies in them, until somebody deletes them."""

from datetime import datetime

from django.contrib.sessions.models import Session


def prune_sessions(at: datetime) -> int:
    """Delete the sessions that are over; return how many."""
    return Session.objects.filter(expire_date__lt=at).delete()[0]
