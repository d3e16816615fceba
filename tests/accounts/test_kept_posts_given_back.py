"""What was typed after the log-in had ended comes back after it, and to nobody else."""

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from accounts.kept_posts import KEY
from home.models import ContentPage, HomePage
from tests.accounts.kept_post_steps import (
    ACCOUNT,
    EMAIL,
    KEPT_HERE,
    NOOR,
    hidden_in,
    log_in_long_ago,
    read,
    send,
)
from tests.accounts.mailbox import code_in, sent
from tests.accounts.test_logging_in import is_logged_in, log_in
from tests.factories.accounts import PASSWORD, add_authenticator_app, code_of, make_user

pytestmark = pytest.mark.django_db


def test_it_comes_back_after_the_log_in_and_is_sent_with_one_button(client: Client) -> None:
    user = make_user()
    strict = Client(enforce_csrf_checks=True)
    strict.get("/nl/account/login/")
    token = strict.cookies["csrftoken"].value
    old = {**NOOR, "csrfmiddlewaretoken": token}
    assert send(strict, fields=old)["Location"] == f"/nl/account/login/?next={ACCOUNT}"
    answer = strict.post(
        "/nl/account/login/",
        {"login": user.email, "password": PASSWORD, "next": ACCOUNT, "csrfmiddlewaretoken": token},
    )
    assert answer["Location"] == ACCOUNT
    assert send(strict, fields=old).status_code == 403, "the token of before the log-in is over"
    html = read(strict)
    assert KEPT_HERE in html
    assert "U was intussen afgemeld." in html
    assert "<dt>Voornaam</dt><dd>Noor</dd>" in html
    assert "<dt>Taal</dt><dd>Nederlands</dd>" in html
    user.refresh_from_db()
    assert user.first_name == "An", "looking changes nothing"
    fields = hidden_in(html)
    assert {name: fields[name] for name in NOOR} == {name: [text] for name, text in NOOR.items()}
    assert send(strict, fields={name: values[0] for name, values in fields.items()})["Location"] == ACCOUNT
    user.refresh_from_db()
    assert user.first_name == "Noor"
    assert KEPT_HERE not in read(strict)


def test_a_fault_in_what_is_sent_again_is_said_on_the_ordinary_form(client: Client) -> None:
    send(client, fields={**NOOR, "first_name": ""})
    log_in(client, make_user().email)
    html = send(client, fields={**NOOR, "first_name": ""}).content.decode()
    assert "error-summary" in html
    assert 'value="Peeters"' in html
    assert KEPT_HERE not in read(client)


@pytest.mark.parametrize("way", ["code", "second factor"])
def test_it_survives_every_way_to_log_in(client: Client, way: str) -> None:
    user = make_user()
    send(client)
    if way == "code":
        page = client.post("/nl/account/login/code/", {"email": user.email, "next": ACCOUNT})["Location"]
        client.post(page, {"code": code_in(sent()[-1])})
    else:
        secret = add_authenticator_app(user)
        page = log_in(client, user.email)["Location"]
        assert KEPT_HERE not in client.get(ACCOUNT, follow=True).content.decode(), "not logged in yet"
        client.post(page, {"code": code_of(secret)})
    assert is_logged_in(client)
    assert client.session.get_expiry_age() == settings.SESSION_COOKIE_AGE
    assert KEPT_HERE in read(client)


def test_it_comes_back_on_its_own_page_only_and_to_people_only(client: Client) -> None:
    send(client, f"{ACCOUNT}?van=menu")
    user = make_user()
    log_in(client, user.email)
    for path in (ACCOUNT, EMAIL, "/en/account/?van=menu"):
        assert KEPT_HERE not in read(client, path)
        assert "What you typed is kept" not in read(client, path)
    path = f"{ACCOUNT}?van=menu"
    assert KEPT_HERE not in read(client, path, **{"Sec-Fetch-Mode": "cors"})
    other = Client()
    log_in(other, user.email)
    assert KEPT_HERE not in read(other, path), "another browser"
    assert KEPT_HERE in read(client, path)


