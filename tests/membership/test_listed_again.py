"""Who joins is listed; who joins again stays as it was, by its own choice."""

from datetime import date

import pytest

from accounts.models import User
from membership.models import Organisation
from membership.operations.ending import end_membership
from membership.operations.organisations import confirm_organisation, list_organisation
from tests.factories.billing import fill_in_issuer
from tests.membership.life import FIRST, join, member, morning, pay_all

pytestmark = pytest.mark.django_db
AGAIN = date(2028, 6, 1)


@pytest.fixture(autouse=True)
def _issuer() -> None:
    fill_in_issuer()


@pytest.mark.parametrize("is_listed", [True, False])
def test_who_joins_again_is_listed_as_before(is_listed: bool) -> None:
    first = member()
    noor = User.objects.get(email="noor@lantaarnwerk.example")
    assert first.organisation.is_listed
    list_organisation(organisation=first.organisation, is_listed=is_listed, at=morning(FIRST), by=noor)
    end_membership(membership=first, status="lapsed", at=morning(AGAIN), by=None)
    again = join(AGAIN, by=noor)
    pay_all(AGAIN)
    again.refresh_from_db()
    assert (again.status, again.organisation_id) == ("active", first.organisation_id)
    assert again.organisation.is_listed is is_listed


def test_one_that_staff_confirmed_before_it_ever_was_a_member_is_listed_from_its_start() -> None:
    membership = join(FIRST)
    staff = User.objects.create_user("penning@demo.example")
    confirm_organisation(organisation=membership.organisation, at=morning(FIRST), by=staff)
    assert not Organisation.objects.get().is_listed
    pay_all(FIRST)
    assert Organisation.objects.get().is_listed
