"""The customer's side: the invoice on screen, its PDF, the mail, and the way to pay online."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from pytest_django import DjangoAssertNumQueries, Settings
from wagtail.models import Site

from accounts.models import User
from billing.models import CheckoutAttempt, Customer, Invoice
from billing.operations.delivery import private_url, send_invoice
from billing.operations.invoices import credit_invoice, record_payment
from billing.registries import CustomerAccess, customer_access
from cms.models import PrivateLink
from tests.billing.paying import pay_online
from tests.factories.billing import CustomerFactory, fill_in_issuer, issue
from tests.fakes.stripe_api import KEY, SECRET, StripeServer, stripe_server
from tests.html import problems_of
from tests.queue import drain

pytestmark = pytest.mark.django_db
SAME_SITE = {"Sec-Fetch-Site": "same-origin", "Origin": "null"}


@pytest.fixture
def invoice(site: Site) -> Invoice:
    return issue(at=timezone.now())


@pytest.fixture
def address(invoice: Invoice) -> str:
    return path_of(invoice)


@pytest.fixture
def stripe(settings: Settings) -> Iterator[StripeServer]:
    with stripe_server() as server:
        settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRET = KEY, SECRET
        settings.STRIPE_API_BASE = server.url
        yield server


def path_of(invoice: Invoice) -> str:
    return private_url(invoice=invoice, at=timezone.now()).removeprefix("http://testserver")


def test_the_link_shows_the_invoice_and_closes_with_it(client: Client, address: str) -> None:
    assert address.startswith("/nl/facturen/l/")
    response = client.get(address)
    page = response.content.decode()
    assert problems_of(page) == []
    for expected in ("Factuur", "+++120/26", "Gestructureerde mededeling", "Vervaldatum", "Pdf openen"):
        assert expected in page
    assert "1.210,00\N{NO-BREAK SPACE}euro" in page
    assert "no-store" in response["Cache-Control"]
    assert response["Referrer-Policy"] == "no-referrer"
    PrivateLink.objects.update(revoked_at=timezone.now())
    closed = client.get(address)
    assert closed.status_code == 404
    assert "Deze link werkt niet meer" in closed.text
    assert "naar deze pagina terugkeren" not in closed.text, "there is nothing to come back to"
    assert client.get(address[:-2] + "x/").status_code == 404


def test_an_english_invoice_has_an_english_address(client: Client, site: Site) -> None:
    invoice = issue(customer=CustomerFactory.create(language="en"))
    address = path_of(invoice)
    assert address.startswith("/en/invoices/l/")
    assert "Structured communication" in client.get(address).content.decode()


def test_the_pdf_comes_through_the_same_link(client: Client, address: str) -> None:
    response = client.get(f"{address}pdf/")
    assert response["Content-Type"] == "application/pdf"
    assert response.content.startswith(b"%PDF")
    assert "factuur-" in response["Content-Disposition"]
    assert "no-store" in response["Cache-Control"]


def test_who_may_see_it_without_a_link(client: Client, invoice: Invoice) -> None:
    address = f"/nl/facturen/{invoice.pk}/"
    stranger = User.objects.create_user("vreemde@demo.example")
    member = User.objects.create_user("lid@demo.example")
    treasurer = User.objects.create_user("penning@demo.example")
    treasurer.user_permissions.add(Permission.objects.get(codename="view_invoice"))

    def is_member(person: Any, customer: Customer) -> bool:
        return bool(person == member and customer == invoice.customer)

    customer_access.register(CustomerAccess("test", is_member))
    try:
        for number in (invoice.pk, invoice.pk + 1):
            for part in ("", "pdf/", "pay/"):
                wanted = f"/nl/facturen/{number}/{part}"
                asked = client.get(wanted)
                assert (asked.status_code, asked["Location"]) == (
                    302,
                    f"{reverse('account_login')}?next={wanted}",
                )
                assert "no-store" in asked["Cache-Control"]
        found = {}
        for person in (stranger, member, treasurer):
            client.force_login(person)
            found[person] = [client.get(f"{address}{part}").status_code for part in ("", "pdf/")]
            assert client.get(f"/nl/facturen/{invoice.pk + 1}/").status_code == 404
        assert found == {stranger: [404, 404], member: [200, 200], treasurer: [200, 200]}
    finally:
        del customer_access._entries["test"]


@pytest.mark.usefixtures("memory")
def test_the_page_takes_few_queries(
    client: Client, address: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client.get(address)
    with django_assert_max_num_queries(10):
        client.get(address)


def test_without_keys_no_online_choice(client: Client, address: str, settings: Settings) -> None:
    settings.STRIPE_SECRET_KEY = ""
    assert "Factuur online betalen" not in client.get(address).content.decode()
    assert client.post(f"{address}pay/", headers=SAME_SITE)["Location"] == address


def test_pay_online_leads_to_stripe_and_back(client: Client, address: str, stripe: StripeServer) -> None:
    assert "Factuur online betalen" in client.get(address).content.decode()
    response = client.post(f"{address}pay/", headers=SAME_SITE)
    assert response.status_code == 302
    assert response["Location"].startswith(f"{stripe.url}/pay/cs_test_")
    (session,) = [kept for name, kept in stripe.account.kept.items() if name.startswith("cs_")]
    assert session["amount_total"] == 121_000
    assert session["success_url"] == f"http://testserver{address}?paid=1"
    back = client.get(f"{address}?paid=1").content.decode()
    assert "We wachten op de bevestiging van uw betaling" in back
    assert problems_of(back) == []
    assert Invoice.objects.get().status == "issued"
    assert client.get(f"{address}pay/")["Location"] == address


WAITS, REFUSED = "We wachten op de bevestiging", "Uw betaling is niet gelukt"
EXPIRED, NOTHING_YET = "De betaalpagina is verlopen", "We hebben nog geen betaling ontvangen"
ALL_NEWS = (WAITS, REFUSED, EXPIRED, NOTHING_YET)


@pytest.mark.parametrize(
    ("status", "back", "expected", "may_pay"),
    [
        ("started", "paid", WAITS, False),
        ("open", "paid", WAITS, False),
        ("pending", "paid", WAITS, False),
        ("failed", "paid", REFUSED, True),
        ("open", "stopped", NOTHING_YET, True),
        ("failed", "stopped", EXPIRED, True),
        ("pending", "stopped", WAITS, False),
        ("open", "", "", True),
        ("failed", "", "", True),
        ("paid", "paid", "", True),  # and taken back since
    ],
)
def test_who_comes_back_from_the_payment_page_is_told_how_it_stands(
    client: Client, address: str, stripe: StripeServer, status: str, back: str, expected: str, may_pay: bool
) -> None:
    client.post(f"{address}pay/", headers=SAME_SITE)
    CheckoutAttempt.objects.update(status=status)
    page = client.get(f"{address}?{back}=1").text
    assert problems_of(page) == []
    assert [news for news in ALL_NEWS if news in page] == ([expected] if expected else [])
    assert ("Factuur online betalen" in page) == may_pay


def test_an_old_address_brings_no_old_news_of_what_is_paid(
    client: Client, invoice: Invoice, address: str, stripe: StripeServer
) -> None:
    assert not [news for news in ALL_NEWS if news in client.get(f"{address}?stopped=1&paid=1").text]
    pay_online(stripe, invoice)
    for back in ("paid", "stopped"):
        page = client.get(f"{address}?{back}=1").text
        assert "Deze factuur is betaald" in page
        assert not [news for news in ALL_NEWS if news in page]


def test_stripe_down_is_said_and_nothing_is_lost(client: Client, address: str, stripe: StripeServer) -> None:
    stripe.failure = 400
    response = client.post(f"{address}pay/", headers=SAME_SITE, follow=True)
    assert response.status_code == 200
    assert "Online betalen lukt nu niet" in response.content.decode()


def test_another_site_cannot_start_a_payment(address: str, stripe: StripeServer) -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post(f"{address}pay/", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert client.post(f"{address}pay/", headers=SAME_SITE).status_code == 302
    assert client.post(address, headers=SAME_SITE).status_code == 405


def test_a_paid_invoice_says_so(client: Client, invoice: Invoice, address: str, stripe: StripeServer) -> None:
    record_payment(
        invoice=invoice,
        amount=Decimal("1210.00"),
        method="transfer",
        received_on=timezone.localdate(),
        external_reference="1",
        by=None,
        at=timezone.now(),
    )
    page = client.get(address).content.decode()
    assert "Deze factuur is betaald" in page
    assert "Factuur online betalen" not in page
    assert "Hoe betalen?" not in page


def test_an_overdue_invoice_says_so_until_it_is_paid(client: Client, invoice: Invoice, address: str) -> None:
    words = f"Deze factuur moest betaald zijn tegen {date_format(invoice.due_on)}."
    assert words not in client.get(address).content.decode()
    Invoice.objects.update(status="overdue")
    assert words in client.get(address).content.decode()
    record_payment(
        invoice=invoice,
        amount=invoice.gross,
        method="transfer",
        received_on=timezone.localdate(),
        external_reference="1",
        by=None,
        at=timezone.now(),
    )
    assert words not in client.get(address).content.decode()


def test_the_mail_brings_the_pdf_and_a_link_that_works(client: Client, invoice: Invoice) -> None:
    send_invoice(invoice=invoice, at=timezone.now(), by=None)
    assert Invoice.objects.get().mailed_at
    drain()
    (message,) = mail.outbox
    assert message.to == [invoice.email]
    assert message.subject.startswith(f"Factuur {invoice.number}")
    assert message.reply_to == ["facturen@demo.example"]
    (attachment,) = message.attachments
    assert attachment[0] == f"factuur-{invoice.number}.pdf"
    assert invoice.communication in message.body
    (link,) = [row for row in message.body.splitlines() if row.startswith("http://testserver/nl/facturen/l/")]
    assert client.get(link.removeprefix("http://testserver")).status_code == 200
    assert isinstance(message, EmailMultiAlternatives)
    assert "alleen voor u" not in str(message.alternatives[0][0])  # it is sent on to who keeps the books


def test_issuing_mails_the_invoice_once_and_an_english_customer_in_english(site: Site) -> None:
    issue(customer=CustomerFactory.create(language="en"), is_mailed=True, at=timezone.now())
    drain()
    (message,) = mail.outbox
    assert message.subject.startswith("Invoice ")
    assert "Please find attached our invoice" in message.body


def test_a_payment_request_is_called_so_in_its_mail_and_on_its_page(client: Client, site: Site) -> None:
    fill_in_issuer(vat_regime="none")
    request = issue(is_mailed=True, at=timezone.now())
    credit_invoice(invoice=request, reason="", at=timezone.now(), by=None)
    drain()
    asked, credited = mail.outbox
    assert asked.subject.startswith(f"Betalingsverzoek {request.number}")
    assert f"ons betalingsverzoek {request.number} van" in asked.body
    assert "actuur" not in asked.body.partition("http")[0]
    assert f"Ze crediteert betalingsverzoek {request.number} volledig" in credited.body
    (link,) = [row for row in asked.body.splitlines() if row.startswith("http://testserver/nl/facturen/l/")]
    page = client.get(link.removeprefix("http://testserver")).content.decode()
    assert "Betalingsverzoek" in page
    assert "Deze factuur" not in page


def test_the_footer_names_the_association(client: Client, invoice: Invoice, address: str) -> None:
    page = client.get(address).content.decode()
    assert "Voorbeeldstad vzw" in page
    assert "Ondernemingsnummer 0999.999.922" in page


def test_links_do_not_expire_with_time(invoice: Invoice) -> None:
    private_url(invoice=invoice, at=timezone.now() - timedelta(days=3000))
    assert PrivateLink.objects.latest("pk").expires_at is None


def test_who_came_from_the_join_form_is_thanked_as_long_as_there_is_something_to_pay(
    client: Client, invoice: Invoice, address: str
) -> None:
    thanks = "we hebben uw aanvraag ontvangen"
    assert thanks in client.get(f"{address}?new=1").text
    assert thanks not in client.get(address).text
    record_payment(
        invoice=invoice,
        amount=invoice.gross,
        method="transfer",
        received_on=timezone.localdate(),
        external_reference="x",
        by=None,
        at=timezone.now(),
    )
    assert thanks not in client.get(f"{address}?new=1").text


def test_a_person_comes_back_from_the_invoice_and_reads_which_language_it_is_in(
    client: Client, invoice: Invoice, address: str
) -> None:
    treasurer = User.objects.create_user("penning@demo.example")
    treasurer.user_permissions.add(Permission.objects.get(codename="view_invoice"))
    client.force_login(treasurer)
    back = '<a class="onward onward-back" href="'
    english, dutch = (
        client.get(path).text for path in (f"/en/invoices/{invoice.pk}/", f"/nl/facturen/{invoice.pk}/")
    )
    assert back in english
    assert back in dutch
    assert "drawn up in Dutch" in english
    assert "opgesteld in" not in dutch
    assert back not in client.get(address).text, "who only has the link has nowhere to go back to"
