"""A held application whose payment is taken back: pages, mails and the clock tell what is open."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from billing.models import Invoice
from cms.models import OutgoingMail
from home.models import HomePage
from membership.models import Membership, Organisation
from membership.queries import is_held
from tests.billing.paying import pay_online
from tests.desk import confirm, many, words_of
from tests.factories.billing import fill_in_issuer
from tests.fakes.stripe_api import KEY, SECRET, StripeServer, stripe_server
from tests.membership.life import join, live, mails, pay_invoice
from tests.membership.linked import HERE, page
from tests.membership.test_application_links import link_to
from tests.membership.test_reopened import hear
from tests.membership.test_viewsets import staff
from tests.queue import drain

pytestmark = pytest.mark.django_db
OPEN = "1.210,00\N{NO-BREAK SPACE}euro"


@pytest.fixture
def held(settings: Settings, home: HomePage) -> Iterator[Membership]:
    """An application with a number that became another's, paid online; the bank took the money back."""
    fill_in_issuer()
    with stripe_server() as server:
        settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRET = KEY, SECRET
        settings.STRIPE_API_BASE = server.url
        membership = join(timezone.localdate())
        other = Organisation.objects.create(
            name="Lantaarnwerk", enterprise_number="0999101384", is_confirmed=True
        )
        Membership.objects.create(
            organisation=other, tier=membership.tier, applied_at=timezone.now(), status="awaiting_payment"
        )
        pay_online(server, Invoice.objects.get())
        membership.refresh_from_db()
        assert is_held(membership)
        take_back(server)
        membership.refresh_from_db()
        yield membership


def take_back(server: StripeServer) -> None:
    """Let the payer's bank take the money back, after the day to pay."""
    session = Invoice.objects.get().checkout_attempts.get().session_id or ""
    hear(server.account.dispute(session), days=45)
    drain()


def put_number_right(membership: Membership) -> None:
    Organisation.objects.filter(pk=membership.organisation_id).update(enterprise_number="0999888767")


def test_who_applied_and_staff_read_what_is_open(held: Membership) -> None:
    assert (held.status, is_held(held)) == ("applied", False)
    shown = page(Client(), link_to(held))
    assert "Uw betaling werd teruggevorderd" in shown
    assert OPEN in shown
    assert "We hebben uw betaling ontvangen" not in shown
    treasurer = staff("finance")
    inspected = words_of(treasurer.get(f"/admin/memberships/inspect/{held.pk}/"))
    assert "werd teruggevorderd: 1.210,00 euro van factuur" in inspected
    assert "is betaald, maar" not in inspected
    assert "Ondernemingsnummer 0999.101.384 staat ook bij" in inspected
    assert "bij wat terug te betalen is" not in inspected
    assert "1.210,00 euro is opnieuw te betalen" in words_of(
        treasurer.get(f"/admin/memberships/approve/{held.pk}/")
    )
    closing = words_of(treasurer.get(f"/admin/memberships/close/{held.pk}/"))
    assert "wordt volledig gecrediteerd" in closing
    assert "terug te betalen" not in closing


@pytest.mark.parametrize("with_many", [False, True])
def test_approved_its_invoice_is_mailed_again_and_it_starts_once_paid(
    held: Membership, with_many: bool
) -> None:
    put_number_right(held)
    before = OutgoingMail.objects.filter(template="billing/invoice").count()
    treasurer = staff("finance")
    if with_many:
        address = many("approve", held, model="membership/membership")
        assert "1.210,00 euro is opnieuw te betalen: de factuur wordt gemaild" in words_of(
            treasurer.get(address)
        )
        confirm(treasurer, address)
    else:
        treasurer.post(f"/admin/memberships/approve/{held.pk}/")
    held.refresh_from_db()
    assert held.status == "awaiting_payment"
    assert OutgoingMail.objects.filter(template="billing/invoice").count() == before + 1
    invoice = Invoice.objects.get()
    shown = page(Client(), link_to(held))
    assert "wacht op uw betaling" in shown
    assert invoice.number in shown
    pay_invoice(invoice, timezone.localdate())
    held.refresh_from_db()
    assert held.status == "active"


def test_the_days_to_pay_count_from_the_second_mail(held: Membership) -> None:
    put_number_right(held)
    Invoice.documents.update(mailed_at=None)
    today = timezone.localdate()
    staff("finance").post(f"/admin/memberships/approve/{held.pk}/")
    later = today + timedelta(days=50)
    Invoice.documents.update(mailed_at=timezone.now() + timedelta(days=50))  # as if approved then
    live(later + timedelta(days=12), later + timedelta(days=60), step=24)
    held.refresh_from_db()
    assert held.status == "awaiting_payment", "not sixty days from the invoice"
    live(later + timedelta(days=61), later + timedelta(days=61))
    held.refresh_from_db()
    assert held.status == "closed"
    (told,) = mails("application_closed")
    assert "betalen terug wat u betaald hebt" not in told.text


def test_nothing_is_paid_back_of_one_that_is_closed_and_who_applied_may_withdraw_it(held: Membership) -> None:
    path = link_to(held)
    asked = page(Client(), f"{path}intrekken/")
    assert "creditnota" in asked
    Client().post(f"{path}intrekken/", **HERE)
    held.refresh_from_db()
    assert held.status == "closed"
    assert Invoice.objects.filter(status="credited").count() == 1
    (told,) = mails("application_withdrawn")
    assert "creditnota" in told.text
