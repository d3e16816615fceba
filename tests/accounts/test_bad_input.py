"""Whatever is typed into a form, the answer is a page."""

import pytest
from django.test import Client

from tests.accounts.test_logging_in import is_logged_in, log_in
from tests.factories.accounts import make_user

pytestmark = pytest.mark.django_db

STRANGE = [
    "",
    "a\x00b@example.org",
    "x" * 10_000 + "@example.org",
    "geen-adres",
    "jan@@example",
    "🙂@example.org",
    "\u202ejan@example.org",
    "<script>alert(1)</script>@example.org",
    "' OR 1=1 --",
]


@pytest.mark.parametrize("text", STRANGE)
@pytest.mark.parametrize(
    ("address", "field"),
    [
        ("/nl/account/login/", "login"),
        ("/nl/account/login/code/", "email"),
        ("/nl/account/password/reset/", "email"),
    ],
)
def test_visitors_forms_answer_strange_addresses(client: Client, address: str, field: str, text: str) -> None:
    response = client.post(address, {field: text, "password": text, "next": text}, follow=True)
    assert response.status_code == 200
    assert "<script>alert" not in response.content.decode()
    assert not is_logged_in(client)


@pytest.mark.parametrize("text", STRANGE)
def test_ones_own_forms_answer_strange_texts(client: Client, text: str) -> None:
    user = make_user()
    log_in(client, user.email)
    for address, fields in (
        ("/nl/account/email/", {"email": text, "action_add": "1"}),
        ("/nl/account/confirm-email/", {"code": text}),
        ("/nl/account/password/change/", {"oldpassword": text, "password1": text, "password2": text}),
        ("/nl/account/2fa/totp/activate/", {"code": text}),
        ("/nl/account/2fa/webauthn/add/", {"name": text, "credential": text}),
        ("/nl/account/2fa/webauthn/reauthenticate/", {"credential": '{"id": 1}'}),
    ):
        response = client.post(address, fields, follow=True)
        assert response.status_code in (200, 403), address


@pytest.mark.parametrize("address", ["/nl/account/2fa/webauthn/login/", "/nl/account/2fa/authenticate/"])
@pytest.mark.parametrize("credential", ["", "x", "[]", "{}", '{"rawId": "AA", "response": {}}', "\x00"])
def test_a_passkey_that_is_none_leads_back_to_the_log_in(
    client: Client, address: str, credential: str
) -> None:
    response = client.post(address, {"credential": credential}, follow=True)
    assert response.status_code == 200
    assert not is_logged_in(client)


def test_a_form_from_another_site_is_refused(client: Client) -> None:
    user = make_user()
    strict = Client(enforce_csrf_checks=True)
    assert log_in(strict, user.email).status_code == 403
    assert not is_logged_in(strict)
    assert log_in(client, user.email).status_code == 302
