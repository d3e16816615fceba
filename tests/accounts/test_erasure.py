"""One's own data: taken along and forgotten everywhere, except what must be kept."""

import json
from datetime import timedelta

import pytest
from django.core import mail
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone
from wagtail.users.models import UserProfile

from accounts.models import User
from accounts.operations.erasure import WorksHere, erase_person
from billing.models import Customer, Invoice
from cms.registries import personal_data
from events.models import Signup
from home.models import HomePage
from membership.models import Affiliation, Application, Membership, Organisation
from newsletters.models import Subscription
from newsletters.operations.subscriptions import confirm_subscription, request_subscription
from tests.accounts.test_logging_in import is_logged_in, log_in
from tests.factories.accounts import make_user
from tests.factories.billing import CustomerFactory, issue
from tests.factories.events import SignupFactory
from tests.html import problems_of
from tests.membership.test_pages import add_member
from tests.queue import drain

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def well_known_person() -> User:
    """Somebody of whom every app knows something."""
    user = make_user(email="noor@demo.example")
    organisation = add_member("Lantaarnwerk")
    Affiliation.objects.create(organisation=organisation, user=user, role=Affiliation.Role.MAIN_CONTACT)
    issue(customer=CustomerFactory.create(email=user.email, name="Noor Peeters"))
    CustomerFactory.create(email=user.email, name="Noor, nooit gefactureerd")
    Application.objects.create(
        membership=organisation.memberships.get(),
        first_name="Noor",
        last_name="Peeters",
        email=user.email,
        language="nl",
    )
    SignupFactory.create(email=user.email)
    request = request_subscription(email=user.email, language="nl", wording="Ja, graag.", at=NOW)
    confirm_subscription(subscription=request, at=NOW)
    return user


def test_every_app_that_knows_people_tells_and_forgets() -> None:
    assert {entry.name for entry in personal_data} >= {
        "account",
        "billing",
        "events",
        "mail",
        "membership",
        "newsletters",
    }


def test_one_reads_all_of_it_in_one_file(client: Client, home: HomePage) -> None:
    user = well_known_person()
    client.force_login(user)
    data = json.loads(client.get("/nl/account/data/download/").content)
    assert data["membership"]["affiliations"][0]["organisation"] == "Lantaarnwerk"
    assert data["membership"]["applications"][0]["name"] == "Noor Peeters"
    assert [invoice["gross"] for invoice in data["billing"]["invoices"]] == ["1210.00"]
    assert len(data["billing"]["customers"]) == 2
    steps = data["newsletters"]["subscriptions"][0]["steps"]
    assert [step["kind"] for step in steps] == ["requested", "confirmed"]
    other = make_user()
    client.force_login(other)
    assert "noor@demo" not in client.get("/nl/account/data/download/").content.decode()


def test_one_is_forgotten_and_told_what_is_kept(client: Client, home: HomePage) -> None:
    user = well_known_person()
    log_in(client, user.email)
    refused = client.post("/nl/account/data/erase/", {})
    assert "error-summary" in refused.content.decode()
    assert User.objects.get(pk=user.pk).is_active
    answer = client.post("/nl/account/data/erase/", {"is_sure": "on"})
    page = answer.content.decode()
    assert (answer.status_code, problems_of(page)) == (200, [])
    assert "tien jaar" in page, "the invoice is kept, and why"
    assert not is_logged_in(client)
    assert log_in(client, "noor@demo.example").status_code == 200
    assert Customer.objects.get().invoices.count() == Invoice.objects.count() == 1
    assert not Affiliation.objects.filter(ended_at__isnull=True).exists()
    assert set(Application.objects.values_list("first_name", "email")) == {("", "")}
    assert Membership.objects.get().status == "active", "the organisation stays a member"
    assert Subscription.objects.get().status == Subscription.Status.UNSUBSCRIBED
    assert not Signup.objects.filter(email="noor@demo.example").exists()
    drain()
    assert mail.outbox == []


def test_what_nobody_needs_is_deleted_and_what_is_under_way_is_kept(home: HomePage) -> None:
    user = make_user()
    CustomerFactory.create(email=user.email.upper())
    request_subscription(email=user.email, language="nl", wording="Ja.", at=NOW)
    organisation = add_member("Lantaarnwerk")
    organisation.memberships.update(status=Membership.Status.AWAITING_PAYMENT)
    Application.objects.create(
        membership=organisation.memberships.get(),
        first_name="An",
        last_name="Peeters",
        email=user.email,
        language="nl",
    )
    kept = erase_person(person=user, at=NOW + timedelta(minutes=1))
    assert any("Lantaarnwerk" in sentence for sentence in kept)
    assert not any("tien jaar" in sentence for sentence in kept)
    assert Application.objects.get().first_name == "An"
    assert not Customer.objects.filter(email__iexact=user.email).exists()
    assert not Subscription.objects.exists()


def test_the_picture_of_who_worked_here_goes_along(home: HomePage) -> None:
    user, colleague = make_user(), make_user(is_staff=True)
    pictures = []
    for person in (user, colleague):
        profile = UserProfile.get_for_user(person)
        profile.avatar.save("ik.png", ContentFile(b"not really a picture"))
        pictures.append(profile.avatar.name)
    erase_person(person=user, at=NOW)
    drain()
    assert [default_storage.exists(name) for name in pictures] == [False, True]


def test_who_works_here_is_not_erased_by_a_click(client: Client, home: HomePage) -> None:
    staff = make_user(is_staff=True)
    with pytest.raises(WorksHere):
        erase_person(person=staff, at=NOW)
    log_in(client, staff.email)
    assert client.post("/nl/account/data/erase/", {"is_sure": "on"}).status_code == 409
    for address in ("/nl/account/data/", "/nl/account/data/erase/"):
        assert "beheerder" in client.get(address).content.decode()
    assert User.objects.get(pk=staff.pk).is_active


def test_it_is_asked_again_who_one_is(client: Client, home: HomePage) -> None:
    client.force_login(make_user())
    assert "/reauthenticate/" in client.get("/nl/account/data/erase/")["Location"]
    assert "/reauthenticate/" in client.post("/nl/account/data/erase/", {"is_sure": "on"})["Location"]
    assert Organisation.objects.count() == 0
