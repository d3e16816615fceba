"""Who is forgotten leaves an organisation with somebody who acts for it, as long as there is somebody."""

import pytest
from django.test import Client
from django.utils import timezone
from wagtail.models import ModelLogEntry

from accounts.operations.erasure import erase_person
from membership.models import Affiliation, Membership
from tests.factories.accounts import make_user
from tests.membership.life import mails
from tests.membership.linked import page, path_in

pytestmark = pytest.mark.django_db


def add(membership: Membership, role: str, *, is_active: bool = True) -> Affiliation:
    user = make_user(is_active=is_active)
    added: Affiliation = Affiliation.objects.create(
        organisation=membership.organisation, user=user, role=role
    )
    return added


def roles(*places: Affiliation) -> list[str]:
    return [Affiliation.objects.get(pk=place.pk).role for place in places]


def test_where_the_last_main_contact_is_forgotten_the_billing_contact_takes_over(
    client: Client, member: Membership, place: Affiliation
) -> None:
    closed = add(member, "billing", is_active=False)
    first, second = add(member, "colleague"), add(member, "colleague")
    money = add(member, "billing")
    erase_person(person=place.user, at=timezone.now())
    assert roles(closed, first, second, money) == ["billing", "colleague", "colleague", "main_contact"]
    (told,) = mails("role_changed")
    assert told.recipient == money.user.email
    assert "Hoofdcontact" in page(client, path_in(told))
    assert ModelLogEntry.objects.filter(action="membership.change_role").count() == 1
    erase_person(person=money.user, at=timezone.now())
    assert roles(first, second) == ["main_contact", "colleague"], "else who has been there longest"


def test_nobody_takes_over_where_another_main_contact_stays_or_nobody_is_left(
    member: Membership, place: Affiliation
) -> None:
    other = add(member, "main_contact")
    colleague = add(member, "colleague")
    erase_person(person=place.user, at=timezone.now())
    assert roles(other, colleague) == ["main_contact", "colleague"]
    for last in (other, colleague):
        erase_person(person=last.user, at=timezone.now())
    assert not Affiliation.objects.filter(ended_at__isnull=True).exists()
