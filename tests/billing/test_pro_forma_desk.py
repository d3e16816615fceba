"""What staff do with a pro forma, and what the page says before they do it."""

import re
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.test import Client
from wagtail.models import Site

from billing.models import Invoice, Issuer
from billing.operations.invoices import credit_invoice
from billing.operations.pro_formas import withdraw_pro_forma
from tests.billing.automatic import save_means
from tests.billing.paying import GROSS, fares, pay
from tests.billing.test_desk import person
from tests.billing.test_ubl import paid_before
from tests.factories.billing import NOON, CustomerFactory, ask, fill_in_issuer, issue
from tests.fakes.stripe_api import StripeServer

pytestmark = pytest.mark.django_db
HERE = "/admin/billing/pro-formas"


@pytest.fixture
def treasurer(client: Client, site: Site) -> Client:
    client.force_login(person("finance"))
    return client


def offered(client: Client, pro_forma: Invoice) -> set[str]:
    """The actions on its page."""
    page = client.get(f"{HERE}/inspect/{pro_forma.pk}/")
    return {
        button.url.split("/")[-3]
        for _label, buttons in page.context["button_groups"]
        for button in buttons
        if button.url.startswith("/admin/")
    }


def post(client: Client, action: str, pro_forma: Invoice, **words: str) -> Any:
    return client.post(f"{HERE}/{action}/{pro_forma.pk}/", words, follow=True)


def is_refused(client: Client, address: str) -> bool:
    """Whether the back office sends a deed away, to its start."""
    answer = client.post(address, {"reason": "x"})
    return (answer.status_code, answer.headers.get("Location")) == (302, "/admin/")


def test_each_state_offers_what_can_be_done(treasurer: Client) -> None:
    open_ = ask()
    assert offered(treasurer, open_) == {"pay", "make-invoice", "withdraw", "send"}
    withdrawn = withdraw_pro_forma(pro_forma=ask(), reason="vergist", at=NOON, by=None)
    assert offered(treasurer, withdrawn) == {"pay"}
    pay(withdrawn)
    assert offered(treasurer, withdrawn) == {"pay", "refund", "undo"}
    Issuer.objects.update(iban="")
    received = ask_and_pay_without_invoice()
    assert offered(treasurer, received) == {"pay", "make-invoice", "withdraw", "undo"}
    fill_in_issuer()
    pay(open_)
    assert offered(treasurer, open_) == set()


def ask_and_pay_without_invoice() -> Invoice:
    fill_in_issuer()
    pro_forma = ask()
    Issuer.objects.update(iban="")
    pay(pro_forma)
    return pro_forma


def test_the_invoice_is_made_now_and_both_lead_to_each_other(treasurer: Client) -> None:
    pro_forma = ask()
    page = treasurer.get(f"{HERE}/make-invoice/{pro_forma.pk}/").content.decode()
    assert pro_forma.email in page
    page = post(treasurer, "make-invoice", pro_forma).content.decode()
    invoice = Invoice.objects.get()
    assert f"/admin/billing/invoices/inspect/{invoice.pk}/" in page
    page = treasurer.get(f"/admin/billing/invoices/inspect/{invoice.pk}/").content.decode()
    assert f"{HERE}/inspect/{pro_forma.pk}/" in page
    for action in ("make-invoice", "withdraw", "send"):
        assert is_refused(treasurer, f"{HERE}/{action}/{pro_forma.pk}/")
    answer = treasurer.get(f"/nl/facturen/{pro_forma.pk}/")
    assert answer.headers["Location"] == f"/nl/facturen/{invoice.pk}/"
    assert treasurer.get(f"/nl/facturen/{pro_forma.pk}/pdf/").content.startswith(b"%PDF")


def test_what_stands_in_its_way_is_said_and_what_came_in_is_booked_once_it_is_mended(
    treasurer: Client,
) -> None:
    pro_forma = ask_and_pay_without_invoice()
    page = post(treasurer, "make-invoice", pro_forma).content.decode()
    assert "gegevens van de vereniging" in page
    assert "IssuerIncomplete: iban" in page
    assert fares(pro_forma) == "received"
    fill_in_issuer()
    page = treasurer.get(f"{HERE}/make-invoice/{pro_forma.pk}/").content.decode()
    assert "als betaald geboekt" in page
    post(treasurer, "make-invoice", pro_forma)
    assert (fares(pro_forma), Invoice.objects.get().status) == ("invoiced", "paid")


