"""A member who is about to be asked to renew."""

from datetime import timedelta

import pytest
from django.utils import timezone

from home.models import HomePage
from membership.models import Affiliation, Membership
from tests.factories.billing import fill_in_issuer
from tests.membership.life import join, pay_all


@pytest.fixture
def member(home: HomePage) -> Membership:
    """A paid membership at Connect whose term ends in seven days."""
    fill_in_issuer()
    today = timezone.localdate()
    membership = join(today)
    pay_all(today)
    Membership.objects.update(ends_on=today + timedelta(days=7))
    membership.refresh_from_db()
    return membership


@pytest.fixture
def place(member: Membership) -> Affiliation:
    """The place of its main contact."""
    return Affiliation.objects.get(organisation=member.organisation)
