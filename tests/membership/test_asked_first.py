"""A first payment that is asked before there is an invoice: of who pays online, or of all by a setting."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.models import User
from billing.models import Customer, Invoice, Issuer, NumberSeries
from billing.operations.delivery import private_url
from billing.operations.invoices import credit_invoice
from billing.operations.pro_formas import invoice_pro_forma, withdraw_pro_forma
from billing.queries import refundable_amount, with_money
from home.models import HomePage
from membership.models import Lifecycle, Membership, Tier
from membership.operations.ending import NotAwaitingPayment, close_application
from membership.operations.joining import approve_application
from membership.queries import own_places, start_charge
from tests.billing.paying import pay, tell, visit
from tests.factories.billing import fill_in_issuer
from tests.fakes.stripe_api import KEY, SECRET, StripeServer, stripe_server
from tests.membership.life import FIRST, join, live, mails, morning, pay_invoice
from tests.membership.test_joining import ADDRESS, OWN, WORDS
from tests.queue import drain

pytestmark = pytest.mark.django_db
DAYS = 60
"""Between an application and its cut-off."""


@pytest.fixture(autouse=True)
def _site(home: HomePage) -> None:
    """Pages need a site, invoices an issuer."""
    fill_in_issuer()


@pytest.fixture
def stripe(settings: Any) -> Any:
    """Stripe on the loopback."""
    with stripe_server() as server:
        settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRET = KEY, SECRET
        settings.STRIPE_API_BASE = server.url
        yield server


def document_of(membership: Membership) -> Invoice:
    found = start_charge(membership).invoice
    assert found
    return found


def ask_first(on: date = FIRST, **words: Any) -> Membership:
    Lifecycle.objects.update_or_create(pk=1, defaults={"asks_payment_first": True})
    return join(on, **words)


def state(membership: Membership) -> tuple[str, str, str]:
    """Where the membership stands, and what its charge points at and how that fares."""
    membership = Membership.objects.get(pk=membership.pk)
    document = membership.charges.get().invoice
    assert document
    return membership.status, document.kind, document.status


@pytest.mark.parametrize(
    ("sent", "kind"),
    [({"payment": "online"}, "pro_forma"), ({"payment": "transfer"}, "invoice"), ({}, "pro_forma")],
)
def test_with_stripe_the_form_asks_how_and_online_is_chosen(
    stripe: StripeServer, client: Client, sent: dict[str, str], kind: str
) -> None:
    page = client.get(ADDRESS).content.decode()
    assert 'value="online"' in page
    assert page.index("checked", page.index('name="payment"')) < page.index('value="transfer"')
    answer = client.post(ADDRESS, {**WORDS, **sent}, headers=OWN)
    assert answer.status_code == 302
    membership = Membership.objects.get()
    assert state(membership) == ("awaiting_payment", kind, "issued")
    shown = client.get(answer.headers["Location"]).content.decode()
    assert ("Dit is geen factuur" in shown) == (kind == "pro_forma")
    assert membership.application.pays_online == (kind == "pro_forma")


def test_an_unknown_means_of_payment_is_said_beside_its_field(stripe: StripeServer, client: Client) -> None:
    answer = client.post(ADDRESS, {**WORDS, "payment": "cheque"}, headers=OWN)
    assert answer.status_code == 200
    assert "Kies hoe u wilt betalen." in answer.content.decode()
    assert not Membership.objects.exists()


def test_without_stripe_nothing_is_asked_and_the_invoice_comes_at_once(client: Client) -> None:
    assert 'name="payment"' not in client.get(ADDRESS).content.decode()
    client.post(ADDRESS, {**WORDS, "payment": "online"}, headers=OWN)
    assert state(Membership.objects.get()) == ("awaiting_payment", "invoice", "issued")


def test_the_same_form_sent_twice_asks_once(stripe: StripeServer, client: Client) -> None:
    for _click in range(2):
        client.post(ADDRESS, {**WORDS, "payment": "online"}, headers=OWN)
    assert (Membership.objects.count(), Invoice.documents.count()) == (1, 1)


def test_from_the_form_by_card_to_a_running_membership(stripe: StripeServer, client: Client) -> None:
    answer = client.post(ADDRESS, {**WORDS, "payment": "online"}, headers=OWN)
    membership = Membership.objects.get()
    pro_forma = document_of(membership)
    assert not User.objects.filter(email=WORDS["email"]).exists()
    paying = client.post(answer.headers["Location"].partition("?")[0] + "pay/", headers=OWN)
    assert paying.status_code == 302
    attempt = pro_forma.checkout_attempts.get()
    for event in stripe.account.complete(attempt.session_id or ""):
        tell(stripe, event)
    drain()
    assert state(membership) == ("active", "invoice", "paid")
    invoice = Invoice.objects.get()
    assert (invoice.pro_forma, invoice.issued_on) == (pro_forma, timezone.localdate())
    assert Customer.objects.get().name == WORDS["name"]
    subjects = [message.subject for message in mail.outbox]
    assert len([each for each in subjects if each.startswith("Uitnodiging tot betaling UB")]) == 1
    assert len([each for each in subjects if each.startswith(f"Factuur {invoice.number}")]) == 1


def test_by_a_setting_who_pays_by_transfer_is_asked_first_too(client: Client) -> None:
    membership = ask_first()
    assert state(membership) == ("awaiting_payment", "pro_forma", "issued")
    pay_invoice(document_of(membership), FIRST + timedelta(days=9))
    assert state(membership) == ("active", "invoice", "paid")
    membership.refresh_from_db()
    assert membership.starts_on == FIRST + timedelta(days=9)


@pytest.mark.parametrize("is_first", [True, False])
def test_an_approved_application_is_asked_as_it_chose(is_first: bool) -> None:
    Lifecycle.objects.update_or_create(pk=1, defaults={"asks_payment_first": is_first})
    Tier.objects.update(needs_approval=True)
    membership = join(FIRST)
    assert membership.status == "applied"
    membership.application.pays_online = not is_first
    membership.application.save(update_fields=["pays_online"])
    approve_application(membership=membership, at=morning(FIRST), by=User.objects.create_user("a@b.example"))
    assert state(membership) == ("awaiting_payment", "pro_forma", "issued")


def test_nobody_who_does_not_pay_uses_a_number(client: Client) -> None:
    for number in ("0999101384", "0999888767", "0999777742"):
        ask_first(number=number)
    live(FIRST, FIRST + timedelta(days=DAYS + 1), step=DAYS + 1)
    assert set(Membership.objects.values_list("status", flat=True)) == {"closed"}
    assert set(Invoice.documents.values_list("status", flat=True)) == {"withdrawn"}
    assert not Invoice.objects.exists()
    assert set(NumberSeries.objects.values_list("kind", flat=True)) == {"pro_forma"}
    pay_invoice(document_of(ask_first(FIRST + timedelta(days=70))), FIRST + timedelta(days=71))
    assert Invoice.objects.get().sequence == 1


def test_unpaid_at_its_cut_off_it_is_withdrawn_and_late_money_is_kept() -> None:
    membership = ask_first()
    pro_forma = document_of(membership)
    live(FIRST, FIRST + timedelta(days=DAYS), step=10)
    assert state(membership) == ("awaiting_payment", "pro_forma", "issued")
    live(FIRST + timedelta(days=DAYS + 1), FIRST + timedelta(days=DAYS + 1))
    assert state(membership) == ("closed", "pro_forma", "withdrawn")
    (told,) = mails("application_closed")
    assert "creditnota" not in told.text
    assert "uitnodiging tot betaling" in told.text
    pay_on = FIRST + timedelta(days=DAYS + 9)
    pay(pro_forma, Decimal(1210), on=pay_on)
    assert state(membership) == ("closed", "pro_forma", "withdrawn")
    pro_forma = Invoice.documents.get(pk=pro_forma.pk)
    assert (refundable_amount(pro_forma), Invoice.objects.count()) == (Decimal(1210), 0)
    live(pay_on, pay_on + timedelta(days=30), step=10)
    assert with_money(Invoice.documents.filter(pk=pro_forma.pk)).get().money == 1210


def test_paid_at_the_last_hour_the_membership_starts() -> None:
    membership = ask_first()
    last = FIRST + timedelta(days=DAYS)
    live(FIRST, last, step=20)
    pay_invoice(document_of(membership), last)
    live(last, last + timedelta(days=5))
    assert state(membership) == ("active", "invoice", "paid")


def test_a_part_paid_waits_for_staff_on_its_invoice() -> None:
    membership = ask_first()
    pay(document_of(membership), Decimal(100), on=FIRST)
    assert state(membership) == ("awaiting_payment", "invoice", "issued")
    live(FIRST + timedelta(days=DAYS + 5), FIRST + timedelta(days=DAYS + 5))
    assert Membership.objects.get().status == "awaiting_payment"
    pay_invoice(Invoice.objects.get(), FIRST + timedelta(days=DAYS + 6))
    assert state(membership) == ("active", "invoice", "paid")


def test_a_debit_on_its_way_holds_the_cut_off(stripe: StripeServer) -> None:
    today = timezone.localdate()
    membership = ask_first(today - timedelta(days=DAYS + 2))
    session_id = visit(document_of(membership)).session_id or ""
    for event in stripe.account.complete(session_id, is_debit=True):
        tell(stripe, event)
    drain()
    live(today, today)
    assert state(membership) == ("awaiting_payment", "pro_forma", "issued")
    for event in stripe.account.settle_debit(session_id, is_paid=True):
        tell(stripe, event)
    drain()
    assert state(membership) == ("active", "invoice", "paid")


def test_money_that_waits_for_its_invoice_holds_the_cut_off_and_starts_the_membership_with_it() -> None:
    membership = ask_first()
    Issuer.objects.update(iban="")
    pay(document_of(membership), Decimal(1210), on=FIRST)
    assert state(membership) == ("awaiting_payment", "pro_forma", "received")
    fill_in_issuer()
    live(FIRST + timedelta(days=DAYS + 5), FIRST + timedelta(days=DAYS + 5))
    assert state(membership) == ("active", "invoice", "paid")


def test_staff_who_withdraw_it_close_the_application_and_the_other_way_round() -> None:
    first, second = ask_first(), ask_first(number="0999888767")
    withdraw_pro_forma(pro_forma=document_of(first), reason="dubbel", at=morning(FIRST), by=None)
    close_application(membership=second, at=morning(FIRST), by=None, why="dubbel")
    for membership in (first, second):
        assert state(membership) == ("closed", "pro_forma", "withdrawn")
    assert len(mails("application_closed")) == 2
    with pytest.raises(NotAwaitingPayment):
        close_application(membership=first, at=morning(FIRST), by=None)


def test_staff_who_make_the_invoice_first_have_one_as_ever() -> None:
    membership = ask_first()
    pro_forma = document_of(membership)
    later = FIRST + timedelta(days=DAYS - 5)
    invoice = invoice_pro_forma(pro_forma=pro_forma, at=morning(later), by=None)
    assert state(membership) == ("awaiting_payment", "invoice", "issued")
    live(later, later + timedelta(days=DAYS), step=20)
    assert state(membership) == ("awaiting_payment", "invoice", "overdue")
    live(later + timedelta(days=DAYS + 1), later + timedelta(days=DAYS + 1))
    assert state(membership) == ("closed", "invoice", "credited")
    assert "creditnota" in mails("application_closed")[0].text
    assert Invoice.objects.get(pk=invoice.pk).credit_notes.count() == 1


def test_what_is_credited_after_it_started_goes_back_as_ever() -> None:
    membership = ask_first()
    pay_invoice(document_of(membership), FIRST)
    invoice = Invoice.objects.get()
    credit_invoice(invoice=invoice, reason="kosteloos", at=morning(FIRST), by=None)
    assert refundable_amount(invoice) == 1210


def test_who_rejoins_sees_it_among_the_invoices_until_its_invoice_is_there(client: Client) -> None:
    membership = ask_first()
    pay_invoice(document_of(membership), FIRST)
    Membership.objects.update(status="lapsed")
    user = User.objects.get(email="noor@lantaarnwerk.example")
    again = ask_first(FIRST + timedelta(days=400), by=user)
    pro_forma = document_of(again)

    def numbers() -> set[str]:
        (place,) = own_places(user, at=timezone.now())
        return {each.number for each in place.invoices}

    first = Invoice.objects.get().number
    assert numbers() == {first, pro_forma.number}
    client.force_login(user)
    assert client.get(f"/nl/facturen/{pro_forma.pk}/").status_code == 200
    pay_invoice(pro_forma, FIRST + timedelta(days=401))
    assert numbers() == {first, document_of(again).number}


def test_its_page_says_what_it_is_whatever_became_of_it(client: Client) -> None:
    open_, withdrawn, received = (
        ask_first(number=each) for each in ("0999101384", "0999888767", "0999777742")
    )
    urls = [
        private_url(invoice=document_of(each), at=timezone.now()) for each in (open_, withdrawn, received)
    ]
    withdraw_pro_forma(pro_forma=document_of(withdrawn), reason="dubbel", at=morning(FIRST), by=None)
    Issuer.objects.update(iban="")
    pay(document_of(received), Decimal(1210), on=FIRST)
    pages = [client.get(url).content.decode() for url in urls]
    assert all("Dit is geen factuur" in page for page in pages)
    assert ["Hoe betalen?" in page for page in pages] == [True, False, False]
    assert "ingetrokken" in pages[1]
    assert "We hebben uw betaling ontvangen" in pages[2]
    for url in urls:
        assert client.get(f"{url}pdf/").content.startswith(b"%PDF")


def test_staff_read_what_is_made_or_withdrawn_before_they_confirm(client: Client) -> None:
    client.force_login(User.objects.create_superuser("baas@demo.example"))
    waiting = ask_first()
    page = client.get(f"/admin/memberships/close/{waiting.pk}/").content.decode()
    assert "De uitnodiging tot betaling wordt ingetrokken." in page
    Tier.objects.update(needs_approval=True)
    applied = ask_first(number="0999888767")
    page = client.get(f"/admin/memberships/approve/{applied.pk}/").content.decode()
    assert "Er wordt een uitnodiging tot betaling van 1.000,00\N{NO-BREAK SPACE}euro" in page
