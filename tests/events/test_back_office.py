import csv
from io import StringIO

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from events.models import Activity, Signup
from home.models import HomePage
from tests.factories.events import ActivityFactory, SignupFactory, activity_of, announce
from tests.queue import drain

pytestmark = pytest.mark.django_db


def staff(role: str) -> Client:
    user = User.objects.create_user(f"{role}@demo.example", is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(user)
    return client


def test_the_organiser_sees_activities_and_attendees_with_few_queries(
    home: HomePage, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    organiser = staff("events")
    activity = activity_of(announce(home, capacity=20))
    SignupFactory.create(activity=activity, first_name="=1+1")
    for _number in range(11):
        SignupFactory.create(activity=activity)
    organiser.get("/admin/activities/")
    with django_assert_max_num_queries(30):
        html = organiser.get("/admin/activities/").content.decode()
    assert "12 / 20" in html
    with django_assert_max_num_queries(30):
        html = organiser.get(f"/admin/signups/?activity={activity.pk}").content.decode()
    assert html.count("@demo.example") >= 12
    export = organiser.get(f"/admin/signups/?activity={activity.pk}&export=csv")
    rows = list(csv.reader(StringIO(export.getvalue().decode())))
    assert len(rows) == 13
    assert any("'=1+1" in row for row in rows)
    assert organiser.get(f"/admin/signups/?activity={activity.pk}&export=xlsx").status_code == 200


def test_who_may_cancel_an_activity_mails_everybody_and_others_may_not() -> None:
    organiser, editor = staff("events"), staff("editor")
    activity = ActivityFactory.create()
    SignupFactory.create(activity=activity, language="en")
    SignupFactory.create(activity=activity, status=Signup.Status.CANCELLED)
    url = f"/admin/activities/cancel/{activity.pk}/"
    assert editor.get(url).status_code == editor.post(url).status_code == 302
    assert "1 persoon" in organiser.get(url).content.decode()
    assert not Activity.objects.get().is_cancelled
    for _time in range(2):
        assert organiser.post(url).status_code == 302
    assert Activity.objects.get().is_cancelled
    drain()
    assert [message.subject for message in mail.outbox] == ["“Info session on smart regions” is cancelled"]


def test_staff_add_and_cancel_a_place_and_never_too_many() -> None:
    organiser, board = staff("events"), staff("board")
    activity = ActivityFactory.create(capacity=1)
    typed = {
        "activity": activity.pk,
        "first_name": "An",
        "last_name": "Smet",
        "email": "an@demo.example",
        "language": "nl",
        "organisation_name": "Brug",
        "organisation_kind": "company",
    }
    assert board.post("/admin/signups/new/", typed).status_code in (302, 403)
    assert not Signup.objects.exists()
    assert organiser.post("/admin/signups/new/", typed).status_code == 302
    signup = Signup.objects.get()
    assert signup.organisation is not None
    again = organiser.post("/admin/signups/new/", typed)
    assert "al ingeschreven" in again.content.decode()
    full = organiser.post("/admin/signups/new/", {**typed, "email": "jan@demo.example"})
    assert "volzet" in full.content.decode()
    url = f"/admin/signups/release/{signup.pk}/"
    assert board.post(url).status_code == 302
    signup.refresh_from_db()
    assert signup.is_confirmed
    assert "An Smet" in organiser.get(url).content.decode()
    assert organiser.post(url).status_code == 302
    signup.refresh_from_db()
    assert not signup.is_confirmed
    assert organiser.get(f"/admin/signups/delete/{signup.pk}/").status_code in (302, 403)


def test_nobody_makes_or_deletes_an_activity_outside_its_pages() -> None:
    activity = ActivityFactory.create()
    boss = Client()
    boss.force_login(User.objects.create_superuser("boss@demo.example"))
    for url in ("/admin/activities/new/", f"/admin/activities/delete/{activity.pk}/"):
        assert boss.get(url).status_code in (302, 403)
        assert boss.post(url, {"name_nl": "X"}).status_code in (302, 403)
    assert Activity.objects.count() == 1
