"""Saving what one pays with, opt-in, and ending that: told twice, late and in any order."""

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from accounts.operations.erasure import erase_person
from billing.models import CheckoutAttempt, Customer, Invoice, PaymentMeans, StripeEvent
from billing.operations.checkout import OnlinePaymentOff, start_checkout
from billing.operations.delivery import private_url
from billing.operations.means import MeansEnded, end_means, start_setup
from billing.queries import active_means, personal_data_of
from billing.registries import CustomerAccess, customer_access
from cms.models import OutgoingMail
from tests.billing.automatic import hear, save_means
from tests.billing.paying import tell, texts, visit
from tests.factories.accounts import PASSWORD, make_user
from tests.fakes.stripe_api import StripeServer
from tests.html import problems_of
from tests.queue import drain

pytestmark = pytest.mark.django_db
Because = PaymentMeans.Because


@pytest.fixture
def renewing(monkeypatch: pytest.MonkeyPatch) -> None:
    """An app above that renews each customer."""
    entry = CustomerAccess("test", lambda person, customer: False, renews=lambda customer: True)
    monkeypatch.setattr("billing.queries.means.customer_access", [entry])
    assert customer_access


def pay_and_save(stripe: StripeServer, invoice: Invoice, kind: str = "card") -> list[dict[str, Any]]:
    """Pay on Stripe's page, having agreed to save; return the messages."""
    attempt = start_checkout(
        invoice=invoice, return_url="http://testserver/nl/", at=timezone.now(), saves_means=True
    )
    events = stripe.account.complete(attempt.session_id or "", kind=kind)
    if kind == "sepa_debit":
        events += stripe.account.settle_debit(attempt.session_id or "", is_paid=True)
    return events


@pytest.mark.parametrize(("kind", "said"), [("card", "Visa"), ("sepa_debit", "domiciliëring")])
def test_what_an_invoice_was_paid_with_is_saved_once_and_told(
    stripe: StripeServer, invoice: Invoice, kind: str, said: str
) -> None:
    for event in pay_and_save(stripe, invoice, kind) * 2:
        tell(stripe, event)
        drain()
    means = PaymentMeans.objects.get()
    assert (means.kind, means.customer, means.is_active) == (kind, invoice.customer, True)
    assert bool(means.mandate_id) == (kind == "sepa_debit")
    assert means.agreed_at == invoice.checkout_attempts.get().created_at
    assert means.words
    (told,) = texts("Bewaard voor de verlengingen")
    assert said in told
    assert "minstens zeven dagen" in told


def test_nothing_is_saved_without_agreeing_nor_by_bancontact(stripe: StripeServer, invoice: Invoice) -> None:
    for event in stripe.account.complete(visit(invoice).session_id or ""):
        tell(stripe, event)
    drain()
    assert not PaymentMeans.objects.exists()
    Invoice.objects.filter(pk=invoice.pk).update(status="issued")


def test_bancontact_pays_and_saves_nothing(stripe: StripeServer, invoice: Invoice) -> None:
    for event in pay_and_save(stripe, invoice, "bancontact"):
        tell(stripe, event)
    drain()
    assert not PaymentMeans.objects.exists()
    assert Invoice.objects.get(pk=invoice.pk).status == "paid"


def test_a_debit_that_is_refused_saves_nothing(stripe: StripeServer, invoice: Invoice) -> None:
    attempt = start_checkout(invoice=invoice, return_url="http://t/", at=timezone.now(), saves_means=True)
    session = attempt.session_id or ""
    for event in (
        *stripe.account.complete(session, kind="sepa_debit"),
        *stripe.account.settle_debit(session, is_paid=False),
    ):
        tell(stripe, event)
        drain()
    assert not PaymentMeans.objects.exists()


def test_who_agrees_and_then_does_not_pays_in_one_visit(stripe: StripeServer, invoice: Invoice) -> None:
    words: dict[str, Any] = {"invoice": invoice, "return_url": "http://t/", "at": timezone.now()}
    first = start_checkout(**words, saves_means=True)
    second = start_checkout(**words)
    assert first.session_id != second.session_id
    assert stripe.account.kept[first.session_id or ""]["status"] == "expired"
    assert start_checkout(**words).session_id == second.session_id


def test_what_is_saved_without_paying(stripe: StripeServer, invoice: Invoice) -> None:
    person = make_user()
    url = start_setup(
        customer=invoice.customer, return_url="http://testserver/nl/", at=timezone.now(), by=person
    )
    setup = invoice.customer.means_setups.get()
    assert url == f"{stripe.url}/pay/{setup.session_id}"
    (event,) = stripe.account.complete(setup.session_id or "", kind="sepa_debit")
    for _time in range(2):
        tell(stripe, event)
        drain()
    means = PaymentMeans.objects.get()
    assert (means.agreed_by, means.agreed_at, means.last4) == (person, setup.agreed_at, "2345")
    assert OutgoingMail.objects.filter(template="billing/means_saved").count() == 1


