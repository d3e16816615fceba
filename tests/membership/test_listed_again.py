"""Who joins is listed; who joins again stays as it was by its own choice, at the address of now."""

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


def test_who_joins_again_stands_at_the_address_that_was_typed_now() -> None:
    first = member()
    noor = User.objects.get(email="noor@lantaarnwerk.example")
    end_membership(membership=first, status="lapsed", at=morning(AGAIN), by=None)
    join(AGAIN, by=noor, street="Kaai 2", postcode="8400", city="Oostende")
    assert Organisation.objects.get().city == "Gent"  # nothing is paid yet
    pay_all(AGAIN)
    organisation = Organisation.objects.get()
    assert (organisation.street, organisation.postcode, organisation.city) == ("Kaai 2", "8400", "Oostende")


def test_what_staff_put_right_before_the_first_start_stays() -> None:
    join(FIRST)
    Organisation.objects.update(city="Gent-Centrum")
    pay_all(FIRST)
    assert Organisation.objects.get().city == "Gent-Centrum"


def test_one_that_staff_confirmed_before_it_ever_was_a_member_is_listed_from_its_start() -> None:
    membership = join(FIRST)
    staff = User.objects.create_user("penning@demo.example")
    confirm_organisation(organisation=membership.organisation, at=morning(FIRST), by=staff)
    assert not Organisation.objects.get().is_listed
    pay_all(FIRST)
    assert Organisation.objects.get().is_listed
