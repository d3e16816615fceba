"""What a membership gives a person, asked at the moment and copied nowhere: so it ends when that ends.

Access (`membership.operations.access`) is the one copy, as groups that Wagtail's privacy reads.
"""

from collections.abc import Collection

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Max, QuerySet

from accounts.models import User
from membership.models.membership import Membership
from membership.models.organisation import Affiliation
from membership.models.prices import Tier


def tier_of(person: AbstractBaseUser) -> Tier | None:
    """Return the highest tier that is a person's now, and with it what members pay; None for no member.

    In grace it stays, as all that is read and asked does: it ends with the membership.
    """
    rank = ranks_of([person.pk]).get(person.pk)
    return Tier.objects.get(rank=rank) if rank is not None else None


def ranks_of(people: Collection[int]) -> dict[int, int]:
    """Return by the id of each of some people who belong to a member the rank of their highest tier."""
    running = _belonging().filter(user__in=people).order_by().values("user")
    highest = running.annotate(rank=Max("organisation__memberships__tier__rank"))
    return dict(highest.values_list("user", "rank"))


def people_of_members() -> QuerySet[User]:
    """Return whom the association may mail as members: the active people of running memberships."""
    return User.objects.filter(is_active=True, pk__in=_belonging().values("user"))


def _belonging() -> QuerySet[Affiliation]:
    return Affiliation.objects.filter(
        ended_at__isnull=True, organisation__memberships__status__in=Membership.RUNNING
    )
