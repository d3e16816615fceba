"""What a membership gives a person, asked at the moment: so it ends when that ends.

Access (`membership.operations.access`) is the one copy, as groups that Wagtail's privacy reads.
"""

from collections.abc import Collection

from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from billing.models import Invoice
from billing.queries import with_open_amount
from membership.models.membership import Charge, Membership
from membership.models.organisation import Affiliation


def ranks_of(people: Collection[int]) -> dict[int, int]:
    """Return by the id of each of some people who belong to a member the rank of their highest tier."""
    running = Affiliation.objects.filter(
        user__in=people, ended_at__isnull=True, organisation__memberships__status__in=Membership.RUNNING
    )
    highest = running.order_by().values("user").annotate(rank=Max("organisation__memberships__tier__rank"))
    return dict(highest.values_list("user", "rank"))


def count_lapses_held() -> int:
    """Return how many memberships should have lapsed, and wait for staff because a part was paid."""
    return Membership.objects.filter(lapse_held_on__isnull=False).count()


def applications_paid_in_part() -> QuerySet[Membership]:
    """Return the applications of which a part was paid: they neither start nor close by themselves."""
    asked = Invoice.documents.filter(pk=OuterRef("invoice"), status__in=Invoice.OPEN)
    part = Exists(with_open_amount(asked).filter(Q(settled__gt=0)))
    charges = Charge.objects.filter(part, voided_at__isnull=True)
    awaiting = Membership.objects.filter(status=Membership.Status.AWAITING_PAYMENT)
    return awaiting.filter(pk__in=charges.values("membership"))


def count_applications_paid_in_part() -> int:
    """Return how many applications wait because a part was paid."""
    return applications_paid_in_part().count()
