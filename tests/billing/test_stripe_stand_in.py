"""The stand-in for Stripe as a process of its own: strict over HTTP, a page to pay on, and signed news."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import monotonic, sleep
from typing import Any

import pytest
import requests
import stripe
from stripe import Customer, PaymentIntent, PaymentMethod, Refund
from stripe.checkout import Session

from tests.fakes.loopback import running
from tests.fakes.stripe_api import KEY, SECRET, StripeServer, stripe_process, stripe_server

SESSION = {
    "mode": "payment",
    "line_items[0][price_data][currency]": "eur",
    "line_items[0][price_data][unit_amount]": "121000",
    "line_items[0][price_data][product_data][name]": "Factuur 2026-00001",
    "line_items[0][quantity]": "1",
    "payment_intent_data[metadata][invoice]": "1",
    "metadata[invoice]": "1",
    "locale": "nl",
    "success_url": "http://localhost/ok?paid=1",
    "cancel_url": "http://localhost/ok?stopped=1",
}
CARD, REFUSED_CARD = "4242 4242 4242 4242", "4000000000000002"
ACCOUNT, REFUSED_ACCOUNT = "BE62510007547061", "BE68539007547034"


class Listener(ThreadingHTTPServer):
    """The platform's side: takes what is told, refusing the first so many messages."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Heard)
        self.heard: list[stripe.Event] = []
        self.refuses = 0

    def wait_for(self, *kinds: str) -> list[str]:
        """Wait until so many were told, and return what was told, sorted."""
        deadline = monotonic() + 20
        while len(self.heard) < len(kinds) and monotonic() < deadline:
            sleep(0.02)
        return sorted(event.type for event in self.heard)


class _Heard(BaseHTTPRequestHandler):
    server: Listener

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.refuses -= 1
        is_taken = self.server.refuses < 0
        if is_taken:
            signature = self.headers["Stripe-Signature"]
            self.server.heard.append(stripe.Webhook.construct_event(body, signature, SECRET))
        self.send_response(200 if is_taken else 503)
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        """Keep the test's output quiet."""


@pytest.fixture
def listener() -> Iterator[Listener]:
    with running(Listener()) as server:
        yield server


@pytest.fixture
def server(listener: Listener) -> Iterator[StripeServer]:
    with stripe_server() as started:
        started.webhook_url = f"http://127.0.0.1:{listener.server_address[1]}/"
        yield started


def ask(
    base: str, path: str, sent: dict[str, str] | None = None, *, method: str = "POST", **headers: str
) -> tuple[int, Any]:
    """Ask the API as the SDK does, without its help; headers by their names with low lines."""
    with_key = {"Authorization": f"Bearer {KEY}", "Stripe-Version": stripe.api_version}
    extra = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = requests.request(method, f"{base}{path}", data=sent, headers=with_key | extra, timeout=10)
    return answer.status_code, answer.json()


def open_session(server: StripeServer, **other: str) -> dict[str, Any]:
    status, customer = ask(server.url, "/v1/customers", {"name": "Proefbedrijf", "email": "a@demo.example"})
    assert status == 200
    status, session = ask(server.url, "/v1/checkout/sessions", SESSION | {"customer": customer["id"]} | other)
    assert status == 200, session
    return dict(session)


def press(session: dict[str, Any], **typed: str) -> requests.Response:
    """Press the button on the page to pay on."""
    return requests.post(session["url"], typed, timeout=10, allow_redirects=False)


def now(server: StripeServer, thing: dict[str, Any]) -> dict[str, Any]:
    return dict(ask(server.url, f"/v1/checkout/sessions/{thing['id']}", method="GET")[1])


def charges(server: StripeServer, session: dict[str, Any]) -> list[tuple[str, int]]:
    path = f"/v1/payment_intents?customer={session['customer']}"
    return [(pi["status"], pi["amount"]) for pi in ask(server.url, path, method="GET")[1]["data"]]


