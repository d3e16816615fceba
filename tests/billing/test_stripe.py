"""The gateway against a Stripe on the loopback."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_django import Settings

from billing.gateways.stripe import (
    CheckoutRequest,
    CustomerDetails,
    Forged,
    StripeAccount,
    StripeRefused,
    StripeUnavailable,
    connect,
)
from demo.stand_in.stripe_account import WireError, parse_form
from tests.fakes.stripe_api import KEY, SECRET, StripeServer, check_parameters, stripe_server


@pytest.fixture
def server() -> Iterator[StripeServer]:
    with stripe_server() as running:
        yield running


@pytest.fixture
def account(server: StripeServer) -> StripeAccount:
    return StripeAccount(KEY, SECRET, server.url)


def request(**fields: Any) -> CheckoutRequest:
    return CheckoutRequest(
        **{
            "amount": 121_000,
            "description": "Factuur 2026-00001",
            "client_reference_id": "2026-00001",
            "metadata": {"invoice": "1", "attempt": "1"},
            "customer": "cus_1",
            "locale": "nl",
            "success_url": "http://testserver/ok",
            "cancel_url": "http://testserver/",
            "expires_at": datetime.now(UTC) + timedelta(hours=1),
            **fields,
        }
    )


def a_customer(account: StripeAccount, key: str = "customer-1", **fields: str) -> str:
    details = CustomerDetails(
        **{"name": "Proefbedrijf", "email": "a@proefbedrijf.example", "locale": "nl", **fields}
    )
    return account.create_customer(details=details, metadata={"customer": "1"}, idempotency_key=key)


def test_a_customer_is_made_once_and_told_of_anew(account: StripeAccount, server: StripeServer) -> None:
    number = a_customer(account)
    assert a_customer(account) == number != a_customer(account, "customer-2")
    details = CustomerDetails(name="Anders", email="b@proefbedrijf.example", locale="en")
    account.update_customer(customer_id=number, details=details)
    kept = server.account.kept[number]
    assert (kept["name"], kept["email"], kept["preferred_locales"]) == ("Anders", details.email, ["en"])
    assert kept["metadata"] == {"customer": "1"}
    with pytest.raises(StripeRefused) as refused:
        account.update_customer(customer_id="cus_unknown", details=details)
    assert refused.value.code == "resource_missing"


def test_a_session_is_made_once_for_a_key_and_can_be_closed(
    account: StripeAccount, server: StripeServer
) -> None:
    asked = request(customer=a_customer(account))
    session = account.create_checkout(request=asked, idempotency_key="invoice-1-attempt-1")
    assert account.create_checkout(request=asked, idempotency_key="invoice-1-attempt-1") == session
    assert account.create_checkout(request=asked, idempotency_key="invoice-1-attempt-2") != session
    assert (session.status, session.payment_status) == ("open", "unpaid")
    assert session.url == f"{server.url}/pay/{session.id}"
    assert account.expire_checkout(session_id=session.id).status == "expired"
    assert account.retrieve_checkout(session_id=session.id).url == ""
    with pytest.raises(StripeRefused):
        account.expire_checkout(session_id=session.id)


def test_what_is_sent_is_what_stripe_gets(account: StripeAccount, server: StripeServer) -> None:
    account.create_checkout(request=request(customer=a_customer(account)), idempotency_key="k")
    _method, _path, headers, body = server.requests[-1]
    sent = parse_form(body)
    assert sent["line_items"] == [
        {
            "price_data": {
                "currency": "eur",
                "unit_amount": "121000",
                "product_data": {"name": "Factuur 2026-00001"},
            },
            "quantity": "1",
        }
    ]
    assert sent["payment_intent_data"]["metadata"] == sent["metadata"] == {"invoice": "1", "attempt": "1"}
    assert headers["idempotency-key"] == "k"
    assert headers["stripe-version"] == "2026-10-28.endive"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"payment_method_types": ["card"]}, "unknown parameter"),
        ({"line_items": [{"price_data": {"unit_amount": "1"}}]}, "currency.* missing"),
        ({"locale": "nl-BE"}, "must be one of"),
        ({"expires_at": "soon"}, "integer"),
        ({"ui_mode": "hosted"}, "must be one of"),
        ({"metadata": "x"}, "mapping"),
        ({"mode": {"a": "b"}}, "must be one of"),
    ],
)
def test_the_stand_in_refuses_what_the_sdk_does_not_know(wrong: dict[str, Any], message: str) -> None:
    fine = {"mode": "payment", "locale": "nl", "metadata": {"a": "b"}, "expires_at": "1"}
    check_parameters("session", fine)
    with pytest.raises(WireError, match=message):
        check_parameters("session", fine | wrong)


@pytest.mark.parametrize(
    ("status", "failure"),
    [(500, StripeUnavailable), (429, StripeUnavailable), (402, StripeRefused), (401, StripeRefused)],
)
def test_failures_say_whether_trying_again_helps(
    account: StripeAccount, server: StripeServer, status: int, failure: type[Exception]
) -> None:
    server.failure = status
    with pytest.raises(failure):
        account.retrieve_checkout(session_id="cs_test_1")


def test_nobody_answers() -> None:
    with pytest.raises(StripeUnavailable):
        StripeAccount(KEY, SECRET, "http://127.0.0.1:9").retrieve_checkout(session_id="cs_test_1")


def test_only_a_fresh_signature_over_this_body_is_believed(
    account: StripeAccount, server: StripeServer
) -> None:
    body, signature = server.account.sign(server.account.event("customer.created", {"id": "cus_1"}))
    assert account.read_event(body=body, signature=signature)["type"] == "customer.created"
    not_an_event, signed = server.account.sign({"object": "event"})
    server.account.now = lambda: datetime.now(UTC).timestamp() - 3600
    old, old_signature = server.account.sign(json.loads(body))
    for wrong_body, wrong_signature in (
        (body + b" ", signature),
        (body, ""),
        (body, "t=1,v1=00"),
        (old, old_signature),
        (not_an_event, signed),
        (b"\xff", signature),
    ):
        with pytest.raises(Forged):
            account.read_event(body=wrong_body, signature=wrong_signature)


def test_without_both_keys_there_is_no_account(settings: Settings) -> None:
    settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRET = KEY, SECRET
    assert connect() == StripeAccount(KEY, SECRET, "https://api.stripe.com")
    settings.STRIPE_WEBHOOK_SECRET = ""
    assert connect() is None
