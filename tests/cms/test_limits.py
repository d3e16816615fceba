"""How often somebody may try."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django import forms
from django.db import connection
from django.test import RequestFactory
from django.utils.translation import override
from pytest_django import Settings

from cms.limits import Limit, TooManyAttempts, client_ip, consume, forget_attempts, network_of, within_limits
from cms.models import Attempt

NOW = datetime(2026, 11, 23, 12, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)


def attempts(number: int, key: str = "a@example.org", at: datetime = NOW, scope: str = "try") -> int:
    """Try a number of times with a limit of three; return how often it was allowed."""
    allowed = 0
    for _ in range(number):
        try:
            consume(Limit(scope, key, most=3), period=HOUR, at=at)
        except TooManyAttempts:
            continue
        allowed += 1
    return allowed


def test_the_limit_counts_per_source_scope_and_span(db: None) -> None:
    assert attempts(5) == 3
    assert attempts(1, key=" A@Example.org ") == 0
    assert attempts(5, key="b@example.org") == 3
    assert attempts(5, scope="other") == 3
    assert Attempt.objects.count() == 3
    with pytest.raises(TooManyAttempts) as refusal:
        consume(Limit("try", "a@example.org", most=3), period=HOUR, at=NOW)
    assert refusal.value.retry_at == NOW.replace(minute=0) + HOUR
    consume(Limit("try", "a@example.org", most=3), period=HOUR, at=refusal.value.retry_at)


def test_the_first_limit_that_is_reached_refuses(db: None) -> None:
    def attempt(address: str) -> None:
        consume(Limit("ip", "127.0.0.1", 3), Limit("address", address, 1), period=HOUR, at=NOW)

    attempt("a@example.org")
    with pytest.raises(TooManyAttempts):
        attempt("a@example.org")
    attempt("b@example.org")
    with pytest.raises(TooManyAttempts):
        attempt("c@example.org")


def test_no_source_is_stored_in_the_clear(db: None) -> None:
    attempts(1)
    assert "example" not in str(list(Attempt.objects.values_list()))


def test_spans_that_are_over_are_forgotten(db: None) -> None:
    attempts(1)
    assert forget_attempts(NOW) == 0
    assert forget_attempts(NOW + HOUR) == 1


def test_attempts_at_the_same_time_never_pass_the_limit(transactional_db: None) -> None:
    def one(_number: int) -> int:
        try:
            return attempts(2)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(one, range(12))) == 3


class TryForm(forms.Form):
    name = forms.CharField()
    allowed: bool


def test_a_limited_form_keeps_what_was_typed_and_says_until_when(db: None, rf: RequestFactory) -> None:
    def tried(ip: str, address: str = "") -> TryForm:
        form = TryForm({"name": "An"})
        assert form.is_valid()
        request = rf.post("/", REMOTE_ADDR=ip)
        form.allowed = within_limits(
            form, request, scope="form", at=NOW, address=address, per_address=1, per_ip=2
        )
        return form

    with override("en"):
        assert tried("192.0.2.1", "a@example.org").allowed
        again = tried("192.0.2.2", "a@example.org")
        assert not again.allowed
        assert "after 14:00" in str(again.non_field_errors())  # 13:00 UTC in Brussels
        assert again["name"].value() == "An"
        assert tried("192.0.2.1").allowed
        assert not tried("192.0.2.1").allowed


@pytest.mark.parametrize(
    ("trusted", "count", "forwarded", "expected"),
    [
        (False, 1, "1.1.1.1", "9.9.9.9"),
        (True, 1, "1.1.1.1, 2.2.2.2", "2.2.2.2"),
        (True, 2, "1.1.1.1, 2.2.2.2, 3.3.3.3", "2.2.2.2"),
        (True, 2, "3.3.3.3", "9.9.9.9"),
        (True, 1, "", "9.9.9.9"),
    ],
)
def test_only_trusted_proxies_are_believed(
    settings: Settings, rf: RequestFactory, trusted: bool, count: int, forwarded: str, expected: str
) -> None:
    settings.TRUST_PROXY_HEADERS, settings.TRUSTED_PROXY_COUNT = trusted, count
    request = rf.get("/", REMOTE_ADDR="9.9.9.9", HTTP_X_FORWARDED_FOR=forwarded)
    assert client_ip(request) == expected


def test_an_ipv6_subscriber_is_one_source() -> None:
    assert network_of("2001:db8::1") == network_of("2001:db8::2:3") != network_of("2001:db8:0:1::1")
    assert network_of("192.0.2.1") == "192.0.2.1"
    assert network_of("no address") == "no address"