def test_who_asks_wrongly_is_refused_with_the_reason(server: StripeServer) -> None:
    base, sessions = server.url, "/v1/checkout/sessions"
    missing = {name: value for name, value in SESSION.items() if "currency" not in name}
    wrong: list[tuple[tuple[int, Any], int, str]] = [
        (ask(base, sessions, SESSION, Authorization="Bearer sk_test_other"), 401, "Invalid API Key"),
        (ask(base, sessions, SESSION, Stripe_Version="2020-01-01"), 400, "API version"),
        (ask(base, sessions, SESSION, Content_Type="application/json"), 400, "content type"),
        (ask(base, sessions, SESSION | {"payment_method_types[0]": "card"}), 400, "unknown parameter"),
        (ask(base, sessions, SESSION | {"api_key": "x"}), 400, "unknown parameter: api_key"),
        (ask(base, sessions, SESSION | {"line_items[0][quantity]": "one"}), 400, "integer"),
        (ask(base, sessions, SESSION | {"mode": "paying"}), 400, "must be one of"),
        (ask(base, sessions, missing), 400, "currency] is missing"),
        (ask(base, sessions, SESSION | {"success_url": "ok"}), 400, "not a valid URL"),
        (ask(base, sessions, SESSION | {"metadata[x]": "y" * 501}), 400, "up to 500 characters"),
        (ask(base, sessions, SESSION | {"customer": "cus_unknown"}), 404, "No such customer"),
        (
            ask(base, sessions, SESSION | {"line_items[0][price_data][unit_amount]": "100000000"}),
            400,
            "at most 99999999",
        ),
        (ask(base, "/v1/payment_intents?limt=1", method="GET"), 400, "unknown parameter"),
        (ask(base, "/v1/payment_intents?limit=101", method="GET"), 400, "1 to 100"),
        (ask(base, "/v1/charges", method="GET"), 404, "Unrecognized request URL"),
    ]
    for (status, answer), expected, words in wrong:
        assert (status, words in answer["error"]["message"]) == (expected, True), answer
    assert not [name for name in server.account.kept if name.startswith("cs_")]


def test_a_key_gives_one_answer_and_no_other_request(server: StripeServer) -> None:
    path = "/v1/checkout/sessions"
    first = ask(server.url, path, SESSION, Idempotency_Key="a")
    ask(server.url, f"{path}/{first[1]['id']}/expire", {})
    assert ask(server.url, path, SESSION, Idempotency_Key="a") == first, "the answer of then, not of now"
    status, answer = ask(server.url, path, SESSION | {"locale": "en"}, Idempotency_Key="a")
    assert (status, answer["error"]["type"]) == (400, "idempotency_error")
    status, answer = ask(server.url, "/v1/customers", {"name": "x"}, Idempotency_Key="a")
    assert (status, answer["error"]["type"]) == (400, "idempotency_error")
    assert ask(server.url, path, SESSION | {"mode": "x"}, Idempotency_Key="b")[0] == 400
    assert ask(server.url, path, SESSION, Idempotency_Key="b")[0] == 200, "what was wrong is not kept"
    assert ask(server.url, path, SESSION, Idempotency_Key="c" * 256)[0] == 400


def test_a_refused_card_leaves_the_payer_on_the_page_and_another_means_pays(
    server: StripeServer, listener: Listener
) -> None:
    session = open_session(server)
    assert "121" in requests.get(session["url"], timeout=10).text
    page = press(session, means="card", cardNumber=REFUSED_CARD)
    assert (page.status_code, "Uw kaart werd geweigerd" in page.text) == (200, True)
    assert "ongeldig" in press(session, means="card", cardNumber="4242 4242 4242 4243").text
    assert listener.wait_for("one") == ["payment_intent.payment_failed"]
    assert (now(server, session)["status"], charges(server, session)) == (
        "open",
        [("requires_payment_method", 121_000)],
    )
    gone = press(session, means="bancontact")
    assert (gone.status_code, gone.headers["Location"]) == (303, session["success_url"])
    assert listener.wait_for("one", "two", "three") == [
        "checkout.session.completed",
        "payment_intent.payment_failed",
        "payment_intent.succeeded",
    ]
    assert press(session, means="card", cardNumber=CARD).status_code == 200, "it says that it is done"
    assert charges(server, session) == [("succeeded", 121_000)]
    assert now(server, session)["payment_status"] == "paid"


