import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from accounts.models import User
from membership.models import Affiliation, Membership, Tier
from membership.operations.access import reconcile_access, update_access
from tests.membership.test_pages import add_member

pytestmark = pytest.mark.django_db


def tiers_of(user: User) -> list[str]:
    return list(user.groups.order_by("name").values_list("name", flat=True))


@pytest.fixture
def person() -> User:
    return User.objects.create_user("noor@lantaarnwerk.example")


def test_a_member_is_in_the_groups_of_the_tier_and_the_lower_ones(person: User) -> None:
    organisation = add_member("Lantaarnwerk")
    Affiliation.objects.create(organisation=organisation, user=person)
    assert update_access(organisation=organisation) == 1
    assert tiers_of(person) == ["tier-connect", "tier-inform"]
    assert update_access(organisation=organisation) == 0


@pytest.mark.parametrize("end", ["membership", "affiliation"])
def test_access_ends_with_the_membership_or_the_affiliation(person: User, end: str) -> None:
    organisation = add_member("Lantaarnwerk")
    affiliation = Affiliation.objects.create(organisation=organisation, user=person)
    editors, _created = Group.objects.get_or_create(name="editor")
    person.groups.add(editors)
    update_access(organisation=organisation)
    if end == "membership":
        organisation.memberships.update(status=Membership.Status.LAPSED)
    else:
        affiliation.ended_at = timezone.now()
        affiliation.save()
    update_access(organisation=organisation)
    assert tiers_of(person) == ["editor"]


def test_a_person_of_two_members_has_the_higher_tier_until_it_ends(person: User) -> None:
    low, high = add_member("Laag"), add_member("Hoog")
    high.memberships.update(tier=Tier.objects.get(slug="cultivate"))
    for organisation in (low, high):
        Affiliation.objects.create(organisation=organisation, user=person)
    reconcile_access(timezone.now())
    assert tiers_of(person) == ["tier-connect", "tier-cultivate", "tier-inform"]
    high.memberships.update(status=Membership.Status.RESIGNED)
    update_access(organisation=high)
    assert tiers_of(person) == ["tier-connect", "tier-inform"]


def test_reconciling_takes_a_group_from_who_never_belonged(person: User) -> None:
    person.groups.add(Group.objects.get(name="tier-cultivate"))
    assert reconcile_access(timezone.now()) == 1
    assert tiers_of(person) == []
