import inspect
from collections.abc import Iterator

import pytest
from pytest_django import Settings

from newsletters.gateways.mailchimp import (
    MailchimpAudience,
    MailchimpRefused,
    MailchimpUnavailable,
    mailchimp,
    subscriber_hash,
)
from tests.fakes.mailchimp import FakeAudience, MailchimpServer, mailchimp_server

EMAIL = "Noor@Example.be"


@pytest.fixture
def server() -> Iterator[MailchimpServer]:
    with mailchimp_server() as running:
        yield running


@pytest.fixture
def audience(server: MailchimpServer) -> MailchimpAudience:
    return MailchimpAudience("key-us1", "abc123", server.url)


def test_upsert_adds_once_and_never_brings_back_who_left(
    server: MailchimpServer, audience: MailchimpAudience
) -> None:
    audience.upsert_subscriber(email=EMAIL, language="nl")
    audience.upsert_subscriber(email=EMAIL, language="en")
    (member,) = server.members.values()
    assert member == {"email_address": EMAIL, "status": "subscribed", "language": "en"}
    audience.unsubscribe(email=EMAIL)
    audience.upsert_subscriber(email=EMAIL, language="nl")
    assert server.members[subscriber_hash("noor@example.be")]["status"] == "unsubscribed"


def test_unsubscribing_an_unknown_address_is_fine(
    server: MailchimpServer, audience: MailchimpAudience
) -> None:
    audience.unsubscribe(email=EMAIL)
    assert server.members == {}


@pytest.mark.parametrize(
    ("status", "text", "failure"),
    [
        (502, "", MailchimpUnavailable),
        (429, '{"title": "Too Many Requests"}', MailchimpUnavailable),
        (400, '{"title": "Member In Compliance State"}', MailchimpRefused),
        (404, '{"title": "Resource Not Found"}', MailchimpRefused),
    ],
)
def test_failures_say_whether_trying_again_helps(
    server: MailchimpServer, audience: MailchimpAudience, status: int, text: str, failure: type[Exception]
) -> None:
    server.failure = (status, text)
    with pytest.raises(failure, match=str(status)):
        audience.upsert_subscriber(email=EMAIL, language="nl")


def test_no_answer_at_all_is_a_reason_to_try_again() -> None:
    with pytest.raises(MailchimpUnavailable):
        MailchimpAudience("key-us1", "abc", "http://127.0.0.1:9").upsert_subscriber(
            email=EMAIL, language="nl"
        )


def test_without_a_key_there_is_no_audience(settings: Settings) -> None:
    settings.MAILCHIMP_API_KEY = ""
    assert mailchimp() is None
    settings.MAILCHIMP_API_KEY, settings.MAILCHIMP_AUDIENCE_ID = "key-us1", "abc"
    assert mailchimp() == MailchimpAudience("key-us1", "abc", "")


@pytest.mark.parametrize("name", ["upsert_subscriber", "unsubscribe"])
def test_the_fake_has_the_gateways_signatures(name: str) -> None:
    assert inspect.signature(getattr(FakeAudience, name)) == inspect.signature(
        getattr(MailchimpAudience, name)
    )