def test_on_a_page_that_expired_nothing_is_paid(server: StripeServer, listener: Listener) -> None:
    session = open_session(server, locale="en")
    assert ask(server.url, f"/v1/checkout/sessions/{session['id']}/expire", {})[1]["status"] == "expired"
    page = press(session, means="card", cardNumber=CARD)
    assert (page.status_code, "This page has expired" in page.text) == (200, True)
    assert session["cancel_url"] in page.text
    assert listener.wait_for("one") == ["checkout.session.expired"]
    late = open_session(server)
    server.account.kept[late["id"]]["expires_at"] = 1
    assert "verlopen" in requests.get(late["url"], timeout=10).text
    assert listener.wait_for("one", "two") == ["checkout.session.expired"] * 2
    assert charges(server, session) == charges(server, late) == []


@pytest.mark.parametrize(
    ("account", "news", "state"),
    [(ACCOUNT, "succeeded", "paid"), (REFUSED_ACCOUNT, "failed", "unpaid")],
)
def test_the_bank_pays_a_debit_or_refuses_it_later(
    server: StripeServer, listener: Listener, account: str, news: str, state: str
) -> None:
    session = open_session(server)
    assert "ongeldig" in press(session, means="sepa_debit", iban="BE00").text
    assert press(session, means="sepa_debit", iban=account).status_code == 303
    told = listener.wait_for("one", "two", "three", "four")
    assert f"checkout.session.async_payment_{news}" in told
    assert {"checkout.session.completed", "payment_intent.processing"} < set(told)
    assert now(server, session)["payment_status"] == state


def test_what_is_not_taken_is_told_again(server: StripeServer, listener: Listener) -> None:
    listener.refuses = 2
    press(open_session(server), means="card", cardNumber=CARD)
    assert listener.wait_for("one", "two") == ["checkout.session.completed", "payment_intent.succeeded"]


def test_answers_have_only_names_that_the_sdk_knows(server: StripeServer) -> None:
    session = open_session(server)
    press(session, means="card", cardNumber=CARD)
    session = now(server, session)
    intent = ask(server.url, f"/v1/payment_intents/{session['payment_intent']}", method="GET")[1]
    answers: dict[type, Any] = {
        Session: session,
        PaymentIntent: intent,
        PaymentMethod: ask(server.url, f"/v1/payment_methods/{intent['payment_method']}", method="GET")[1],
        Refund: ask(server.url, "/v1/refunds", {"payment_intent": intent["id"], "amount": "1000"})[1],
        Customer: ask(server.url, f"/v1/customers/{session['customer']}", {"name": "Anders"})[1],
    }
    for kind, answer in answers.items():
        assert sorted(set(answer) - set(kind.__annotations__)) == [], json.dumps(answer)


def test_it_runs_as_a_process_of_its_own(listener: Listener) -> None:
    with stripe_process(f"http://127.0.0.1:{listener.server_address[1]}/") as settings:
        assert settings["STRIPE_SECRET_KEY"] == KEY
        base = settings["STRIPE_API_BASE"]
        status, session = ask(base, "/v1/checkout/sessions", SESSION)
        assert status == 200
        assert press(session, means="card", cardNumber=CARD).status_code == 303
        assert listener.wait_for("one", "two") == ["checkout.session.completed", "payment_intent.succeeded"]
    with pytest.raises(requests.ConnectionError):
        ask(base, "/v1/customers", {})
