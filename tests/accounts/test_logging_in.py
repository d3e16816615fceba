import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.test import Client
from django.utils.html import strip_tags

from accounts.models import User
from tests.accounts.mailbox import code_in, sent
from tests.factories.accounts import PASSWORD, add_authenticator_app, code_of, make_user

pytestmark = pytest.mark.django_db

LOGIN = "/nl/account/login/"
LANDING = "/nl/naar-de-ledenzone/"


def log_in(client: Client, email: str, password: str = PASSWORD, **fields: str):
    return client.post(LOGIN, {"login": email, "password": password, **fields})


def is_logged_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_the_right_password_opens_ones_own_page_and_a_wrong_one_does_not(client: Client):
    user = make_user()
    refused = log_in(client, user.email, "een-ander-wachtwoord")
    assert refused.status_code == 200
    assert "Het e-mailadres of het wachtwoord klopt niet." in strip_tags(refused.content.decode())
    assert user.email in refused.content.decode()
    assert '<a href="#id_login">' in refused.text, "the summary leads to the first field"
    assert refused.text.count('aria-invalid="true"') == 1
    assert not is_logged_in(client)

    allowed = log_in(client, user.email.upper())
    assert allowed.status_code == 302
    assert allowed["Location"] == LANDING
    assert is_logged_in(client)
    assert client.get(LANDING)["Location"] == "/nl/account/", "there is no member zone for this person"


def test_an_unknown_address_gets_the_same_words_as_a_wrong_password(client: Client):
    known = log_in(client, make_user().email, "fout-wachtwoord-1").context["form"].errors
    unknown = log_in(client, "niemand@example.org", "fout-wachtwoord-1").context["form"].errors
    assert known == unknown


@pytest.mark.parametrize(
    ("wanted", "landing"),
    [
        ("/nl/nieuws/?pagina=2", "/nl/nieuws/?pagina=2"),
        ("/admin/pages/", "/admin/pages/"),
        ("https://elders.example/", LANDING),
        ("//elders.example/", LANDING),
        ("/\\elders.example", LANDING),
        ("javascript:alert(1)", LANDING),
    ],
)
def test_after_the_log_in_one_is_back_where_one_was_but_never_on_another_site(
    client: Client, wanted: str, landing: str
):
    assert log_in(client, make_user(is_staff=True).email, next=wanted)["Location"] == landing


def test_the_page_not_found_leads_to_the_log_in_and_back(client: Client):
    user = make_user()
    page = client.get("/nl/bestaat-niet/?a=1")
    assert page.status_code == 404
    link = page.context["log_in_url"]
    form = client.get(link)
    assert 'name="next" value="/nl/bestaat-niet/?a=1"' in form.content.decode()
    assert log_in(client, user.email, next="/nl/bestaat-niet/?a=1")["Location"] == "/nl/bestaat-niet/?a=1"


def test_an_address_that_is_not_proved_needs_the_code_of_the_mail(client: Client):
    user = make_user(is_verified=False)
    response = log_in(client, user.email)
    assert response["Location"] == "/nl/account/confirm-email/"
    assert not is_logged_in(client)
    assert sent()[0].to == [user.email]

    page = client.get(response["Location"])
    assert user.email in page.content.decode()
    wrong = client.post(response["Location"], {"code": "0000-0000"})
    assert "Deze code klopt niet" in wrong.content.decode()
    right = client.post(response["Location"], {"code": code_in(sent()[0])})
    assert right["Location"] == LANDING
    assert is_logged_in(client)
    assert EmailAddress.objects.get(user=user).verified


def test_a_code_by_mail_replaces_the_password(client: Client):
    user = make_user(language="en", password=None)
    response = client.post("/nl/account/login/code/", {"email": user.email, "next": "/nl/nieuws/"})
    assert response["Location"].startswith("/nl/account/login/code/confirm/")
    assert client.get(response["Location"]).status_code == 200
    message = sent()[0]
    assert "is your code for" in message.subject, "the mail speaks the person's language, not the page's"
    assert client.post(response["Location"], {"code": "12345678"}).status_code == 200
    done = client.post(
        response["Location"], {"code": code_in(message).replace("-", " "), "next": "/nl/nieuws/"}
    )
    assert done["Location"] == "/nl/nieuws/"
    assert is_logged_in(client)