def test_it_is_withdrawn_for_a_reason(treasurer: Client) -> None:
    pro_forma = ask_and_pay_without_invoice()
    assert "terugbetaald" in treasurer.get(f"{HERE}/withdraw/{pro_forma.pk}/").content.decode()
    post(treasurer, "withdraw", pro_forma, reason="")
    assert fares(pro_forma) == "received"
    page = post(treasurer, "withdraw", pro_forma, reason="kan niet").content.decode()
    assert "Ingetrokken: kan niet" in page
    assert (fares(pro_forma), offered(treasurer, pro_forma)) == ("withdrawn", {"pay", "refund", "undo"})


def test_a_payment_by_hand_says_that_it_makes_the_invoice(treasurer: Client) -> None:
    pro_forma = ask()
    page = treasurer.get(f"{HERE}/pay/{pro_forma.pk}/")
    assert "De factuur wordt meteen uitgereikt" in page.content.decode()
    words = {"amount": "1210,00", "received_on": "2026-11-24", "method": "transfer", "note": ""}
    answer = post(treasurer, "pay", pro_forma, key=str(page.context["form"].initial["key"]), **words)
    payment = Invoice.objects.get().payments.get()
    assert answer.redirect_chain[-1][0] == f"/admin/billing/invoices/inspect/{payment.invoice_id}/"
    assert (payment.amount, payment.surplus) == (GROSS, Decimal(0))


def test_an_invoice_takes_no_deed_of_a_pro_forma_nor_the_other_way_round(treasurer: Client) -> None:
    invoice, pro_forma = issue(), ask()
    for action in ("make-invoice", "withdraw"):
        assert is_refused(treasurer, f"{HERE}/{action}/{invoice.pk}/")
    for action in ("credit", "hold", "remind", "peppol"):
        assert is_refused(treasurer, f"/admin/billing/invoices/{action}/{pro_forma.pk}/")


def test_the_board_reads_and_does_nothing(client: Client, site: Site) -> None:
    client.force_login(person("board"))
    pro_forma = ask()
    assert client.get(f"{HERE}/").status_code == 200
    assert offered(client, pro_forma) == set()
    assert is_refused(client, f"{HERE}/withdraw/{pro_forma.pk}/")


def test_the_foot_of_the_list_counts_them_by_their_name(treasurer: Client) -> None:
    for counted in ("1 uitnodiging tot betaling", "2 uitnodigingen tot betaling"):
        ask()
        assert counted in treasurer.get(f"{HERE}/").text


def test_the_start_of_the_back_office_says_that_money_stands_on_no_invoice(treasurer: Client) -> None:
    said = "Voor 1 uitnodiging tot betaling kwam geld binnen dat nog op geen factuur staat."
    assert said not in treasurer.get("/admin/").text
    ask_and_pay_without_invoice()
    page = treasurer.get("/admin/").text
    assert said in page
    assert 'href="/admin/billing/pro-formas/?waits=true"' in page


ROW = re.compile(r"<dt>([^<]+)</dt><dd>([^<]+)</dd>")


def rows(client: Client, document: Invoice) -> dict[str, str]:
    """What the page of a document says of the way in which it is paid."""
    page = client.get(f"/admin/billing/invoices/inspect/{document.pk}/", follow=True).text
    told = {name: unescape(said).replace("\N{NO-BREAK SPACE}", " ") for name, said in ROW.findall(page)}
    return {name: told[name] for name in ("Vooraf betaald", "Betaalwijze") if name in told}


def test_an_invoice_says_what_was_paid_before_and_how_and_others_say_nothing_of_it(
    treasurer: Client, stripe: StripeServer
) -> None:
    known = "{}, zoals bekend op de dag van uitreiking"
    for method, said in (("stripe", "online (Stripe)"), ("transfer", "overschrijving"), ("cash", "contant")):
        invoice = paid_before(method)
        told = {"Vooraf betaald": "1.210,00 euro", "Betaalwijze": known.format(said)}
        assert rows(treasurer, invoice) == told, method
        assert invoice.pro_forma
        assert rows(treasurer, invoice.pro_forma) == {}
    customer = CustomerFactory.create()
    save_means(stripe, customer, at=NOON)
    charged = issue(customer=customer, is_charged=True)
    assert rows(treasurer, charged) == {"Betaalwijze": known.format("automatische betaling")}
    plain = issue()
    note = credit_invoice(invoice=plain, reason="", at=NOON, by=None)
    assert rows(treasurer, plain) == rows(treasurer, note) == {}


def test_the_header_says_what_it_is_and_whose(treasurer: Client) -> None:
    pro_forma = ask()
    crumbs = treasurer.get(f"{HERE}/inspect/{pro_forma.pk}/").context["breadcrumbs_items"]
    assert (crumbs[-1]["label"], crumbs[-1]["sublabel"]) == ("Uitnodiging tot betaling", str(pro_forma))
