"""What mail, PDF and page say of an invoice that we collect, until it is stopped or refused for good."""

from io import BytesIO
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from django.utils import timezone
from django.utils.html import strip_tags
from pypdf import PdfReader
from pytest_django import Settings

from billing.documents import make_ubl
from billing.models import AutomaticPayment, ChargeTry, Invoice
from billing.operations.charges import begin_charges
from billing.operations.checkout import start_checkout
from billing.operations.delivery import private_url, send_invoice
from billing.operations.dunning import send_reminder
from billing.operations.overdue import mark_overdue
from billing.operations.plans import stop_payment
from tests.billing.automatic import DAY, fresh, noon, planned, run
from tests.billing.sending import pdf_of
from tests.billing.test_automatic_payments import ONE
from tests.factories.billing import CustomerFactory, issue
from tests.fakes.stripe_api import StripeServer
from tests.html import problems_of
from tests.queue import drain

pytestmark = pytest.mark.django_db
WORDS = {
    "nl": {
        "title": "Automatische betaling",
        "charge": "U hoeft dit niet zelf te betalen. We innen het automatisch op 1 december 2026 via {}.",
        "stop": "U kunt dit stopzetten tot en met de dag ervoor",
        "to": "Wilt u dit stopzetten? Mail naar facturen@demo.example.",
        "transfer": "Hoe betalen?",
        "card": "uw Visa-kaart die eindigt op 4242",
        "sepa_debit": "de domiciliëring van uw rekening die eindigt op 2345",
    },
    "en": {
        "title": "Automatic payment",
        "charge": "You do not have to pay this yourself. "
        "We will collect it automatically on 1 December 2026 using {}.",
        "stop": "You can stop this up to the day before",
        "to": "To stop it, write to facturen@demo.example.",
        "transfer": "How to pay",
        "card": "your Visa card ending in 4242",
        "sepa_debit": "direct debit from your account ending in 2345",
    },
}


def plain(text: str) -> str:
    return " ".join(strip_tags(text).replace("\N{NO-BREAK SPACE}", " ").split())


def last_mail() -> tuple[str, str, str]:
    """The words of the newest mail, of its HTML, and of the PDF with it."""
    drain()
    message = mail.outbox[-1]
    assert isinstance(message, EmailMultiAlternatives)
    return plain(str(message.body)), plain(str(message.alternatives[0][0])), plain(pdf_of(message))


def mailed(invoice: Invoice) -> tuple[str, str, str]:
    """What an invoice is mailed with, as things stand."""
    send_invoice(invoice=fresh(invoice), at=noon(DAY), by=None)
    return last_mail()


def shown(invoice: Invoice, query: str = "") -> str:
    """The words of an invoice's page."""
    answer = Client().get(private_url(invoice=invoice, at=timezone.now()) + query)
    assert problems_of(answer.text) == []
    return plain(answer.text)


def asks_transfer(said: tuple[str, ...], invoice: Invoice, words: dict[str, str] = WORDS["nl"]) -> bool:
    """Whether all of these tell how to transfer; else none may."""
    found = {words["transfer"] in text for text in said} | {invoice.communication in text for text in said}
    assert len(found) == 1, said
    return found.pop()


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("kind", ["card", "sepa_debit"])
def test_what_is_charged_says_when_how_and_how_to_stop_and_asks_for_no_transfer_until_it_is_stopped(
    stripe: StripeServer, kind: str, language: str
) -> None:
    words = WORDS[language]
    plan = planned(stripe, kind, customer=CustomerFactory.create(language=language))
    said = mailed(plan.invoice)
    for text in said:
        assert words["title"] in text
        assert words["charge"].format(words[kind]) in text
        assert words["stop"] in text
        assert words["to"] in text
    assert not asks_transfer(said, plan.invoice, words)
    assert "pay it online" not in said[0]

    stop_payment(plan=plan, because="payer", at=noon(DAY - ONE), by=None)
    said = mailed(plan.invoice)
    assert asks_transfer(said, plan.invoice, words)
    for text in said:
        assert words["title"] not in text
        assert words["stop"] not in text


def test_page_and_pdf_behind_the_private_link_say_so_too_and_carry_no_code(stripe: StripeServer) -> None:
    plan = planned(stripe)
    address = private_url(invoice=plan.invoice, at=timezone.now())
    page = shown(plan.invoice)
    assert "U hoeft dit niet zelf te betalen" in page
    assert "Betaalt u liever nu, dan kan dat" in page
    assert not asks_transfer((page,), plan.invoice)
    assert 'class="invoice-code"' not in Client().get(address).text
    assert len(_pictures(Client(), f"{address}pdf/")) == 0
    stop_payment(plan=plan, because="payer", at=noon(DAY - ONE), by=None)
    page = shown(plan.invoice)
    assert "U hoeft dit niet zelf te betalen" not in page
    assert asks_transfer((page,), plan.invoice)
    assert 'class="invoice-code"' in Client().get(address).text
    assert len(_pictures(Client(), f"{address}pdf/")) == 1


