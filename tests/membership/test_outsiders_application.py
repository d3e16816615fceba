"""Somebody from outside applies for who was a member: its people go on seeing its end, and join again."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from home.models import HomePage
from membership.emails import LOOK
from membership.models import Affiliation, Membership, Tier
from membership.operations.ending import close_application, end_membership
from tests.factories.billing import fill_in_issuer
from tests.membership.life import join, member, morning
from tests.membership.linked import OWN, link_to, page

pytestmark = pytest.mark.django_db
ENDED, AGAIN, WAITS = "Beëindigd; de laatste dag was", "Opnieuw lid worden", "Aangevraagd"
NOTICE = "Het lidmaatschap van Lantaarnwerk liep tot en met"


@pytest.fixture
def noor(home: HomePage) -> User:
    """The main contact of a member that lapsed today."""
    fill_in_issuer()
    today = timezone.localdate()
    membership = member(today - timedelta(days=100))
    end_membership(membership=membership, status="lapsed", at=morning(today), by=None)
    return User.objects.get(email="noor@lantaarnwerk.example")


def pages_of(person: User) -> list[str]:
    """The own page, and the one behind the link of a mail."""
    client = Client()
    client.force_login(person)
    place = Affiliation.objects.get(user=person)
    return [page(client, OWN), page(Client(), link_to(place, LOOK))]


def account_of(person: User) -> str:
    client = Client()
    client.force_login(person)
    return client.get(reverse("account")).content.decode()


def assert_ended(person: User) -> None:
    for shown in pages_of(person):
        assert ENDED in shown
        assert AGAIN in shown
        assert WAITS not in shown
        assert "Aanvraag gesloten" not in shown
    assert NOTICE in account_of(person)


def test_neither_while_it_waits_nor_after_staff_close_it_is_the_end_hidden(noor: User) -> None:
    assert_ended(noor)
    applied = join(timezone.localdate(), by=None)
    assert applied.status == "applied"
    assert_ended(noor)
    close_application(membership=applied, at=timezone.now(), by=None, why="Niet van hen.")
    assert_ended(noor)


def test_what_its_own_people_sent_is_shown_until_it_is_closed(noor: User) -> None:
    Tier.objects.update(needs_approval=True)
    applied = join(timezone.localdate(), by=noor)
    assert applied.status == "applied"
    for shown in pages_of(noor):
        assert WAITS in shown
        assert ENDED not in shown
    assert NOTICE not in account_of(noor)
    close_application(membership=applied, at=timezone.now(), by=None, why="Niet nu.")
    assert_ended(noor)


def test_what_waits_for_payment_is_shown(noor: User) -> None:
    join(timezone.localdate(), by=noor)
    assert Membership.objects.filter(status="awaiting_payment").exists()
    for shown in pages_of(noor):
        assert "Wacht op betaling" in shown
        assert ENDED not in shown