def test_it_is_not_shown_before_the_log_in_even_where_the_page_is(client: Client) -> None:
    send(client)
    session = client.session
    session[KEY] = {**session[KEY], "path": "/nl/account/login/"}
    session.save()
    assert KEPT_HERE not in read(client, "/nl/account/login/")
    assert KEY in client.session


def test_what_the_answer_refuses_is_not_lost(client: Client) -> None:
    """A limit, a token that is over, a fault of ours: it is still there to be sent once more."""
    send(client)
    log_in(client, make_user().email)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    assert send(strict).status_code == 403
    assert KEPT_HERE in read(client)


def test_who_may_not_open_the_page_is_not_shown_what_was_meant_for_it(client: Client) -> None:
    send(client, "/admin/pages/3/edit/", {"title": "Nog geheim"})
    log_in(client, make_user().email)
    response = client.get("/admin/pages/3/edit/")
    assert response.status_code == 404
    assert "Nog geheim" not in response.content.decode()


@pytest.mark.parametrize("path", [EMAIL, f"{EMAIL}?van=menu"])
def test_the_new_address_survives_showing_that_it_is_you(client: Client, path: str) -> None:
    """allauth sends it itself where the address has no query; elsewhere it takes the button."""
    log_in_long_ago(client, make_user())
    asked = send(client, path, {"email": "nieuw@example.org", "action_add": "1"})["Location"]
    assert asked.startswith("/nl/account/reauthenticate/?next=")
    back = client.post(asked, {"password": PASSWORD, "next": path})
    if path != EMAIL:
        assert back["Location"] == path
        html = read(client, path)
        assert KEPT_HERE in html
        assert "U moest eerst tonen dat u het bent." in html
        back = send(client, path, {name: values[0] for name, values in hidden_in(html).items()})
    assert back["Location"] == "/nl/account/confirm-email/"
    assert sent()[-1].to == ["nieuw@example.org"]
    assert KEPT_HERE not in read(client, path)


def test_markup_is_shown_as_text_and_hidden_signs_are_left_out(client: Client) -> None:
    text = "\"'><script>alert(1)</script>{{ 7*7 }}\r\nTwee\x00\x01\x0b\x7f\ufffe 🙂"
    send(client, fields={"first_name": text, "<b>": ["een", "twee"], "last_name": "x" * 300})
    log_in(client, make_user().email)
    html = read(client)
    assert "<script>alert" not in html
    assert "<b>" not in html
    assert "x" * 300 in html, "in the form"
    assert "x" * 300 + "</dd>" not in html
    fields = hidden_in(html)
    assert fields["<b>"] == ["een", "twee"]
    assert fields["first_name"][0].splitlines() == [
        "\"'><script>alert(1)</script>{{ 7*7 }}",
        "Twee 🙂",
    ]


def test_an_editors_new_page_is_there_after_logging_in_and_sending_again(
    client: Client, home: HomePage
) -> None:
    editor = make_user(is_superuser=True, language="en")
    path = reverse("wagtailadmin_pages:add", args=["home", "contentpage", home.pk])
    words = {
        "title": "Over ons",
        "slug": "over-ons",
        "body-count": "0",
        "lead": '{"blocks": [{"text": "Eerste alinea."}]}',
        "action-publish": "action-publish",
    }
    client.force_login(editor)
    form = client.get(path).context["form"]
    words |= {"comments-TOTAL_FORMS": "0", "comments-INITIAL_FORMS": "0"}
    Session.objects.all().delete()
    assert send(client, path, words)["Location"] == f"/nl/account/login/?next={path}"
    assert not ContentPage.objects.exists()
    log_in(client, editor.email, next=path)
    response = client.get(path)
    html = response.content.decode()
    assert response["Content-Language"] == "en"
    assert "What you typed is kept" in html
    assert "Over ons" in html
    assert "Eerste alinea." in html
    assert form is not None
    fields = {name: values[0] for name, values in hidden_in(html).items()}
    assert send(client, path, fields).status_code == 302
    assert ContentPage.objects.get().title == "Over ons"
    assert "What you typed is kept" not in client.get(path).content.decode()
