"""A newcomer pays without a key: the demo plays Stripe, through the same wire format and signed messages."""

import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer
from wagtail.models import Site

from billing.models import CheckoutAttempt, Invoice, Payment, PaymentMeans
from billing.operations.charges import begin_charges
from billing.operations.checkout import start_checkout
from billing.operations.means import start_setup
from billing.operations.plans import announce_payment, plan_payment
from tests.factories.billing import issue
from tests.html import problems_of
from tests.queue import drain

pytestmark = [
    pytest.mark.django_db(transaction=True),
    # Before the live server, which takes what it finds by then for the database that it serves.
    pytest.mark.usefixtures("django_db_setup"),
]


@pytest.fixture
def demo(settings: Settings, live_server: LiveServer, tmp_path: Any, committed_site: Site) -> Settings:
    settings.DATA_DIR = tmp_path
    settings.SITE_URL = live_server.url
    settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRET = "sk_test_demo", "whsec_demo"
    settings.STRIPE_API_BASE = f"{live_server.url}/demo/stripe"
    return settings


def visit() -> tuple[Invoice, CheckoutAttempt, str]:
    invoice = issue(at=timezone.now())
    attempt = start_checkout(invoice=invoice, return_url="http://testserver/nl/", at=timezone.now())
    return invoice, attempt, f"/demo/stripe/pay/{attempt.session_id}/"


def state(invoice: Invoice, attempt: CheckoutAttempt) -> tuple[str, str]:
    drain()
    invoice.refresh_from_db()
    attempt.refresh_from_db()
    return invoice.status, attempt.status


def test_paid_by_card(demo: Settings, client: Client) -> None:
    invoice, attempt, page = visit()
    assert attempt.url == f"{demo.SITE_URL}{page}"
    shown = client.get(page).content.decode()
    assert problems_of(shown) == []
    assert "1.210,00\N{NO-BREAK SPACE}euro" in shown
    assert "Dit is een demo" in shown
    assert client.post(page, {"choice": "card"})["Location"] == "http://testserver/nl/?paid=1"
    assert state(invoice, attempt) == ("paid", "paid")
    client.post(page, {"choice": "card"})
    drain()
    assert Payment.objects.count() == 1


def test_a_refused_card_stays_on_the_page_and_another_pays(demo: Settings, client: Client) -> None:
    invoice, attempt, page = visit()
    shown = client.post(page, {"choice": "card-refused"}, follow=True).content.decode()
    assert problems_of(shown) == []
    assert "Deze kaart werd geweigerd" in shown
    assert "Deze kaart werd geweigerd" not in client.get(page).content.decode()
    assert state(invoice, attempt) == ("issued", "open")
    client.post(page, {"choice": "card"})
    assert state(invoice, attempt) == ("paid", "paid")
    assert Payment.objects.get().amount == invoice.gross


@pytest.mark.parametrize(
    ("bank", "outcome"), [("confirm", ("paid", "paid")), ("refuse", ("issued", "failed"))]
)
def test_a_direct_debit_waits_for_the_bank(
    demo: Settings, client: Client, bank: str, outcome: tuple[str, str]
) -> None:
    invoice, attempt, page = visit()
    client.post(page, {"choice": "debit"})
    assert state(invoice, attempt) == ("issued", "pending")
    assert "De bank betaalt" in client.get(page).content.decode()
    client.post(page, {"choice": bank})
    assert state(invoice, attempt) == outcome


def test_going_back_pays_nothing_and_nonsense_does_nothing(demo: Settings, client: Client) -> None:
    invoice, attempt, page = visit()
    assert client.post(page, {"choice": "cancel"})["Location"] == "http://testserver/nl/?stopped=1"
    assert client.post(page, {"choice": "confirm"}).status_code == 302
    assert client.post(page, {}).status_code == 302
    assert state(invoice, attempt) == ("issued", "open")
    for unknown in ("cs_test_x", "..%2F..%2Fdb", "x" * 300):
        assert client.get(f"/demo/stripe/pay/{unknown}/", follow=True).status_code == 404


@pytest.mark.parametrize(
    ("choice", "outcome"),
    [
        *(("card", "paid"), ("debit", "paid")),
        *(("card-refused-later", "planned"), ("debit-refused-later", "planned")),
    ],
)
def test_what_is_saved_on_the_page_is_charged_later_and_told(
    demo: Settings, client: Client, choice: str, outcome: str
) -> None:
    invoice, now = issue(at=timezone.now()), timezone.now()
    url = start_setup(customer=invoice.customer, return_url="http://testserver/nl/", at=now, by=None)
    page = url.removeprefix(demo.SITE_URL)
    shown = client.get(page).content.decode()
    assert problems_of(shown) == []
    assert "Een kaart of domiciliëring bewaren" in shown
    assert client.post(page, {"choice": choice})["Location"] == "http://testserver/nl/?saved=1"
    drain()
    plan = plan_payment(invoice=invoice, at=now, by=None)
    assert plan
    plan = announce_payment(plan=plan, at=now)
    begin_charges(now + timedelta(days=30))
    drain()
    plan.refresh_from_db()
    assert plan.status == outcome


def test_bancontact_pays_and_saves_nothing(demo: Settings, client: Client) -> None:
    invoice = issue(at=timezone.now())
    attempt = start_checkout(
        invoice=invoice, return_url="http://testserver/nl/", at=timezone.now(), saves_means=True
    )
    page = f"/demo/stripe/pay/{attempt.session_id}/"
    assert problems_of(client.get(page).content.decode()) == []
    client.post(page, {"choice": "bancontact"})
    assert state(invoice, attempt) == ("paid", "paid")
    assert not PaymentMeans.objects.exists()


def test_the_api_refuses_a_wrong_key(demo: Settings, client: Client) -> None:
    body = urlencode({"mode": "payment"})
    kind = "application/x-www-form-urlencoded"
    answer = client.post("/demo/stripe/v1/checkout/sessions", body, content_type=kind)
    assert answer.status_code == 401
    assert json.loads(answer.content)["error"]["type"] == "invalid_request_error"
