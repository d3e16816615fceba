import json
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from wagtail.models import ModelLogEntry
from wagtail.users.models import UserProfile

from accounts.queries import account_data
from cms.log import record
from cms.registries import personal_data
from tests.accounts.mailbox import code_in, sent
from tests.accounts.test_logging_in import log_in
from tests.factories.accounts import PASSWORD, add_authenticator_app, make_user
from tests.html import crumbs_of, problems_of

pytestmark = pytest.mark.django_db

OPEN = (
    "account_login",
    "account_request_login_code",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key_done",
    "account_inactive",
)
OWN = (
    "account",
    "account_own_data",
    "account_erase",
    "account_logout",
    "account_email",
    "account_change_password",
    "second_factor_needed",
    "mfa_index",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "mfa_list_webauthn",
)
WITH_FACTOR = ("mfa_index", "mfa_deactivate_totp", "mfa_generate_recovery_codes", "mfa_view_recovery_codes")


def check_page(client: Client, name: str, language: str) -> str:
    with override(language):
        response = client.get(reverse(name))
    assert response.status_code == 200, name
    text = response.content.decode()
    assert problems_of(text) == [], name
    assert f'<html lang="{language}"' in text
    return text


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_page_is_valid_html_in_both_languages(client: Client, language: str):
    for name in OPEN:
        check_page(client, name, language)
    user = make_user()
    log_in(client, user.email)
    for name in OWN:
        check_page(client, name, language)
    add_authenticator_app(user)
    client.post(reverse("mfa_generate_recovery_codes"))
    for name in WITH_FACTOR:
        check_page(client, name, language)


def test_pages_of_ones_own_account_say_where_they_stand(client: Client):
    assert crumbs_of(check_page(client, "account_login", "nl")) == []
    log_in(client, make_user().email)
    above = ["Home", "Mijn account"]
    assert crumbs_of(check_page(client, "account", "nl")) == above
    assert crumbs_of(check_page(client, "account_email", "nl")) == [*above, "Uw e-mailadres wijzigen"]
    assert crumbs_of(check_page(client, "account_erase", "nl")) == [
        *above,
        "Mijn gegevens",
        "Mijn gegevens wissen",
    ]
    assert crumbs_of(check_page(client, "mfa_activate_totp", "en")) == [
        "Home",
        "My account",
        "Two-step log-in",
        "Set up an authenticator app",
    ]


def test_how_long_the_link_to_a_new_password_works_is_said_as_it_is(client: Client, settings: Any):
    assert "blijft drie dagen geldig" in check_page(client, "account_reset_password_done", "nl")
    assert timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT).days == 3


def test_ones_own_page_leads_to_passkeys(client: Client):
    log_in(client, make_user().email)
    assert "Aanmelden in twee stappen of een toegangssleutel instellen" in check_page(client, "account", "nl")


def test_pages_of_ones_own_ask_to_log_in_first(client: Client):
    for name in OWN:
        if name != "account_logout":
            assert client.get(reverse(name))["Location"].startswith("/nl/account/login/?next=")


def test_changing_how_the_account_is_protected_asks_for_the_password_first(client: Client):
    user = make_user()
    client.force_login(user)
    asked = client.get(reverse("mfa_activate_totp"))
    assert asked["Location"].startswith("/nl/account/reauthenticate/")
    assert "Bevestig dat u het bent" in client.get(asked["Location"]).content.decode()
    again = {"next": reverse("mfa_activate_totp")}
    assert client.post(asked["Location"], {"password": "fout-wachtwoord-1", **again}).status_code == 200
    assert client.post(asked["Location"], {"password": PASSWORD, **again}).status_code == 302
    assert client.get(reverse("mfa_activate_totp")).status_code == 200


def test_name_and_language_change_and_leave_a_line_in_the_log(client: Client):
    user = make_user()
    client.force_login(user)
    fields = {"first_name": "Ann", "last_name": "O'Neill 🙂", "language": "en"}
    refused = client.post("/nl/account/", {**fields, "first_name": "x" * 10_000})
    assert refused.status_code == 200
    assert client.post("/nl/account/", {**fields, "language": "fr"}).status_code == 200
    assert client.post("/nl/account/", {**fields, "last_name": "a\x00b"}).status_code == 200
    response = client.post("/nl/account/", fields)
    assert response["Location"] == "/en/account/"
    user.refresh_from_db()
    assert (user.first_name, user.last_name, user.language) == ("Ann", "O'Neill 🙂", "en")
    assert UserProfile.objects.get(user=user).preferred_language == "en"
    assert ModelLogEntry.objects.filter(action="accounts.change_details", user=user).count() == 1


def test_a_new_address_takes_over_once_it_is_proved(client: Client):
    user, other = make_user(), make_user()
    old = user.email
    log_in(client, old)
    page = "/nl/account/email/"
    client.post(page, {"email": "nieuw@example.org", "action_add": "1"})
    user.refresh_from_db()
    assert user.email == old
    assert sent()[-1].to == ["nieuw@example.org"]
    client.post("/nl/account/confirm-email/", {"code": code_in(sent()[-1])})
    user.refresh_from_db()
    assert user.email == "nieuw@example.org"
    assert EmailAddress.objects.filter(user=user).count() == 1
    assert "gewijzigd" in " ".join(str(message.subject) for message in sent())

    taken = client.post(page, {"email": other.email, "action_add": "1"})
    assert taken["Location"] == "/nl/account/confirm-email/", "another person's address is not betrayed"
    refused = client.post(taken["Location"], {"code": code_in(sent()[-1])})
    assert "kan niet gebruikt worden" in refused.content.decode()
    user.refresh_from_db()
    assert user.email == "nieuw@example.org"


def test_ones_own_data_is_a_file_without_secrets(client: Client):
    assert client.get("/nl/account/data/download/").status_code == 302
    user = make_user()
    add_authenticator_app(user)
    client.force_login(user)
    response = client.get("/nl/account/data/download/")
    assert response["Content-Disposition"].startswith('attachment; filename="mijn-gegevens-')
    assert "no-store" in response["Cache-Control"]
    data = json.loads(response.content)
    assert data["account"]["email"] == user.email
    assert data["account"]["authenticator_app"] is True
    assert user.password not in response.content.decode()


@pytest.mark.usefixtures("memory")
def test_the_pages_have_a_fixed_number_of_queries(client: Client, django_assert_max_num_queries):
    client.get("/nl/account/login/")
    with django_assert_max_num_queries(10):
        client.get("/nl/account/login/")
    client.force_login(make_user())
    client.get("/nl/account/")
    with django_assert_max_num_queries(10):
        client.get("/nl/account/")


def test_a_person_who_is_forgotten_leaves_no_name_and_cannot_come_back(client: Client) -> None:
    user, other = make_user(is_staff=True), make_user()
    add_authenticator_app(user)
    record(user, "accounts.open")
    email, name = user.email, str(user)
    kept = [sentence for entry in personal_data for sentence in entry.erase(user, timezone.now())]
    assert len(kept) >= 1
    user.refresh_from_db()
    assert not user.is_active
    assert name not in str(ModelLogEntry.objects.values_list("label", flat=True))
    assert email not in json.dumps(account_data(user))
    assert log_in(client, email).status_code == 200
    assert log_in(client, other.email).status_code == 302
