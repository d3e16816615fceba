import pytest
from django.test import Client

from tests.accounts.mailbox import link_in, sent
from tests.accounts.test_logging_in import is_logged_in, log_in
from tests.factories.accounts import PASSWORD, make_user

pytestmark = pytest.mark.django_db

NEW = "een-nieuw-wachtwoord-2027"
RESET = "/nl/account/password/reset/"


def test_a_known_and_an_unknown_address_get_the_same_answer(client: Client):
    address, nobody = make_user().email, "niemand@example.org"
    known = client.post(RESET, {"email": address}, follow=True)
    unknown = client.post(RESET, {"email": nobody}, follow=True)
    assert known.redirect_chain == unknown.redirect_chain
    assert f"Als {address} bij ons bekend is" in known.content.decode()
    assert known.content.decode() == unknown.content.decode().replace(nobody, address)
    assert "nieuw wachtwoord" in sent()[0].subject
    assert "Geen account" in sent()[1].subject


def test_the_link_gives_a_new_password_once(client: Client):
    user = make_user()
    client.post(RESET, {"email": user.email})
    link = link_in(sent()[0])
    form = client.get(link)
    assert form.status_code == 302
    assert "set-password" in form["Location"], "the key does not stay in the address"
    too_easy = client.post(form["Location"], {"password1": "wachtwoord", "password2": "wachtwoord"})
    assert too_easy.status_code == 200
    different = client.post(form["Location"], {"password1": NEW, "password2": NEW + "x"})
    assert "twee keer hetzelfde wachtwoord" in different.content.decode()
    done = client.post(form["Location"], {"password1": NEW, "password2": NEW}, follow=True)
    assert "Uw nieuwe wachtwoord is opgeslagen" in done.content.decode()
    assert "Uw wachtwoord is gewijzigd" in sent()[-1].subject
    assert log_in(client, user.email).status_code == 200, "the old one is refused"
    log_in(client, user.email, NEW)
    assert is_logged_in(client)
    assert "Deze link werkt niet meer" in Client().get(link, follow=True).content.decode()


@pytest.mark.parametrize("key", ["1-abc-def", "zzzzzzzzzzzzzzzz-abc-def", "0-%00-x", "1-set-password"])
def test_a_made_up_link_says_that_it_does_not_work(client: Client, key: str):
    page = client.get(f"/nl/account/password/reset/key/{key}/")
    assert page.status_code == 200
    assert "Deze link werkt niet meer" in page.content.decode()


def test_the_mail_and_its_link_speak_the_persons_language(client: Client):
    client.post(RESET, {"email": make_user(language="en").email})
    assert "new password" in sent()[0].subject
    assert link_in(sent()[0]).startswith("/en/account/")


def test_asking_again_and_again_is_limited(client: Client):
    email = make_user().email
    answers = [client.post(RESET, {"email": email}) for _attempt in range(7)]
    assert [answer.status_code for answer in answers] == [302] * 5 + [429] * 2
    assert "Een ogenblik" in answers[-1].content.decode()
    assert answers[-1]["Retry-After"]
    assert len(sent()) == 5


def test_changing_the_password_takes_the_current_one(client: Client):
    user = make_user()
    log_in(client, user.email)
    page = "/nl/account/password/change/"
    assert client.get(page).status_code == 200
    fields = {"oldpassword": "fout-wachtwoord-1", "password1": NEW, "password2": NEW}
    assert "niet uw huidige wachtwoord" in client.post(page, fields).content.decode()
    assert client.post(page, {**fields, "oldpassword": PASSWORD}).status_code == 302
    user.refresh_from_db()
    assert user.check_password(NEW)
    assert is_logged_in(client)
    assert "gewijzigd" in sent()[0].subject


def test_who_has_none_chooses_a_first_password(client: Client):
    user = make_user(password=None)
    client.force_login(user)
    assert client.get("/nl/account/password/change/")["Location"] == "/nl/account/password/set/"
    assert client.get("/nl/account/password/set/").status_code == 200
    client.post("/nl/account/password/set/", {"password1": NEW, "password2": NEW})
    user.refresh_from_db()
    assert user.check_password(NEW)
