"""The private links in mails about a membership, and what is behind them."""

import re
from typing import Any

from django.test import Client
from django.utils import timezone

from cms.models import OutgoingMail
from cms.operations.links import create_link
from membership.emails import LINK_LASTS
from membership.models import Affiliation

OWN = "/nl/mijn-organisatie/"
NOT_HERE = 'next=%2Fnl%2Fmijn-organisatie%2F"'
RESIGN = {"because": "budget", "note": ""}
HERE: Any = {"HTTP_SEC_FETCH_SITE": "same-origin"}


def link_to(place: Affiliation, purpose: str) -> str:
    """The path of a new link."""
    token = create_link(
        target=place, purpose=purpose, at=timezone.now(), expires_at=timezone.now() + LINK_LASTS
    )
    return f"{OWN}l/{token}/"


def path_in(sent: OutgoingMail) -> str:
    """The path of the own link in a mail."""
    (path,) = re.findall(
        r"http://testserver(/\w\w/(?:mijn-organisatie|word-lid|my-organisation|join)/l/\S+)", sent.text
    )
    assert path in sent.html
    return str(path)


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def assert_closed(path: str, *more: str) -> None:
    """Every page behind a link is the one that says there is nothing, and leads on after the log-in."""
    for part in ("", *more):
        answer = Client().get(path + part)
        assert answer.status_code == 404, part
        assert NOT_HERE in answer.content.decode()
        assert "no-store" in answer["Cache-Control"]