def test_a_code_for_an_unknown_address_gives_the_same_page_and_a_mail_that_says_so(client: Client):
    known = make_user()
    pages = []
    for email in (known.email, "niemand@example.org"):
        response = client.post("/nl/account/login/code/", {"email": email})
        pages.append((response["Location"], client.get(response["Location"]).content.decode().count("<form")))
        client.post("/nl/account/logout/")
    assert pages[0] == pages[1]
    assert [message.to for message in sent()] == [[known.email], ["niemand@example.org"]]
    assert "geen account" in sent()[1].body.lower()


def test_three_wrong_codes_end_the_attempt(client: Client):
    user = make_user()
    page = client.post("/nl/account/login/code/", {"email": user.email})["Location"]
    answers = [client.post(page, {"code": "0000-0000"}) for _attempt in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 302]
    late = client.post(page, {"code": code_in(sent()[0])})
    assert late.status_code == 302
    assert not is_logged_in(client)


def test_an_authenticator_app_is_asked_after_password_and_after_a_code_by_mail(client: Client):
    user = make_user()
    secret = add_authenticator_app(user)
    assert log_in(client, user.email, next="/nl/nieuws/")["Location"] == "/nl/account/2fa/authenticate/"
    assert not is_logged_in(client)
    assert client.get("/nl/account/2fa/authenticate/").status_code == 200
    assert (
        "Deze code klopt niet"
        in client.post("/nl/account/2fa/authenticate/", {"code": "000000"}).content.decode()
    )
    done = client.post("/nl/account/2fa/authenticate/", {"code": code_of(secret)})
    assert done["Location"] == "/nl/nieuws/"
    assert is_logged_in(client)

    client.logout()
    page = client.post("/nl/account/login/code/", {"email": user.email})["Location"]
    assert client.post(page, {"code": code_in(sent()[-1])})["Location"] == "/nl/account/2fa/authenticate/"
    assert not is_logged_in(client)


def test_an_inactive_account_is_told_kindly_with_the_right_password_only(client: Client):
    user = make_user(is_active=False)
    assert "klopt niet" in log_in(client, user.email, "fout-wachtwoord-1").content.decode()
    response = log_in(client, user.email)
    assert response["Location"] == "/nl/account/inactive/"
    assert "Uw account is niet actief" in client.get(response["Location"]).content.decode()
    assert not is_logged_in(client)
    client.post("/nl/account/login/code/", {"email": user.email})
    assert "code" not in sent()[-1].subject


def test_after_five_wrong_passwords_the_right_one_must_wait(client: Client):
    user = make_user()
    for _attempt in range(5):
        log_in(client, user.email, "fout-wachtwoord-1")
    refused = log_in(client, user.email)
    assert "<li>Te veel pogingen." in refused.content.decode(), "said once, and of no field"
    assert "login" not in refused.context["form"].errors
    assert not is_logged_in(client)
    other = make_user()
    assert log_in(Client(), other.email).status_code == 302, "another person is not stopped"


def test_staff_log_in_for_twelve_hours_and_members_for_thirty_days(client: Client):
    member, staff = make_user(), make_user(is_staff=True)
    log_in(client, member.email)
    assert client.session.get_expiry_age() == settings.SESSION_COOKIE_AGE == 30 * 24 * 3600
    client.logout()
    log_in(client, staff.email)
    assert client.session.get_expiry_age() == 12 * 3600


def test_logging_out_takes_a_post(client: Client):
    user = make_user()
    log_in(client, user.email)
    assert client.get("/nl/account/logout/").status_code == 200
    assert is_logged_in(client)
    assert client.post("/nl/account/logout/")["Location"] == "/nl/"
    assert not is_logged_in(client)
    assert client.post("/en/account/logout/")["Location"] == "/en/"


def test_nobody_signs_up_by_a_form(client: Client):
    fields = {"email": "nieuw@example.org", "password1": PASSWORD}
    assert client.get("/nl/account/signup/").status_code == 404
    assert client.post("/nl/account/signup/", fields).status_code == 404
    assert not User.objects.filter(email="nieuw@example.org").exists()
