"""Who joins can save what the first term is paid with, on the page where it is paid."""

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from billing.models import CheckoutAttempt, Invoice, PaymentMeans
from billing.operations.delivery import private_url
from billing.queries import active_means
from cms.models import OutgoingMail
from membership.models import Lifecycle, Membership
from tests.billing.paying import tell
from tests.factories.billing import fill_in_issuer
from tests.fakes.stripe_api import KEY, SECRET, StripeServer, stripe_server
from tests.membership.life import join
from tests.queue import drain

pytestmark = pytest.mark.django_db
OWN = {"origin": "http://testserver", "sec-fetch-site": "same-origin"}


@pytest.fixture
def stripe(settings: Settings) -> Iterator[StripeServer]:
    fill_in_issuer()
    with stripe_server() as server:
        settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRET = KEY, SECRET
        settings.STRIPE_API_BASE = server.url
        yield server


def page_of(document: Invoice) -> str:
    address = private_url(invoice=document, at=timezone.now())
    return address[address.index("/nl/") :]


@pytest.mark.parametrize("asks_first", [False, True], ids=["invoice", "pro forma"])
def test_who_joins_saves_the_card_by_a_tick_on_the_first_pay_page(
    stripe: StripeServer, client: Client, asks_first: bool
) -> None:
    Lifecycle.objects.update_or_create(defaults={"asks_payment_first": asks_first})
    membership = join(timezone.localdate())
    document = Invoice.documents.get()
    assert document.is_pro_forma == asks_first
    page = page_of(document)
    shown = client.get(page).content.decode()
    assert 'name="saves_means"' in shown
    assert ("Factuur online betalen" in shown) == (not asks_first)
    [action] = re.findall(rf'action="({page}[^"]+)"', shown)
    assert client.post(action, {"saves_means": "on"}, headers=OWN).status_code == 302
    attempt = CheckoutAttempt.objects.get()
    assert attempt.saves_means
    for event in stripe.account.complete(attempt.session_id or "", kind="card"):
        tell(stripe, event)
    drain()
    membership = Membership.objects.get(pk=membership.pk)
    customer = membership.organisation.customer
    assert membership.status == "active"
    assert customer
    assert active_means(customer) == PaymentMeans.objects.get()
    assert "noor@lantaarnwerk.example" in OutgoingMail.objects.values_list("recipient", flat=True)
    assert 'name="saves_means"' not in client.get(page, follow=True).content.decode()


def test_a_closed_application_saves_nothing(stripe: StripeServer, client: Client) -> None:
    membership = join(timezone.localdate())
    page = page_of(Invoice.objects.get())
    assert 'name="saves_means"' in client.get(page).content.decode()
    Membership.objects.filter(pk=membership.pk).update(status="closed")
    assert 'name="saves_means"' not in client.get(page).content.decode()
