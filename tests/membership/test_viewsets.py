import pytest
from django.contrib.auth.models import Group
from django.test import Client

from accounts.models import User
from membership.models import Organisation
from tests.factories.events import SignupFactory

pytestmark = pytest.mark.django_db


def staff(role: str) -> Client:
    user = User.objects.create_user(f"{role}@demo.example", is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(user)
    return client


def test_staff_merge_two_spellings_after_a_question_and_others_may_not() -> None:
    keep = Organisation.objects.create(name="De Brug", is_confirmed=True)
    drop = Organisation.objects.create(name="De Brug, Gent")
    signup = SignupFactory.create(organisation=drop)
    url = f"/admin/organisations/merge/{drop.pk}/"
    organiser, editor = staff("events"), staff("editor")
    assert editor.post(url, {"keep": keep.pk, "confirmed": "1"}).status_code == 302
    assert Organisation.objects.count() == 2
    assert "De Brug" in organiser.get(url).content.decode()
    assert organiser.post(url, {"keep": "x"}).status_code == 200
    assert organiser.post(url, {"keep": drop.pk, "confirmed": "1"}).status_code == 200
    asked = organiser.post(url, {"keep": keep.pk})
    assert "confirmed" in asked.content.decode()
    assert Organisation.objects.count() == 2
    assert organiser.post(url, {"keep": keep.pk, "confirmed": "1"}).status_code == 302
    signup.refresh_from_db()
    assert signup.organisation == keep
    assert Organisation.objects.count() == 1


def test_a_refused_merge_says_why() -> None:
    keep = Organisation.objects.create(name="Brug", enterprise_number="0123456749")
    drop = Organisation.objects.create(name="Brug", enterprise_number="0403170701")
    answer = staff("events").post(
        f"/admin/organisations/merge/{drop.pk}/", {"keep": keep.pk, "confirmed": "1"}
    )
    assert "ondernemingsnummer" in answer.content.decode()
    assert Organisation.objects.count() == 2


def test_the_list_of_organisations_opens_for_who_may_see_it() -> None:
    Organisation.objects.create(name="De Brug")
    assert "De Brug" in staff("events").get("/admin/organisations/").content.decode()
    assert staff("editor").get("/admin/organisations/").status_code == 302
