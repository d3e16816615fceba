"""Which memberships go on, and what their next term will be."""

from datetime import date, timedelta

import pytest

from membership.queries import next_term_of, next_terms, renewing_memberships
from tests.factories.billing import fill_in_issuer
from tests.membership.life import FIRST, live, member, pay_all

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _issuer() -> None:
    fill_in_issuer()


def test_the_next_terms_of_many_are_those_of_each_alone() -> None:
    for number in range(3):
        member(FIRST + timedelta(days=number), number=("0999101384", "0999666543", "0999555431")[number])
    live(date(2028, 1, 30), date(2028, 1, 30))
    pay_all(date(2028, 1, 31))
    memberships = list(renewing_memberships())
    found = next_terms(memberships)
    assert {each.pk: next_term_of(each) for each in memberships} == found
    assert [term.is_charged for term in found.values()].count(True) == 1
