import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.http import FileResponse
from django.test import Client
from django.urls import reverse
from wagtail.models import ModelLogEntry
from wagtail.users.models import UserProfile

from accounts.models import User
from tests.accounts.mailbox import sent
from tests.accounts.test_logging_in import is_logged_in, log_in
from tests.factories.accounts import PASSWORD, add_authenticator_app, code_of, make_user

pytestmark = pytest.mark.django_db


def test_a_stranger_is_led_to_the_log_in_and_back(client: Client):
    for address in ("/admin/", "/admin/pages/", "/admin/bestaat-niet/"):
        response = client.get(address, follow=True)
        chain = [step[0] for step in response.redirect_chain]
        assert chain[-1] == f"/nl/account/login/?next={address}"
        assert response.status_code == 200


def test_staff_enter_and_members_see_nothing(client: Client):
    staff, member = make_user(is_staff=True), make_user()
    client.force_login(staff)
    assert client.get("/admin/").status_code == 200
    client.force_login(member)
    for address in ("/admin/", "/admin/pages/", "/admin/users/", "/admin/bestaat-niet/"):
        assert client.get(address, follow=True).status_code == 404
    assert client.post("/admin/logout/").status_code == 302
    assert not is_logged_in(client)


def test_wagtails_own_log_in_and_password_pages_are_closed(client: Client):
    user = make_user(is_staff=True)
    fields = {"username": user.email, "password": PASSWORD}
    for address, target in (
        ("/admin/login/", "/nl/account/login/?next=/admin/"),
        ("/admin/login/?next=/admin/pages/", "/nl/account/login/?next=/admin/pages/"),
        ("/admin/password_reset/", "/nl/account/password/reset/"),
        ("/admin/password_reset/confirm/MQ/abc-def/", "/nl/account/password/reset/"),
        ("/nl/_util/login/?next=/nl/leden/", "/nl/account/login/?next=/nl/leden/"),
    ):
        assert client.get(address)["Location"] == target
        assert client.post(address, fields).status_code in (302, 405)
        assert not is_logged_in(client)


def test_the_back_office_offers_no_way_around_the_account_page(client: Client):
    client.force_login(make_user(is_staff=True))
    page = client.get("/admin/account/").content.decode()
    assert "name_email-first_name" in page
    assert "name_email-email" not in page
    assert "password-old_password" not in page


def test_a_second_factor_is_required_of_staff_where_the_setting_says_so(client: Client, settings):
    settings.REQUIRE_STAFF_MFA = True
    staff = make_user(is_staff=True)
    log_in(client, staff.email)
    for address in ("/admin/", "/admin/pages/", "/admin/account/"):
        assert client.get(address)["Location"] == "/nl/account/second-factor/"
    page = client.get("/nl/account/second-factor/").content.decode()
    assert reverse("mfa_activate_totp") in page

    enrol = "/nl/account/2fa/totp/activate/"
    secret = client.get(enrol).context["form"].secret
    assert "Deze code klopt niet" in client.post(enrol, {"code": "000000"}).content.decode()
    assert client.post(enrol, {"code": code_of(secret)})["Location"] == "/nl/account/2fa/recovery-codes/"
    assert client.get("/nl/account/2fa/recovery-codes/").content.decode().count("<code>") == 10
    assert client.get("/admin/").status_code == 200
    staff.refresh_from_db()
    assert secret not in str(Authenticator.objects.filter(user=staff).values_list("data", flat=True)), (
        "kept encrypted"
    )


def test_recovery_codes_alone_are_no_second_factor(client: Client, settings):
    settings.REQUIRE_STAFF_MFA = True
    staff = make_user(is_staff=True)
    add_authenticator_app(staff)
    client.force_login(staff)
    assert client.get("/admin/").status_code == 200
    client.post(reverse("mfa_generate_recovery_codes"))
    Authenticator.objects.filter(user=staff, type="totp").delete()
    assert client.get("/admin/")["Location"] == "/nl/account/second-factor/"


def test_members_need_no_second_factor(client: Client, settings):
    settings.REQUIRE_STAFF_MFA = True
    client.force_login(make_user())
    assert client.get("/nl/account/").status_code == 200


