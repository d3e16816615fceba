"""Private links: one purpose, one target, closed without a reason given, and a token in no log."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import URLResolver, get_resolver
from django.utils import timezone, translation

from cms.logfilter import HideTokens
from cms.models import PrivateLink
from cms.operations.links import LinkClosed, create_link, prune_links, resolve_link, revoke_links
from cms.views.errors import not_found
from cms.views.links import PrivateLinkView

pytestmark = pytest.mark.django_db

AT = datetime(2026, 3, 5, 10, 0, tzinfo=UTC)


@pytest.fixture
def group() -> Group:
    return Group.objects.create(name="a target")


def test_a_link_opens_its_target_for_its_purpose_until_it_expires_or_is_revoked(group: Group) -> None:
    token = create_link(target=group, purpose="change", at=AT, expires_at=AT + timedelta(days=2))
    assert resolve_link(token=token, purpose="change", at=AT).opens(group)
    closed: list[tuple[str, str, datetime]] = [
        (token, "cancel", AT),
        (token[:-1], "change", AT),
        ("", "change", AT),
        ("\0 \ud800 é" * 500, "change", AT),
        (token, "change", AT + timedelta(days=2)),
    ]
    for wrong, purpose, at in closed:
        with CaptureQueriesContext(connection) as queries, pytest.raises(LinkClosed):
            resolve_link(token=wrong, purpose=purpose, at=at)
        assert len(queries) == 1
    assert revoke_links(target=group, purpose="change", at=AT) == 1
    with pytest.raises(LinkClosed):
        resolve_link(token=token, purpose="change", at=AT)


def test_a_token_has_128_bits_and_is_kept_nowhere(group: Group) -> None:
    tokens = {create_link(target=group, purpose="change", at=AT) for _time in range(50)}
    assert len(tokens) == 50
    assert all(len(token) == 22 for token in tokens)
    kept = str(list(PrivateLink.objects.values_list("token_hash", "purpose", "object_id")))
    assert not any(token in kept for token in tokens)


def test_a_link_whose_target_is_gone_is_closed(group: Group) -> None:
    token = create_link(target=group, purpose="change", at=AT)
    group.delete()
    with pytest.raises(LinkClosed):
        resolve_link(token=token, purpose="change", at=AT)


def test_a_view_may_serve_several_purposes_and_close_them_together(group: Group) -> None:
    tokens = [create_link(target=group, purpose=purpose, at=AT) for purpose in ("look", "pay", "other")]
    opened = [resolve_link(token=token, purpose=("look", "pay"), at=AT).purpose for token in tokens[:2]]
    assert opened == ["look", "pay"]
    with pytest.raises(LinkClosed):
        resolve_link(token=tokens[2], purpose=("look", "pay"), at=AT)
    assert revoke_links(target=group, purpose=("look", "pay"), at=AT) == 2
    for token in tokens[:2]:
        with pytest.raises(LinkClosed):
            resolve_link(token=token, purpose=("look", "pay"), at=AT)
    assert resolve_link(token=tokens[2], purpose="other", at=AT).opens(group)


def test_closed_links_are_pruned_and_open_ones_stay(group: Group) -> None:
    create_link(target=group, purpose="old", at=AT, expires_at=AT + timedelta(days=1))
    create_link(target=group, purpose="open", at=AT)
    assert prune_links(AT) == 0
    assert prune_links(AT + timedelta(days=1)) == 1
    assert PrivateLink.objects.get().purpose == "open"


class GroupView(PrivateLinkView):
    purpose = "change"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        assert "token" not in kwargs
        return HttpResponse(str(self.link.target))


def test_a_view_shows_to_whom_holds_the_token_and_nothing_keeps_it(group: Group) -> None:
    token = create_link(target=group, purpose="change", at=timezone.now())
    view = GroupView.as_view()
    answer: Any = view(RequestFactory().get("/"), token=token)
    assert answer.content == b"a target"
    assert "no-store" in answer["Cache-Control"]
    assert "noindex" in answer["X-Robots-Tag"]
    assert answer["Referrer-Policy"] == "no-referrer"
    with pytest.raises(Http404):
        view(RequestFactory().get("/"), token=token + "x")


def test_a_view_closes_what_its_target_does_not_allow_any_more_and_says_where_to_log_in(group: Group) -> None:
    class ClosedView(GroupView):
        log_in_to = "account"

        def may_open(self) -> bool:
            return str(self.link.target) != "closed"

    token = create_link(target=group, purpose="change", at=timezone.now())
    request = RequestFactory().get("/nl/l/x/")
    assert ClosedView.as_view()(request, token=token).status_code == 200
    Group.objects.filter(pk=group.pk).update(name="closed")
    for wrong in (token, token + "x"):
        with pytest.raises(Http404) as refused:
            ClosedView.as_view()(request, token=wrong)
        page = not_found(request, refused.value).content.decode()
        assert "next=%2Fnl%2Faccount%2F" in page
        assert token not in page


@pytest.mark.parametrize(
    ("message", "arguments"),
    [
        ("Not Found: %s", ("/nl/events/l/kL2mN4pQ6rS8tU0vW2xY4z/cancel/",)),
        ('"GET /en/l/kL2mN4pQ6rS8tU0vW2xY4z?x=1 HTTP/1.1" 404', ()),
        ("/nl/account/login/?next=%2Fnl%2Fmijn-organisatie%2Fl%2FkL2mN4pQ6rS8tU0vW2xY4z%2F", ()),
        ("/webhooks/mailchimp/kL2mN4pQ6rS8tU0vW2xY4z/", ()),
        ("/nl/account/password/reset/key/kL2mN4pQ6rS8tU0vW2xY4z/", ()),
    ],
)
def test_no_token_stands_in_a_log(message: str, arguments: tuple[str, ...]) -> None:
    try:
        raise ValueError("/nl/l/kL2mN4pQ6rS8tU0vW2xY4z/")
    except ValueError as error:
        information = (ValueError, error, error.__traceback__)
    record = logging.LogRecord("x", logging.INFO, __file__, 1, message, arguments, information)
    assert HideTokens().filter(record)
    line = logging.Formatter("%(message)s").format(record)
    assert "kL2mN" not in line.replace('raise ValueError("/nl/l/kL2mN4pQ6rS8tU0vW2xY4z/")', "")
    assert "[private]" in line


def addresses(patterns: list[Any], before: str = "") -> Iterator[str]:
    """Every address of the site."""
    for pattern in patterns:
        address = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, address)
        else:
            yield address


def test_every_address_with_a_token_is_known_to_the_log_and_closed_to_a_wrong_one(client: Client) -> None:
    with translation.override("nl"):
        known = [address for address in addresses(get_resolver().url_patterns) if "token>" in address]
    # Wagtail's own password reset is closed.
    private = [address for address in known if not address.startswith("admin/password_reset/")]
    assert len(private) >= 4
    for address in private:
        assert "/l/<str:token>/" in address, address
        assert client.get(f"/{address.replace('<str:token>', 'A' * 22)}").status_code == 404, address
