"""What was typed into a form that the end of a log-in kept from being sent: kept, and given back after it.

It lies in the browser's own session, without secrets and files, for a quarter of an hour, and comes back on
the address it was meant for, to be sent again or thrown away. What a known person sent (allauth asked to show
that it is them) is given back to that person only. Of a session that ended nobody can tell whose it was:
whoever logs in on that browser within the quarter, and may open that address, gets it.
"""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY
from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.forms import BaseForm, BooleanField, BoundField, ChoiceField
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.utils.translation import gettext as _
from django.utils.translation import override

from cms.limits import HOUR, PER_IP, Limit, TooManyAttempts, client_ip, consume, network_of
from cms.protection import TRAP, comes_from_this_site

KEY = "kept_post"
KEPT_FOR = timedelta(minutes=15)
MAX_BYTES = 512 * 1024
"""A long page of the back office takes a tenth of it."""
SECRETS = frozenset({"code", "credential", "csrfmiddlewaretoken", TRAP})
"""Besides every name with "password" in it."""
NOT_TYPED = frozenset({"action", "next"})
"""Go along with what was typed, and are nothing without it."""
ASKS_WHO_IT_IS = (
    settings.LOGIN_URL,
    "back_office_login",
    "account_reauthenticate",
    "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn",
    "second_factor_needed",
)


@dataclass(frozen=True)
class KeptPost:
    """A form that was sent in vain. `path` holds the query too; `user` is empty if nobody was logged in."""

    path: str
    fields: list[tuple[str, list[str]]]
    has_files: bool
    user: str
    kept_at: float

    @property
    def ends_at(self) -> datetime:
        """Until when it is kept."""
        return datetime.fromtimestamp(self.kept_at, UTC) + KEPT_FOR

    def belongs_to(self, request: HttpRequest) -> bool:
        """Say whether it was meant for this address, and may be given to who is logged in."""
        if not request.user.is_authenticated or self.path != request.get_full_path():
            return False
        return self.user in ("", str(request.user.pk))


def asks_who_it_is(response: HttpResponseBase) -> bool:
    """Say whether an answer leads to the log-in, or asks somebody known to show that it is them."""
    if response.status_code not in (302, 303):
        return False
    address = urlsplit(response["Location"])
    return not address.netloc and address.path in _doors()


@cache
def _doors() -> frozenset[str]:
    paths: set[str] = set()
    for code, _name in settings.LANGUAGES:
        with override(code):
            paths.update(resolve_url(name) for name in ASKS_WHO_IT_IS)
    return frozenset(paths)


def opens_a_page(request: HttpRequest) -> bool:
    """Say whether a person sees the answer as a page, unlike what the back office's scripts ask and save."""
    headers = request.headers
    return (
        headers.get("Sec-Fetch-Mode", "navigate") == "navigate"
        and "application/json" not in headers.get("Accept", "")
        and headers.get("X-Requested-With") != "XMLHttpRequest"
    )


def keep(request: HttpRequest, *, at: datetime) -> None:
    """Keep what was typed, unless nothing was, it is too much, it came from elsewhere or comes too often.

    Django has checked the form's token by then.
    """
    fields = typed_fields(request)
    typed = "".join(value for name, values in fields if name not in NOT_TYPED for value in values)
    if not typed.strip() or _size(fields) > MAX_BYTES or not comes_from_this_site(request):
        return
    try:
        consume(Limit("kept-post:ip", network_of(client_ip(request)), PER_IP), period=HOUR, at=at)
    except TooManyAttempts:
        return
    user = ""
    if request.user.is_authenticated:
        user = str(request.user.pk)
    else:  # the log-in gives the session its own length
        request.session.set_expiry(int(KEPT_FOR.total_seconds()))
    kept = KeptPost(request.get_full_path(), fields, bool(request.FILES), user, at.timestamp())
    request.session[KEY] = asdict(kept)


def typed_fields(request: HttpRequest) -> list[tuple[str, list[str]]]:
    """Return what was sent, without passwords, codes and what protects the form."""
    return [
        (name, [str(value) for value in values])
        for name, values in request.POST.lists()
        if name and name not in SECRETS and "password" not in name.lower()
    ]


def _size(fields: list[tuple[str, list[str]]]) -> int:
    return sum(len(text.encode(errors="replace")) for name, values in fields for text in (name, *values))


def find_kept(session: SessionBase, *, at: datetime) -> KeptPost | None:
    """Return what is kept, or nothing when its time is over."""
    data: dict[str, Any] | None = session.get(KEY)
    kept = KeptPost(**data) if data else None
    return kept if kept and at < kept.ends_at else None


def forget(session: SessionBase) -> None:
    """Throw away what is kept. allauth's own copy too: else a later reauthentication would still send it."""
    session.pop(KEY, None)
    session.pop(STATE_SESSION_KEY, None)


Words = list[tuple[str, str]]


def typed_words(kept: KeptPost, form: Any) -> tuple[Words, Words]:
    """Return what was typed for people to read: what has a label in the page's form, and the rest."""
    known = {field.html_name: field for field in form} if isinstance(form, BaseForm) else {}
    named, others = [], []
    for name, values in kept.fields:
        field = known.get(name)
        text = ", ".join(_readable(value, field) for value in values if value.strip())
        if text and field and not field.is_hidden:
            named.append((str(field.label), text))
        elif text and name not in NOT_TYPED:
            others.append((name, text))
    return named, others


def _readable(value: str, field: BoundField | None) -> str:
    kind = field.field if field else None
    if isinstance(kind, BooleanField):
        return _("yes")
    if isinstance(kind, ChoiceField):
        choices: Any = kind.choices
        return next((str(label) for key, label in choices if str(key) == value), value)
    if value.startswith('{"blocks":'):  # rich text of the back office
        try:
            return " ".join(block["text"] for block in json.loads(value)["blocks"])
        except (KeyError, TypeError, ValueError):
            return value
    return value
