"""The link of who applied and is asked for the payment first: paying it, and taking the application back."""

import pytest
from django.test import Client
from django.utils import timezone

from billing.models import Invoice, Issuer
from home.models import HomePage
from membership.models import Membership
from membership.operations.ending import BeingPaid, withdraw_application
from tests.factories.billing import fill_in_issuer
from tests.membership.life import mails, pay_invoice
from tests.membership.linked import page
from tests.membership.test_application_links import link_to, withdraw
from tests.membership.test_asked_first import ask_first, document_of, state

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _site(home: HomePage) -> None:
    """Pages need a site, invoices an issuer."""
    fill_in_issuer()


def asked_today() -> Membership:
    return ask_first(timezone.localdate())


def test_it_leads_to_the_pro_forma_and_from_there_to_the_invoice(client: Client) -> None:
    membership = asked_today()
    path, pro_forma = link_to(membership), document_of(membership)
    content = page(client, path)
    assert "Betaal uitnodiging tot betaling" in content
    assert pro_forma.number in content
    assert "gecrediteerd" not in content
    address = f"{path}facturen/{pro_forma.pk}/"
    assert "Dit is geen factuur" in page(client, address)
    pay_invoice(pro_forma, timezone.localdate())
    invoice = Invoice.objects.get()
    assert invoice.number in page(client, address)
    assert "Deze factuur is betaald" in page(client, address)


def test_who_withdraws_the_application_gets_no_credit_note(client: Client) -> None:
    membership = asked_today()
    path = link_to(membership)
    assert "creditnota" not in page(client, f"{path}intrekken/")
    withdraw(path)
    assert state(membership) == ("closed", "pro_forma", "withdrawn")
    (told,) = mails("application_withdrawn")
    assert "creditnota" not in told.text
    assert "uitnodiging tot betaling" in told.text


def test_what_is_paid_and_waits_for_its_invoice_is_not_withdrawn(client: Client) -> None:
    membership = asked_today()
    Issuer.objects.update(iban="")
    pay_invoice(document_of(membership), timezone.localdate())
    assert "We hebben uw betaling ontvangen" in page(client, link_to(membership))
    with pytest.raises(BeingPaid):
        withdraw_application(membership=membership, at=timezone.now())
    assert state(membership) == ("awaiting_payment", "pro_forma", "received")