def test_an_administrator_adds_a_person_who_then_logs_in_by_code(client: Client):
    client.force_login(make_user(is_superuser=True))
    page = client.get("/admin/users/new/")
    assert page.status_code == 200
    assert 'name="language"' in page.content.decode()
    assert 'name="password1"' not in page.content.decode()
    fields = {
        "email": "Nieuw@Example.org",
        "first_name": "Jo",
        "last_name": "Maes",
        "language": "en",
        "is_superuser": "on",
    }
    assert client.post("/admin/users/new/", {**fields, "language": "fr"}).status_code == 200
    assert client.post("/admin/users/new/", fields).status_code == 302
    person = User.objects.get(email="nieuw@example.org")
    assert (person.language, person.has_usable_password()) == ("en", False)
    assert not person.is_superuser
    assert EmailAddress.objects.get(user=person).primary
    again = client.post("/admin/users/new/", fields)
    assert again.status_code == 200
    assert "heeft dit e-mailadres al" in again.content.decode()


def test_an_address_that_staff_change_is_the_only_one_that_logs_in(client: Client):
    person = make_user()
    old = person.email
    client.force_login(make_user(is_superuser=True))
    address = f"/admin/users/edit/{person.pk}/"
    assert client.get(address).status_code == 200
    fields = {"first_name": "An", "last_name": "Peeters", "language": "nl", "is_active": "on"}
    assert client.post(address, {**fields, "email": "anders@example.org"}).status_code == 302
    client.logout()
    assert log_in(client, old).status_code == 200
    assert log_in(client, "anders@example.org")["Location"] == "/nl/account/confirm-email/"


def test_the_list_of_people_has_a_fixed_number_of_queries(client: Client, django_assert_max_num_queries):
    for _number in range(10):
        make_user()
    client.force_login(make_user(is_superuser=True))
    client.get("/admin/users/")
    with django_assert_max_num_queries(25):
        assert client.get("/admin/users/").status_code == 200


def test_an_administrator_removes_the_second_factor_of_another_person_only(client: Client) -> None:
    administrator, staff, person = make_user(is_superuser=True), make_user(is_staff=True), make_user()
    for user in (administrator, person):
        add_authenticator_app(user)
    address = f"/admin/users/{person.pk}/second-factor/"
    client.force_login(staff)
    assert client.post(address).status_code == 302
    assert Authenticator.objects.filter(user=person).exists()

    client.force_login(administrator)
    assert address in client.get("/admin/users/").content.decode()
    assert "eerst zeker" in client.get(address).content.decode()
    client.post(f"/admin/users/{administrator.pk}/second-factor/")
    assert Authenticator.objects.filter(user=administrator).exists()
    client.post(address)
    assert not Authenticator.objects.filter(user=person).exists()
    assert sent()[0].to == [person.email]
    assert ModelLogEntry.objects.filter(action="accounts.remove_second_factor", user=administrator).exists()
    assert "niet ingesteld" in client.get(address).content.decode()
    assert client.get("/admin/users/999999/second-factor/", follow=True).status_code == 404


def test_the_role_of_administrator_manages_people(client: Client) -> None:
    administrator, editor = make_user(), make_user()
    administrator.groups.add(Group.objects.get(name="administrator"))
    editor.groups.add(Group.objects.get(name="editor"))
    client.force_login(administrator)
    assert client.get("/admin/users/").status_code == 200
    assert client.get(f"/admin/users/edit/{editor.pk}/").status_code == 200
    client.force_login(editor)
    assert client.get("/admin/users/").status_code == 302


def test_a_profile_picture_shows_in_the_back_office_and_nowhere_else(client: Client) -> None:
    staff = make_user(is_staff=True)
    profile = UserProfile.get_for_user(staff)
    profile.avatar.save("ik.png", ContentFile(b"not really a picture"))
    address = profile.avatar.url
    assert client.get(address, follow=True).status_code == 404
    client.force_login(make_user())
    assert client.get(address, follow=True).status_code == 404
    client.force_login(staff)
    shown = client.get(address)
    assert isinstance(shown, FileResponse)
    assert b"".join(shown) == b"not really a picture"
    for other in ("nee.png", "..%2f..%2fdb.sqlite3", "..", "avatar_..", "avatar_%00"):
        assert client.get(f"/private/avatar_images/{other}", follow=True).status_code in (400, 404)


@pytest.mark.parametrize("is_staff", [True, False])
def test_an_address_of_the_back_office_that_is_none_answers_404_at_once(
    client: Client, is_staff: bool
) -> None:
    client.force_login(make_user(is_staff=is_staff))
    assert client.get("/admin/bestaat-niet/").status_code == 404
    assert client.get("/bestaat-niet/").status_code == 302