def test_another_takes_its_place_and_the_old_one_is_forgotten_at_stripe(
    stripe: StripeServer, invoice: Invoice
) -> None:
    old = save_means(stripe, invoice.customer)
    new = save_means(stripe, invoice.customer, "sepa_debit", at=timezone.now() + timedelta(minutes=1))
    old.refresh_from_db()
    assert (old.ended_because, active_means(invoice.customer)) == (Because.REPLACED, new)
    assert stripe.account.kept[old.stripe_id]["customer"] is None
    assert stripe.account.kept[new.stripe_id]["customer"] is not None
    assert OutgoingMail.objects.filter(template="billing/means_ended").count() == 0


@pytest.mark.parametrize("order", list(permutations(range(2))))
def test_of_two_the_one_agreed_to_last_holds_whichever_is_heard_of_first(
    stripe: StripeServer, invoice: Invoice, order: tuple[int, int]
) -> None:
    events = []
    for minute, kind in enumerate(("card", "sepa_debit")):
        at = timezone.now() + timedelta(minutes=minute)
        start_setup(customer=invoice.customer, return_url="http://t/", at=at, by=None)
        session = invoice.customer.means_setups.order_by("-pk")[0].session_id or ""
        events += stripe.account.complete(session, kind=kind)
    for number in order:
        tell(stripe, events[number])
        drain()
    means = active_means(invoice.customer)
    assert means
    assert means.kind == "sepa_debit"
    assert PaymentMeans.objects.filter(ended_because=Because.REPLACED).count() == 1


def test_a_message_that_comes_before_our_own_note_of_the_session(
    stripe: StripeServer, invoice: Invoice
) -> None:
    start_setup(customer=invoice.customer, return_url="http://t/", at=timezone.now(), by=None)
    setup = invoice.customer.means_setups.get()
    session, setup.session_id = setup.session_id or "", None
    setup.save()
    tell(stripe, stripe.account.complete(session)[0])
    drain()
    assert active_means(invoice.customer)


def test_a_visit_that_is_not_ours_waits_in_the_queue(stripe: StripeServer, invoice: Invoice) -> None:
    session = {"id": "cs_1", "mode": "setup", "metadata": {"setup": "999"}, "setup_intent": "seti_1"}
    tell(stripe, stripe.account.event("checkout.session.completed", session))
    drain()
    assert "no such visit" in StripeEvent.objects.get().error


def test_the_payer_stops_it(stripe: StripeServer, invoice: Invoice) -> None:
    means = save_means(stripe, invoice.customer)
    end_means(means=means, because=Because.PAYER, at=timezone.now(), by=None)
    with pytest.raises(MeansEnded):
        end_means(means=means, because=Because.PAYER, at=timezone.now(), by=None)
    drain()
    assert "payment_method.detached" in hear(stripe)
    means.refresh_from_db()
    assert (means.status, means.ended_because) == (
        "ended",
        Because.PAYER,
    )
    (told,) = texts("Niet meer in gebruik")
    assert "Zoals u vroeg" in told


@pytest.mark.parametrize(("kind", "because"), [("card", Because.DETACHED), ("sepa_debit", Because.MANDATE)])
def test_what_is_removed_at_stripe_or_withdrawn_at_the_bank_ends(
    stripe: StripeServer, invoice: Invoice, kind: str, because: str
) -> None:
    means = save_means(stripe, invoice.customer, kind)
    if kind == "card":
        stripe.account.detach(means.stripe_id)
    else:
        stripe.account.withdraw_mandate(means.mandate_id)
    stripe.account.told *= 2
    hear(stripe)
    means.refresh_from_db()
    assert means.ended_because == because
    assert len(texts("Niet meer in gebruik")) == 1
    assert StripeEvent.objects.filter(applied_at__isnull=True).count() == 0


def test_a_card_that_the_bank_renews_says_so_and_older_news_does_not(
    stripe: StripeServer, invoice: Invoice
) -> None:
    means = save_means(stripe, invoice.customer)
    old = stripe.account.renew_card(means.stripe_id, 2033)
    new = stripe.account.renew_card(means.stripe_id, 2036)
    new["created"] += 5
    stripe.account.told.clear()
    for event in (new, old, new):
        tell(stripe, event)
        drain()
    means.refresh_from_db()
    assert means.expiry == "12/2036"


def test_news_of_what_we_do_not_know_changes_nothing(stripe: StripeServer) -> None:
    for kind, thing in (
        ("payment_method.detached", {"id": "pm_x", "object": "payment_method"}),
        ("mandate.updated", {"id": "mandate_x", "object": "mandate", "status": "inactive"}),
    ):
        tell(stripe, stripe.account.event(kind, thing))
    drain()
    assert set(StripeEvent.objects.values_list("outcome", flat=True)) == {
        "not about a means of payment that we know"
    }


