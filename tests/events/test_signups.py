from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from events.models import Signup
from events.operations.activities import AlreadyCancelled, cancel_activity
from events.operations.signups import (
    ActivityFull,
    AlreadySignedUp,
    NoPlace,
    SignupClosed,
    cancel_signup,
    change_signup,
    record_signups,
    sign_up,
)
from events.rules import ActivityState
from events.signals import place_confirmed, place_released
from membership.models import Organisation
from tests.factories.events import ActivityFactory, SignupFactory, attendee

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def heard() -> Iterator[list[tuple[str, int, int]]]:
    """What the app told others, in order."""
    heard: list[tuple[str, int, int]] = []

    def confirmed(signup_id: int, activity_id: int, **kwargs: object) -> None:
        heard.append(("confirmed", signup_id, activity_id))

    def released(signup_id: int, activity_id: int, **kwargs: object) -> None:
        heard.append(("released", signup_id, activity_id))

    place_confirmed.connect(confirmed)
    place_released.connect(released)
    yield heard
    place_confirmed.disconnect(confirmed)
    place_released.disconnect(released)


def test_sign_up_gives_the_last_place_and_refuses_the_next(heard: list) -> None:
    activity = ActivityFactory.create(capacity=2)
    SignupFactory.create(activity=activity)
    signup = sign_up(activity_id=activity.pk, attendee=attendee(email=" Jan@Demo.example "), at=NOW)
    assert (signup.email, signup.status) == ("jan@demo.example", "confirmed")
    with pytest.raises(ActivityFull):
        sign_up(activity_id=activity.pk, attendee=attendee(2), at=NOW)
    assert heard == [("confirmed", signup.pk, activity.pk)]
    assert activity.signups.count() == 2


def test_a_cancelled_place_is_free_again_and_cannot_be_cancelled_twice(heard: list) -> None:
    activity = ActivityFactory.create(capacity=1)
    first = sign_up(activity_id=activity.pk, attendee=attendee(1), at=NOW)
    cancel_signup(signup=first, at=NOW)
    with pytest.raises(NoPlace):
        cancel_signup(signup=first, at=NOW)
    again = sign_up(activity_id=activity.pk, attendee=attendee(1), at=NOW)
    assert [name for name, *_ids in heard] == ["confirmed", "released", "confirmed"]
    assert again.pk != first.pk


def test_the_same_address_has_one_place_in_any_spelling() -> None:
    activity = ActivityFactory.create(capacity=1)
    first = sign_up(activity_id=activity.pk, attendee=attendee(email="a@demo.example"), at=NOW)
    with pytest.raises(AlreadySignedUp) as refused:
        sign_up(activity_id=activity.pk, attendee=attendee(email="A@demo.example"), at=NOW)
    assert (refused.value.signup, refused.value.is_full) == (first, True)


@pytest.mark.parametrize(
    ("fields", "state", "staff_may"),
    [
        ({"signup_closes_at": NOW - timedelta(seconds=1)}, ActivityState.CLOSED, True),
        ({"signup_opens_at": NOW + timedelta(hours=1)}, ActivityState.NOT_YET_OPEN, True),
        ({"starts_at": NOW - timedelta(days=2)}, ActivityState.PAST, False),
        ({"is_cancelled": True}, ActivityState.CANCELLED, False),
    ],
)
def test_who_comes_at_the_wrong_time_is_refused_and_staff_sometimes_not(
    fields: dict, state: ActivityState, staff_may: bool
) -> None:
    activity = ActivityFactory.create(**fields)
    with pytest.raises(SignupClosed) as refused:
        sign_up(activity_id=activity.pk, attendee=attendee(), at=NOW)
    assert refused.value.state == state
    staff = User.objects.create_user("staff@demo.example")
    if staff_may:
        assert sign_up(activity_id=activity.pk, attendee=attendee(), at=NOW, by=staff).is_confirmed
    else:
        with pytest.raises(SignupClosed):
            sign_up(activity_id=activity.pk, attendee=attendee(), at=NOW, by=staff)


def test_a_known_organisation_is_recognised_and_a_new_one_made_unconfirmed() -> None:
    known = Organisation.objects.create(name="Lumina Sensoren NV", is_confirmed=True)
    activity = ActivityFactory.create()
    first = sign_up(
        activity_id=activity.pk, attendee=attendee(1, organisation_name="lumina sensoren"), at=NOW
    )
    other = {"organisation_name": "Gemeente Kapelbrugge", "organisation_kind": "local_government"}
    second = sign_up(activity_id=activity.pk, attendee=attendee(2, **other), at=NOW)
    third = sign_up(activity_id=activity.pk, attendee=attendee(3), at=NOW)
    assert first.organisation == known
    assert second.organisation is not None
    assert (second.organisation.is_confirmed, second.organisation.kind) == (False, "local_government")
    assert third.organisation is None


def test_change_signup_corrects_name_and_organisation_of_a_place_that_is_held() -> None:
    signup = SignupFactory.create()
    words = {
        "first_name": "An",
        "last_name": "Smet",
        "organisation_name": "Brug",
        "organisation_kind": "other",
    }
    changed = change_signup(signup=signup, at=NOW, **words)
    assert (changed.full_name, str(changed.organisation)) == ("An Smet", "Brug")
    cancel_signup(signup=signup, at=NOW)
    with pytest.raises(NoPlace):
        change_signup(signup=signup, at=NOW, **words)


def test_record_signups_writes_all_or_none_and_nobody_twice() -> None:
    activity = ActivityFactory.create(capacity=3, starts_at=NOW - timedelta(days=300))
    people = [attendee(number) for number in (1, 2, 2)]
    assert len(record_signups(activity=activity, attendees=people, at=NOW)) == 2
    with pytest.raises(ActivityFull):
        record_signups(activity=activity, attendees=[attendee(3), attendee(4)], at=NOW)
    assert len(record_signups(activity=activity, attendees=[attendee(1), attendee(3)], at=NOW)) == 1
    assert Signup.objects.count() == 3


def test_cancel_activity_happens_once() -> None:
    activity, staff = ActivityFactory.create(), User.objects.create_user("staff@demo.example")
    assert cancel_activity(activity=activity, by=staff).is_cancelled
    with pytest.raises(AlreadyCancelled):
        cancel_activity(activity=activity, by=staff)


def test_a_sign_up_takes_few_queries(django_assert_max_num_queries) -> None:
    activity = ActivityFactory.create()
    Organisation.objects.create(name="Brug")
    sign_up(activity_id=activity.pk, attendee=attendee(1), at=NOW)
    # Savepoint and release of this test's own transaction included.
    with django_assert_max_num_queries(6):
        sign_up(activity_id=activity.pk, attendee=attendee(2, organisation_name="Brug"), at=NOW)
