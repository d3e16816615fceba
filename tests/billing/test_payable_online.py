"""What Stripe never takes is not offered: one rule for page, mails and payment, a lower one for debits."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from billing.models import AutomaticPayment, ChargeRules, CheckoutAttempt, Invoice
from billing.operations.checkout import OnlinePaymentOff, start_checkout
from billing.operations.delivery import private_url, send_invoice
from billing.operations.dunning import send_reminder
from billing.operations.notices import tell_debit_refused
from billing.operations.plans import plan_payment
from billing.rules import is_payable_online
from tests.billing.automatic import DAY, fresh, hear, planned, run, save_means
from tests.billing.paying import pay, texts, visit
from tests.factories.billing import issue, line
from tests.fakes.stripe_api import StripeServer
from tests.html import problems_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("site")]
SAME_SITE = {"Sec-Fetch-Site": "same-origin"}
BUTTON = "Factuur online betalen"


def an_invoice(left: str) -> Invoice:
    """An invoice of which so much is left to pay."""
    left_over = Decimal(left)
    gross = max(left_over, Decimal(2))
    draft = line(unit_price=gross, vat_treatment="exempt", text="Lidmaatschap")
    invoice = issue(draft, at=timezone.now())
    if gross != left_over:
        pay(invoice, gross - left_over)
    return fresh(invoice)


@pytest.mark.parametrize(
    ("amount", "is_taken"),
    [
        ("0.00", False),
        ("0.49", False),
        ("0.50", True),
        ("999999.99", True),
        ("1000000.00", False),
        ("1089000.00", False),
    ],
)
def test_the_rule_is_that_of_stripe(stripe: StripeServer, amount: str, is_taken: bool) -> None:
    assert is_payable_online(Decimal(amount)) == is_taken
    if Decimal(amount) and is_taken:
        assert visit(an_invoice(amount)).url


@pytest.mark.parametrize("left", ["0.30", "1089000.00"])
def test_what_stripe_never_takes_is_not_offered_anywhere(
    client: Client, stripe: StripeServer, left: str
) -> None:
    invoice = an_invoice(left)
    page = private_url(invoice=invoice, at=timezone.now()).removeprefix("http://testserver")
    shown = client.get(page).text
    assert problems_of(shown) == []
    assert BUTTON not in shown
    assert "/pay/" not in shown
    back = client.post(f"{page}pay/", headers=SAME_SITE)
    assert back["Location"] == page, "no trouble that passes"
    with pytest.raises(OnlinePaymentOff):
        start_checkout(invoice=invoice, return_url="http://t/", at=timezone.now())
    assert not CheckoutAttempt.objects.exists()
    send_invoice(invoice=invoice, at=timezone.now(), by=None)
    Invoice.objects.filter(pk=invoice.pk).update(status="overdue")
    late = timezone.now() + timedelta(days=40)
    send_reminder(invoice=fresh(invoice), level=1, at=late, by=None)
    tell_debit_refused(invoice=fresh(invoice), at=timezone.now())
    told = texts("")
    assert len(told) >= 3
    assert not [text for text in told if "betaalt u online" in text or "online op een andere" in text]
    assert stripe.requests == []


def test_what_stripe_takes_is_offered(client: Client, stripe: StripeServer) -> None:
    invoice = an_invoice("0.50")
    page = private_url(invoice=invoice, at=timezone.now()).removeprefix("http://testserver")
    assert BUTTON in client.get(page).text
    assert client.post(f"{page}pay/", headers=SAME_SITE)["Location"].startswith(f"{stripe.url}/pay/")
    send_invoice(invoice=invoice, at=timezone.now(), by=None)
    assert any("betaalt u online" in text for text in texts("actuur"))


@pytest.mark.parametrize("saves", [False, True])
def test_above_its_limit_the_pay_page_offers_no_debit(stripe: StripeServer, saves: bool) -> None:
    invoice = an_invoice("10000.01")
    words: dict[str, Any] = {"invoice": invoice, "return_url": "http://t/", "saves_means": saves}
    kept = stripe.account.kept
    high = kept[start_checkout(**words, at=timezone.now()).session_id or ""]
    assert high["_excluded"] == ["sepa_debit"]
    assert high["_saves"] == (["card"] if saves else [])
    assert stripe.account.complete(high["id"], kind="card")
    low = kept[visit(an_invoice("10000.00")).session_id or ""]
    assert low["_excluded"] == []


def test_an_account_that_may_more_says_so_in_the_settings(stripe: StripeServer) -> None:
    ChargeRules.objects.update_or_create(defaults={"highest_debit": Decimal(25_000)})
    assert stripe.account.kept[visit(an_invoice("25000.00")).session_id or ""]["_excluded"] == []
    assert stripe.account.kept[visit(an_invoice("25000.01")).session_id or ""]["_excluded"] != []


@pytest.mark.parametrize(
    ("kind", "amount", "is_planned"),
    [
        ("sepa_debit", "10000.00", True),
        ("sepa_debit", "10000.01", False),
        ("card", "10000.01", True),
        ("card", "0.49", False),
    ],
)
def test_no_more_is_planned_than_a_means_takes_at_once(
    stripe: StripeServer, kind: str, amount: str, is_planned: bool
) -> None:
    invoice = an_invoice(amount)
    save_means(stripe, invoice.customer, kind)
    assert bool(plan_payment(invoice=invoice, at=timezone.now(), by=None)) == is_planned


def test_a_limit_that_was_lowered_after_the_notice_asks_for_a_transfer(stripe: StripeServer) -> None:
    planned(stripe, "sepa_debit")
    ChargeRules.objects.update_or_create(defaults={"highest_debit": Decimal(1000)})
    before = len(stripe.requests)
    plan = run(stripe, DAY)
    assert plan.status == AutomaticPayment.Status.GIVEN_UP
    assert len(stripe.requests) == before
    (told,) = texts("zelf te betalen")
    assert "met een overschrijving of online" in told


def test_who_replaced_the_debit_by_one_that_takes_less_is_told(stripe: StripeServer) -> None:
    """The bank refused the first one meanwhile, and nothing is planned with the second."""
    plan = planned(stripe, "sepa_debit")
    run(stripe, DAY)
    save_means(stripe, plan.invoice.customer, "sepa_debit", at=timezone.now())
    ChargeRules.objects.update_or_create(defaults={"highest_debit": Decimal(1000)})
    stripe.account.settle_charge(plan.charge_tries.get().intent_id or "", is_paid=False)
    hear(stripe)
    plan.refresh_from_db()
    assert plan.status == AutomaticPayment.Status.GIVEN_UP
    (told,) = texts("zelf te betalen")
    assert "met een overschrijving of online" in told
