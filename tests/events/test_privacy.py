from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from accounts.models import User
from events.models import Signup
from events.operations.privacy import KEEP_NAMES, erase_person, forget_attendees
from events.queries import personal_data_of
from tests.factories.events import ActivityFactory, SignupFactory
from tests.queue import drain

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def test_names_are_forgotten_two_years_after_and_the_number_stays() -> None:
    old = ActivityFactory.create(starts_at=NOW - KEEP_NAMES - timedelta(days=1))
    recent = ActivityFactory.create(starts_at=NOW - KEEP_NAMES + timedelta(days=1))
    for activity in (old, old, recent):
        SignupFactory.create(activity=activity)
    assert forget_attendees(NOW) == 2
    assert forget_attendees(NOW) == 0
    assert old.signups.filter(status=Signup.Status.CONFIRMED).count() == 2
    assert {signup.full_name for signup in old.signups.all()} == {""}
    assert recent.signups.get().full_name


def test_an_erased_person_leaves_places_free_and_past_numbers_right() -> None:
    person = User.objects.create_user("Noor@demo.example")
    coming = SignupFactory.create(email="noor@demo.example")
    past = SignupFactory.create(
        email="noor@demo.example", activity=ActivityFactory.create(starts_at=NOW - timedelta(days=9))
    )
    other = SignupFactory.create(activity=coming.activity)
    assert len(personal_data_of(person)["signups"]) == 2
    assert list(erase_person(person, NOW)) == []
    assert personal_data_of(person) == {"signups": []}
    for signup in (coming, past, other):
        signup.refresh_from_db()
    assert (coming.is_confirmed, past.is_confirmed, other.is_confirmed) == (False, True, True)
    assert "noor" not in coming.email + past.email
    drain()
    assert mail.outbox == []
