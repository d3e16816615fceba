"""What of a form that was sent after the log-in had ended is kept, and for how long."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts import kept_posts
from accounts.kept_posts import KEPT_FOR, KEY, find_kept
from accounts.models import User
from accounts.operations.sessions import prune_sessions
from cms.limits import PER_IP
from tests.accounts.kept_post_steps import (
    ACCOUNT,
    EMAIL,
    ERASE,
    EVIL,
    KEPT_HERE,
    NOOR,
    THROW_AWAY,
    log_in_long_ago,
    read,
    send,
)
from tests.accounts.test_logging_in import log_in
from tests.factories.accounts import PASSWORD, make_user

pytestmark = pytest.mark.django_db


def test_only_what_a_page_of_this_site_sent_is_kept(client: Client) -> None:
    for headers in (
        EVIL,
        {"Accept": "application/json"},
        {"Sec-Fetch-Mode": "cors"},
        {"X-Requested-With": "XMLHttpRequest"},
    ):
        assert send(client, **headers).status_code == 302
        assert KEY not in client.session, headers
    assert client.post(ACCOUNT, NOOR).status_code == 302
    assert KEY not in client.session, "a browser says where it comes from"
    send(client)
    assert KEY in client.session


def test_secrets_and_files_are_never_kept_and_alone_keep_nothing(client: Client) -> None:
    secrets = {
        "password": "geheim-1",
        "oldpassword": "geheim-2",
        "password1": "geheim-3",
        "user-new_Password2": "geheim-4",
        "code": "geheim-5",
        "credential": "geheim-6",
        "csrfmiddlewaretoken": "geheim-7",
        "contact_website": "geheim-8",
    }
    empty = {"next": "/nl/", "action": "resend", "first_name": " ", "": "x"}
    file = SimpleUploadedFile("foto.png", b"geheim-9")
    for fields in (secrets, empty, {}, {"file": file}):
        assert send(client, fields=fields).status_code == 302
        assert KEY not in client.session, fields
    for path in ("/nl/account/logout/", "/nl/account/password/change/", "/nl/account/reauthenticate/"):
        send(client, path, {**secrets, "next": "/nl/account/login/"})
        assert KEY not in client.session, path
    file.seek(0)
    send(client, fields={**NOOR, **secrets, "file": file})
    assert "geheim" not in str(client.session[KEY])
    assert "account_reauthentication_state" not in client.session
    log_in(client, make_user().email)
    html = read(client)
    assert "Noor" in html
    assert "geheim" not in html
    assert "kies de uwe daarna opnieuw" in html


def test_too_much_or_too_often_is_the_ordinary_way_to_the_log_in(client: Client) -> None:
    most = kept_posts.MAX_BYTES - len("first_name")
    assert send(client, fields={"first_name": "x" * (most + 1)}).status_code == 302
    assert KEY not in client.session
    assert send(client, fields={"first_name": "x" * most}).status_code == 302
    assert KEY in client.session
    for _number in range(PER_IP - 1):
        send(Client())
    late = Client()
    assert send(late).status_code == 302
    assert KEY not in late.session
    elsewhere = Client(REMOTE_ADDR="192.0.2.7")
    send(elsewhere)
    assert KEY in elsewhere.session


def test_after_a_quarter_of_an_hour_it_is_gone(client: Client) -> None:
    send(client)
    now = timezone.now()
    assert find_kept(client.session, at=now + KEPT_FOR - timedelta(seconds=5))
    assert find_kept(client.session, at=now + KEPT_FOR) is None
    assert prune_sessions(now) == 0
    assert prune_sessions(now + KEPT_FOR) == 1, "who does not log in leaves nothing"


def test_what_is_over_leaves_the_session_of_who_logged_in(client: Client) -> None:
    send(client)
    log_in(client, make_user().email)
    session = client.session
    session[KEY] = {**session[KEY], "kept_at": (timezone.now() - KEPT_FOR).timestamp()}
    session.save()
    assert KEPT_HERE not in read(client)
    assert KEY not in client.session


def test_thrown_away_it_does_not_come_back(client: Client) -> None:
    path = f"{ACCOUNT}?van=menu"
    send(client, path)
    log_in(client, make_user().email)
    assert client.get(THROW_AWAY).status_code == 405
    assert KEPT_HERE in read(client, path)
    assert client.post(THROW_AWAY)["Location"] == path
    assert KEPT_HERE not in read(client, path)
    assert client.post(THROW_AWAY)["Location"] == ACCOUNT, "a second time leads to one's own page"


def test_it_goes_at_log_out_and_never_to_another_known_person(client: Client) -> None:
    send(client)
    user = make_user()
    log_in(client, user.email)
    client.post("/nl/account/logout/")
    log_in(client, user.email)
    assert KEPT_HERE not in read(client)

    log_in_long_ago(client, user)
    assert send(client, EMAIL, {"email": "nieuw@example.org", "action_add": "1"}).status_code == 302
    assert client.session[KEY]["user"] == str(user.pk)
    session = client.session
    session[KEY] = {**session[KEY], "user": str(make_user().pk)}
    session.save()
    assert KEPT_HERE not in read(client, EMAIL)


def test_what_is_not_sent_again_is_not_sent_by_allauth_later(client: Client) -> None:
    """It keeps a form that waits for the password, and would send it once the password comes."""
    user = make_user()
    send(client, ERASE, {"is_sure": "on"})
    assert "account_reauthentication_state" not in client.session, "of nobody it keeps nothing"
    log_in_long_ago(client, user)
    send(client, ERASE, {"is_sure": "on"})
    assert "account_reauthentication_state" in client.session
    assert client.post(THROW_AWAY)["Location"] == ERASE
    assert "account_reauthentication_state" not in client.session
    send(client, ERASE, {"is_sure": "on"})
    asked = client.get(ERASE)["Location"]
    assert client.post(asked, {"password": PASSWORD, "next": ERASE})["Location"] == ERASE
    user.refresh_from_db()
    assert user.is_active


def test_a_person_with_nothing_kept_pays_nothing_for_it(
    client: Client, django_assert_num_queries: Any
) -> None:
    client.get("/nl/account/login/")
    assert "sessionid" not in client.cookies
    with django_assert_num_queries(0):
        client.get("/robots.txt")
    client.force_login(make_user())
    with django_assert_num_queries(0):
        answer = client.get("/robots.txt")
    assert "Cookie" not in answer.get("Vary", "")
    assert User.objects.count() == 1
