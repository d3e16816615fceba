"""Who may change a membership is asked again under its lock: a right that was taken away counts no more."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from accounts.models import User
from cms.operations.roles import mend_roles
from cms.roles import FINANCE
from membership.models import Affiliation, Membership, Tier
from membership.operations.changes import (
    announce_tier,
    resign_membership,
    upgrade_membership,
    withdraw_resignation,
)
from membership.operations.people import change_role
from membership.operations.profile import change_size
from membership.operations.rights import MayNotChange
from tests.factories.accounts import make_user
from tests.factories.billing import fill_in_issuer
from tests.membership.life import mails, member
from tests.membership.test_people import at_once

pytestmark = pytest.mark.django_db


def resign(membership: Membership, by: User | None) -> Membership:
    return resign_membership(membership=membership, because="budget", at=timezone.now(), by=by)


def stay(membership: Membership, by: User | None) -> Membership:
    Membership.objects.update(resigned_at=timezone.now(), resigned_because="budget")
    return withdraw_resignation(membership=membership, at=timezone.now(), by=by)


def go_up(membership: Membership, by: User | None) -> Any:
    tier = Tier.objects.get(slug="cultivate")
    return upgrade_membership(
        membership=membership, tier=tier, quoted=Decimal("2000.00"), at=timezone.now(), by=by
    )


def go_down(membership: Membership, by: User | None) -> Membership:
    tier = Tier.objects.get(slug="inform")
    return announce_tier(membership=membership, tier=tier, at=timezone.now(), by=by)


def grow(membership: Membership, by: User | None) -> Membership:
    return change_size(membership=membership, employees=60, at=timezone.now(), by=by)


@pytest.mark.parametrize("change", [resign, stay, go_up, go_down, grow])
def test_only_a_main_contact_of_now_a_treasurer_and_the_clock_change_a_membership(
    change: Callable[[Membership, User | None], object],
) -> None:
    fill_in_issuer()
    mend_roles()
    membership = member(timezone.localdate())
    organisation = membership.organisation

    def person(role: str = "", **more: Any) -> User:
        user = make_user()
        if role:
            Affiliation.objects.create(organisation=organisation, user=user, role=role, **more)
        return user

    closed = person("main_contact")
    User.objects.filter(pk=closed.pk).update(is_active=False)
    elsewhere = User.objects.create_user("elders@demo.example")
    treasurer = person()
    treasurer.groups.add(Group.objects.get(name=FINANCE))
    refused = [
        person("colleague"),
        person("billing"),
        person("main_contact", ended_at=timezone.now()),
        closed,
        elsewhere,
    ]
    before = Membership.objects.filter(pk=membership.pk).values_list("tier", "next_tier").get()
    for each in refused:
        with pytest.raises(MayNotChange):
            change(membership, each)
    assert Membership.objects.filter(pk=membership.pk).values_list("tier", "next_tier").get() == before
    for allowed in (person("main_contact"), treasurer, None):
        Membership.objects.update(
            resigned_at=None, resigned_because="", tier=membership.tier, next_tier=None, engaged_until=None
        )
        membership.charges.filter(purpose="upgrade").update(voided_at=timezone.now())
        organisation.refresh_from_db()
        change(membership, allowed)


@pytest.mark.django_db(transaction=True)
def test_who_cancels_twice_at_once_cancels_once() -> None:
    fill_in_issuer()
    membership = member(timezone.localdate())
    contact = User.objects.get(affiliations__organisation=membership.organisation)
    outcomes = Counter(at_once(*[lambda: resign(membership, contact)] * 6))
    assert outcomes == {"done": 1, "AlreadyResigned": 5}
    assert len(mails("resigned")) == 1


@pytest.mark.django_db(transaction=True)
def test_who_loses_the_role_in_that_moment_cancels_before_it_or_not_at_all() -> None:
    fill_in_issuer()
    membership = member(timezone.localdate() - timedelta(days=1))
    contact = User.objects.get(affiliations__organisation=membership.organisation)
    Affiliation.objects.create(
        organisation=membership.organisation, user=make_user(), role=Affiliation.Role.MAIN_CONTACT
    )
    place = Affiliation.objects.get(user=contact)
    outcomes = at_once(
        lambda: resign(membership, contact),
        lambda: change_role(affiliation=place, role="billing", at=timezone.now(), by=None),
    )
    membership.refresh_from_db()
    place.refresh_from_db()
    assert place.role == "billing"
    assert sorted(outcomes) == (["done", "done"] if membership.resigned_at else ["MayNotChange", "done"])
