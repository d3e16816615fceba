"""Applications that wait for staff: the association is told again until somebody decides."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from billing.models import Issuer
from cms.emails import is_queued
from cms.log import record
from membership.emails import mail_desk
from membership.models import Membership

TOLD_AGAIN = timedelta(days=7)
"""Who applied waits so long before the association is told again; an answer was promised after three days."""


@transaction.atomic
def remind_of_applications(at: datetime) -> int:
    """Mail the association, at most once a week, which applications wait longer. Returns how many."""
    year, week, _day = timezone.localdate(at).isocalendar()
    key, address = f"{year}-{week}", Issuer.load().email
    long_ago = Membership.objects.filter(status=Membership.Status.APPLIED, applied_at__lte=at - TOLD_AGAIN)
    waiting = list(long_ago.select_related("organisation", "tier").order_by("applied_at", "pk"))
    is_told = not address or is_queued(template="membership/applications_wait", to=address, key=key)
    if not waiting or is_told:
        return 0
    mail_desk("applications_wait", at=at, key=key, waiting=waiting)
    for membership in waiting:
        record(membership, "membership.remind_of", at=at)
    return len(waiting)
