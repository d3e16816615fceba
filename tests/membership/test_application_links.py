"""The link of who applied: what the application waits for, paying it, and withdrawing it."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.formats import date_format
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from billing.models import CheckoutAttempt, Invoice
from billing.operations.invoices import record_payment
from cms.operations.links import create_link
from home.models import HomePage
from membership.emails import APPLICATION, LINK_LASTS
from membership.models import Membership, Tier
from membership.operations.ending import close_application
from membership.operations.joining import approve_application
from tests.factories.accounts import make_user
from tests.factories.billing import DUTCH_VAT, confirm_vat_number, fill_in_issuer
from tests.membership.life import join, mails, pay_all
from tests.membership.linked import HERE, assert_closed, page, path_in
from tests.membership.test_joining import WORDS
from tests.membership.test_joining import join as join_by_form
from tests.membership.test_vat_numbers import DUTCH, former_member

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _site(home: HomePage) -> None:
    """Pages need a site, invoices an issuer."""
    fill_in_issuer()


def applied(tier: str = "cultivate") -> Membership:
    """An application that waits for approval."""
    Tier.objects.filter(slug=tier).update(needs_approval=True)
    return join(timezone.localdate(), tier=tier)


def link_to(membership: Membership) -> str:
    """The path of a new link."""
    at = timezone.now()
    token = create_link(target=membership.application, purpose=APPLICATION, at=at, expires_at=at + LINK_LASTS)
    return f"/nl/word-lid/l/{token}/"


def withdraw(path: str) -> Any:
    return Client().post(f"{path}intrekken/", **HERE)


def test_an_applicant_follows_the_application_from_the_mail_to_the_membership(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    membership = applied()
    path = path_in(mails("application_received")[0])
    content = page(client, path)
    for words in ("wacht op onze goedkeuring", "Cultivate", "Lantaarnwerk", "euro, exclusief btw"):
        assert words in content
    assert "facturen/" not in content

    approve_application(membership=membership, at=timezone.now(), by=make_user())
    invoice = Invoice.objects.get()
    content = page(client, path)
    assert "wacht op uw betaling" in content
    assert date_format(invoice.issued_on + timedelta(days=60)) in content
    assert f'href="{path}facturen/{invoice.pk}/"' in content
    shown = page(client, f"{path}facturen/{invoice.pk}/")
    assert f'href="{path}">Terug naar uw aanvraag' in shown
    assert client.get(f"{path}facturen/{invoice.pk}/pdf/")["Content-Type"] == "application/pdf"
    assert client.get(f"{path}facturen/{invoice.pk + 1}/").status_code == 404
    with django_assert_max_num_queries(14):
        client.get(path)

    pay_all(timezone.localdate())
    content = page(client, path)
    assert "een lidmaatschap geworden" in content
    assert "intrekken/" not in content
    assert "Deze factuur is betaald" in page(client, f"{path}facturen/{invoice.pk}/")


def test_who_withdraws_ends_the_application_once_and_gets_a_mail() -> None:
    membership = join(timezone.localdate())
    path = link_to(membership)
    question = page(Client(), f"{path}intrekken/")
    assert "creditnota" in question
    membership.refresh_from_db()
    assert membership.status == "awaiting_payment", "looking changes nothing"
    assert withdraw(path)["Location"] == path
    membership.refresh_from_db()
    assert membership.status == "closed"
    assert Invoice.objects.get(kind="invoice").status == "credited"
    (told,) = mails("application_withdrawn")
    assert "u krijgt er een creditnota voor" in told.text
    assert "Uw aanvraag loopt niet meer" in page(Client(), path_in(told))
    assert withdraw(path)["Location"] == path
    assert Client().get(f"{path}intrekken/")["Location"] == path
    assert len(mails("application_withdrawn")) == 1
    assert Invoice.objects.filter(kind="credit_note").count() == 1


def test_an_application_without_an_invoice_is_withdrawn_without_a_word_about_money() -> None:
    path = link_to(applied())
    assert "creditnota" not in page(Client(), f"{path}intrekken/")
    withdraw(path)
    assert "creditnota" not in mails("application_withdrawn")[0].text
    assert not Invoice.objects.exists()


@pytest.mark.parametrize("is_paid", [True, False], ids=["a part was paid", "a bank works on it"])
def test_what_is_being_paid_is_not_withdrawn(is_paid: bool) -> None:
    membership = join(timezone.localdate())
    path, invoice = link_to(membership), Invoice.objects.get()
    if is_paid:
        record_payment(
            invoice=invoice,
            amount=invoice.gross / 2,
            method="transfer",
            received_on=timezone.localdate(),
            external_reference="half",
            by=None,
            at=timezone.now(),
        )
    else:
        CheckoutAttempt.objects.create(
            invoice=invoice,
            number=1,
            status=CheckoutAttempt.Status.PENDING,
            amount=invoice.gross,
            created_at=timezone.now(),
        )
    answer = withdraw(path)
    assert answer.status_code == 200
    assert "Er is een betaling voor onderweg" in answer.content.decode()
    membership.refresh_from_db()
    assert membership.status == "awaiting_payment"
    assert not mails("application_withdrawn")


def test_who_waits_for_a_vat_number_reads_so(client: Client) -> None:
    organisation = former_member()
    client.force_login(User.objects.get(email=WORDS["email"]))
    join_by_form(client, **DUTCH)
    path = path_in(mails("application_received")[0])
    assert "Uw aanvraag wacht tot uw" in page(Client(), path)
    assert organisation.customer
    confirm_vat_number(organisation.customer, vat_number=DUTCH_VAT)
    assert "wacht op onze goedkeuring" in page(Client(), path)


def test_a_link_to_an_application_closes_with_its_time_and_its_contact() -> None:
    membership = join(timezone.localdate())
    path = link_to(membership)
    close_application(membership=membership, at=timezone.now(), by=None)
    assert Client().get(path).status_code == 200
    membership.application.email = ""
    membership.application.save()
    assert_closed(path, "intrekken/", "facturen/1/")
    assert_closed(f"/nl/word-lid/l/{'A' * 22}/", "intrekken/", "facturen/1/")
