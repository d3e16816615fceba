"""Keeps the tier groups right: they open the member zone's pages and documents by Wagtail's own privacy.

A person is in the group of each running membership's tier and of every lower tier, and in no other.
"""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.models import Group
from django.db import transaction

from accounts.models import User
from membership.models import Organisation, Tier
from membership.queries import ranks_of


@transaction.atomic
def update_access(*, organisation: Organisation) -> int:
    """Bring the groups of everybody who is or was of the organisation up to date. Returns changed people.

    Called in the transaction that starts, changes or ends a membership or an affiliation.
    """
    people = User.objects.filter(affiliations__organisation=organisation).distinct()
    return _update(people.values_list("pk", flat=True))


@transaction.atomic
def reconcile_access(at: datetime) -> int:
    """Mend the groups of everybody with an affiliation or a tier group. Returns changed people."""
    names = [tier.group_name for tier in Tier.objects.all()]
    concerned = User.objects.filter(affiliations__isnull=False) | User.objects.filter(groups__name__in=names)
    return _update(concerned.distinct().values_list("pk", flat=True))


def _update(people: Iterable[int]) -> int:
    people = set(people)
    tiers = list(Tier.objects.all())
    groups = {tier.rank: Group.objects.get_or_create(name=tier.group_name)[0].pk for tier in tiers}
    ranks = ranks_of(people)
    through = User.groups.through
    present = set(
        through.objects.filter(user__in=people, group__in=groups.values()).values_list("user_id", "group_id")
    )
    wanted = {
        (person, group) for person in people for rank, group in groups.items() if rank <= ranks.get(person, 0)
    }
    through.objects.bulk_create(
        [through(user_id=person, group_id=group) for person, group in wanted - present],
        ignore_conflicts=True,
    )
    for person, group in present - wanted:
        through.objects.filter(user_id=person, group_id=group).delete()
    return len({person for person, _group in wanted ^ present})