def test_the_page_tells_how_to_transfer_where_it_names_that_as_the_other_way(
    stripe: StripeServer, settings: Settings
) -> None:
    plan = planned(stripe)
    attempt = start_checkout(invoice=plan.invoice, return_url="http://t/", at=timezone.now())
    for query in ("?failed=1", "?stopped=1"):
        page = shown(plan.invoice, query)
        assert "met de gegevens hieronder" in page
        assert asks_transfer((page,), plan.invoice), query
    page = shown(plan.invoice, "?paid=1")
    assert "U hoeft niet opnieuw te betalen" in page
    assert not asks_transfer((page,), plan.invoice)
    attempt.delete()
    settings.STRIPE_SECRET_KEY = ""
    page = shown(plan.invoice)
    assert "We innen het automatisch op 1 december 2026" in page
    assert "Betaalt u liever nu" not in page, "there is no other way on it"


def test_the_page_of_what_is_being_paid_asks_for_no_transfer(stripe: StripeServer) -> None:
    invoice = issue(at=timezone.now())
    attempt = start_checkout(invoice=invoice, return_url="http://t/", at=timezone.now())
    assert asks_transfer((shown(invoice),), invoice)
    attempt.status = attempt.Status.PENDING
    attempt.save()
    page = shown(invoice, "?new=1")
    assert "U hoeft niet opnieuw te betalen" in page
    assert not asks_transfer((page,), invoice)


def _pictures(client: Client, address: str) -> list[str]:
    """The words that stand for the pictures of a PDF."""
    answer = client.get(address)
    assert answer.status_code == 200
    found: list[str] = []
    seen: set[int] = set()

    def look(node: object) -> None:
        node = node.get_object() if hasattr(node, "get_object") else node
        if id(node) in seen:
            return
        seen.add(id(node))
        if isinstance(node, dict):
            if node.get("/S") == "/Figure":
                found.append(str(node.get("/Alt")))
            look(node.get("/K"))
        elif isinstance(node, list):
            for kid in node:
                look(kid)

    root: Any = PdfReader(BytesIO(answer.content)).trailer["/Root"]
    look(root["/StructTreeRoot"])
    return found


def test_while_the_bank_is_at_it_nothing_is_asked_and_nothing_can_be_stopped(stripe: StripeServer) -> None:
    plan = planned(stripe, "sepa_debit")
    begin_charges(noon(DAY))
    drain()
    assert ChargeTry.objects.get().status == "pending"
    said = mailed(plan.invoice)
    assert not asks_transfer(said, plan.invoice)
    for text in said:
        assert "de inning via de domiciliëring van uw rekening die eindigt op 2345 loopt" in text
        assert "stopzetten" not in text
    page = shown(plan.invoice)
    assert "U hoeft niet opnieuw te betalen" in page
    assert not asks_transfer((page,), plan.invoice)


def test_once_refused_it_says_both_and_refused_for_good_the_transfer_alone(stripe: StripeServer) -> None:
    plan = planned(stripe, refusal="insufficient_funds")
    assert run(stripe, DAY).status == "planned"
    said = (*mailed(plan.invoice), shown(plan.invoice))
    assert asks_transfer(said, plan.invoice)
    for text in said:
        assert "U hoeft dit niet zelf te betalen" not in text
        assert "We konden dit niet innen via uw Visa-kaart die eindigt op 0341." in text
        assert "We proberen het opnieuw op 4 december 2026" in text
    run(stripe, DAY + 3 * ONE)
    assert run(stripe, DAY + 7 * ONE).status == "given_up"
    said = (*mailed(plan.invoice), shown(plan.invoice))
    assert asks_transfer(said, plan.invoice)
    assert "Automatische betaling" not in "".join(said)
    mark_overdue(noon(DAY + 8 * ONE))
    send_reminder(invoice=fresh(plan.invoice), level=1, at=noon(DAY + 10 * ONE), by=None)
    assert asks_transfer(last_mail(), plan.invoice)


def test_reminder_and_page_ask_for_a_transfer_where_the_day_to_charge_came_to_nothing(
    stripe: StripeServer, settings: Settings
) -> None:
    plan = planned(stripe)
    settings.STRIPE_SECRET_KEY = ""
    begin_charges(noon(DAY))
    mark_overdue(noon(DAY + ONE))
    send_reminder(invoice=fresh(plan.invoice), level=1, at=noon(DAY + 10 * ONE), by=None)
    assert AutomaticPayment.objects.get().status == "planned"
    said = (*last_mail(), shown(plan.invoice))
    assert asks_transfer(said, plan.invoice)
    assert "We innen" not in "".join(said)


def test_paid_by_the_charge_it_says_so_and_the_file_stays(stripe: StripeServer) -> None:
    plan = planned(stripe)
    first = make_ubl(plan.invoice)
    assert run(stripe, DAY).status == "paid"
    said = mailed(plan.invoice)
    assert not asks_transfer(said, plan.invoice)
    for text in said:
        assert "Betaald op" in text
        assert "Automatische betaling" not in text
    assert make_ubl(fresh(plan.invoice)) == first
