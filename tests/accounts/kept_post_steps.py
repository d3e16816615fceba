"""Sends a form after the log-in has ended, and reads what comes back."""

from typing import Any

from django.test import Client
from html5lib import HTMLParser

from accounts.models import User
from tests.html import problems_of

ACCOUNT = "/nl/account/"
EMAIL = "/nl/account/email/"
ERASE = "/nl/account/data/erase/"
THROW_AWAY = "/nl/account/kept/throw-away/"
NOOR = {"first_name": "Noor", "last_name": "Peeters", "language": "nl"}
OWN_PAGE = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate"}
EVIL = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
KEPT_HERE = "Wat u invulde, is bewaard"


def send(client: Client, path: str = ACCOUNT, fields: Any = NOOR, **headers: str) -> Any:
    return client.post(path, fields, headers={**OWN_PAGE, **headers})


def log_in_long_ago(client: Client, user: User) -> None:
    """Log in so that changing how the account is protected asks for the password first."""
    client.force_login(user)
    session = client.session
    session.pop("account_authentication_methods", None)
    session.save()


def read(client: Client, path: str = ACCOUNT, **headers: str) -> str:
    response = client.get(path, headers=headers or None)
    html: str = response.content.decode()
    if KEPT_HERE in html:
        assert "no-store" in response["Cache-Control"]
        assert problems_of(html) == []
    return html


def hidden_in(html: str) -> dict[str, list[str]]:
    """What the form that sends again holds, its token included."""
    found: dict[str, list[str]] = {}
    tree = HTMLParser(namespaceHTMLElements=False).parse(html)
    form = next(
        form
        for form in tree.iter("form")
        if any("Opnieuw versturen" in text or "Send again" in text for text in form.itertext())
    )
    for field in form.iter("input"):
        found.setdefault(field.get("name"), []).append(field.get("value"))
    return found