def test_what_was_removed_before_we_heard_of_it_is_not_saved(stripe: StripeServer, invoice: Invoice) -> None:
    events = pay_and_save(stripe, invoice)
    stripe.account.detach(
        stripe.account.kept[events[0]["data"]["object"]["payment_intent"]]["payment_method"]
    )
    tell(stripe, events[0])
    hear(stripe)
    assert not PaymentMeans.objects.exists()


def test_one_own_data_tell_of_it_and_erasing_forgets_it_at_stripe(
    stripe: StripeServer, invoice: Invoice
) -> None:
    person = make_user()
    Customer.objects.filter(pk=invoice.customer_id).update(email=person.email)
    means = save_means(stripe, Customer.objects.get(pk=invoice.customer_id))
    (told,) = personal_data_of(person)["means_of_payment"]
    assert (told["kind"], told["last4"], told["ended_at"]) == ("card", "4242", None)
    erase_person(person=person, at=timezone.now())
    drain()
    means.refresh_from_db()
    assert means.ended_because == Because.ERASED
    assert stripe.account.kept[means.stripe_id]["customer"] is None


def test_without_keys_nothing_is_saved(settings: Settings, invoice: Invoice) -> None:
    settings.STRIPE_SECRET_KEY = ""
    with pytest.raises(OnlinePaymentOff):
        start_setup(customer=invoice.customer, return_url="http://t/", at=timezone.now(), by=None)


def test_the_box_on_the_pay_page_is_empty_and_what_is_ticked_goes_to_stripe(
    stripe: StripeServer, invoice: Invoice, renewing: None, client: Client
) -> None:
    page = private_url(invoice=invoice, at=timezone.now()).removeprefix("http://testserver")
    page = page[page.index("/nl/") :]
    shown = client.get(page).content.decode()
    assert 'name="saves_means"' in shown
    assert "checked" not in shown[shown.index('name="saves_means"') :][:200]
    client.post(f"{page}pay/", headers={"Sec-Fetch-Site": "same-origin"})
    client.post(f"{page}betalen/", headers={"Sec-Fetch-Site": "same-origin"})
    assert CheckoutAttempt.objects.filter(saves_means=False).count() == 1
    client.post(f"{page}pay/", {"saves_means": "on"}, headers={"Sec-Fetch-Site": "same-origin"})
    client.post(f"{page}betalen/", {"saves_means": "on"}, headers={"Sec-Fetch-Site": "same-origin"})
    assert CheckoutAttempt.objects.filter(saves_means=True).count() == 1


def test_a_session_that_expired_on_the_pay_page_loses_neither_payment_nor_tick(
    stripe: StripeServer, invoice: Invoice, renewing: None, client: Client
) -> None:
    person = make_user()
    person.user_permissions.add(Permission.objects.get(codename="view_invoice"))
    client.force_login(person)
    page = reverse("billing:own_invoice", args=[invoice.pk])
    own = {"Sec-Fetch-Site": "same-origin"}
    assert 'name="saves_means"' in client.get(page).text
    for agreed in ({}, {"saves_means": "on"}):
        Session.objects.all().delete()
        asked = client.post(f"{page}pay/", agreed, headers=own)
        assert asked["Location"] == f"{reverse('account_login')}?next={page}pay/"
        log_in = {"login": person.email, "password": PASSWORD, "next": f"{page}pay/"}
        back = client.post(reverse("account_login"), log_in)
        assert back["Location"] == f"{page}pay/"
        shown = client.get(back["Location"]).text
        assert problems_of(shown) == []
        assert ("Factuur online betalen" in shown) == (not agreed)
        if not agreed:  # nothing was ticked: the button is all there is
            continue
        assert "Wat u invulde, is bewaard" in shown
        assert "waarmee u betaalt, bewaren voor de jaarlijkse verlenging" in shown
    assert not CheckoutAttempt.objects.exists()
    answer = client.post(f"{page}pay/", {"saves_means": "on"}, headers=own)
    assert answer["Location"].startswith(f"{stripe.url}/pay/cs_test_")
    assert CheckoutAttempt.objects.get().saves_means


def test_the_box_is_not_offered_where_nothing_renews(
    stripe: StripeServer, invoice: Invoice, client: Client
) -> None:
    address = private_url(invoice=invoice, at=timezone.now())
    page = address[address.index("/nl/") :]
    assert 'name="saves_means"' not in client.get(page).content.decode()
    start_checkout(invoice=invoice, return_url="http://t/", at=timezone.now())
    for part in ("pay/", "betalen/"):
        client.post(f"{page}{part}", {"saves_means": "on"}, headers={"Sec-Fetch-Site": "same-origin"})
    assert not CheckoutAttempt.objects.filter(saves_means=True).exists()
