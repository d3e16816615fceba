"""The gateway for what is saved and charged later, against a Stripe on the loopback."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from billing.gateways.stripe import (
    ChargeRefused,
    ChargeRequest,
    CheckoutRequest,
    CustomerDetails,
    SetupRequest,
    StripeAccount,
    StripeUnavailable,
)
from billing.models import AutomaticPayment, ChargeTry, CheckoutAttempt, Invoice, MeansSetup, Reversal
from demo.stand_in.stripe_account import parse_form
from tests.fakes.stripe_api import KEY, SECRET, StripeServer, stripe_server


@pytest.fixture
def server() -> Iterator[StripeServer]:
    with stripe_server() as running:
        yield running


@pytest.fixture
def account(server: StripeServer) -> StripeAccount:
    return StripeAccount(KEY, SECRET, server.url)


@pytest.fixture
def customer(account: StripeAccount) -> str:
    details = CustomerDetails(name="Proefbedrijf", email="a@proefbedrijf.example", locale="nl")
    return account.create_customer(details=details, metadata={}, idempotency_key="customer-1")


def setup(account: StripeAccount, customer: str) -> str:
    """Start a session that saves, and return its number."""
    request = SetupRequest(
        metadata={"setup": "1"},
        customer=customer,
        locale="nl",
        success_url="http://testserver/ok",
        cancel_url="http://testserver/",
        expires_at=datetime.now(UTC) + timedelta(hours=1),
    )
    session = account.create_setup(request=request, idempotency_key="setup-1")
    assert (session.status, session.payment_status) == ("open", "unpaid")
    return session.id


def save(
    account: StripeAccount, server: StripeServer, customer: str, kind: str = "card", refusal: str = ""
) -> str:
    """Save something by a session, and return its number."""
    session = setup(account, customer)
    server.account.complete(session, kind=kind, refusal=refusal)
    saved = account.find_saved(intent=server.account.kept[session]["setup_intent"])
    assert saved
    return saved.id


def charge(customer: str, means: str, kind: str = "card", **fields: Any) -> ChargeRequest:
    words: dict[str, Any] = {
        "amount": 121_000,
        "description": "Factuur 1",
        "metadata": {"invoice": "1", "try": "1"},
    }
    return ChargeRequest(customer=customer, means=means, kind=kind, **{**words, **fields})


@pytest.mark.parametrize("kind", ["card", "sepa_debit"])
def test_what_a_setup_saves_is_told_without_its_secrets(
    account: StripeAccount, server: StripeServer, customer: str, kind: str
) -> None:
    session = setup(account, customer)
    (event,) = server.account.complete(session, kind=kind)
    assert event["data"]["object"]["payment_status"] == "no_payment_required"
    saved = account.find_saved(intent=event["data"]["object"]["setup_intent"])
    assert saved
    assert (saved.kind, saved.customer, saved.country) == (kind, customer, "BE")
    if kind == "card":
        assert (saved.brand, saved.last4, saved.expires_year, saved.mandate) == ("visa", "4242", 2031, "")
    else:
        assert saved.last4 == "2345"
        assert saved.mandate.startswith("mandate_")
        assert saved.mandate_reference.startswith("DEMO")
    sent = parse_form(server.requests[1][3])
    assert (sent["mode"], sent["allowed_payment_method_types"]) == ("setup", ["card", "sepa_debit"])


@pytest.mark.parametrize(
    ("kind", "saves", "is_saved"),
    [
        *(("card", True, True), ("sepa_debit", True, True), ("bancontact", True, False)),
        *(("card", False, False), ("sepa_debit", False, False)),
    ],
)
def test_a_payment_saves_only_where_it_was_asked_and_never_bancontact(
    account: StripeAccount, server: StripeServer, customer: str, kind: str, saves: bool, is_saved: bool
) -> None:
    request = CheckoutRequest(
        amount=121_000,
        description="Factuur",
        client_reference_id="1",
        metadata={"invoice": "1", "attempt": "1"},
        customer=customer,
        locale="nl",
        success_url="http://testserver/ok",
        cancel_url="http://testserver/",
        expires_at=datetime.now(UTC) + timedelta(hours=1),
        saves_means=saves,
    )
    session = account.create_checkout(request=request, idempotency_key="k")
    options = parse_form(server.requests[-1][3]).get("payment_method_options")
    wanted = {"setup_future_usage": "off_session"}
    assert options == ({"card": wanted, "sepa_debit": wanted} if saves else None)
    server.account.complete(session.id, kind=kind)
    saved = account.find_saved(intent=server.account.kept[session.id]["payment_intent"])
    assert (saved is not None) == is_saved


def test_a_charge_takes_money_once_for_a_key_and_is_found_by_its_words(
    account: StripeAccount, server: StripeServer, customer: str
) -> None:
    request = charge(customer, save(account, server, customer))
    made = account.create_charge(request=request, idempotency_key="invoice-1-charge-1")
    assert made.status == "succeeded"
    assert account.create_charge(request=request, idempotency_key="invoice-1-charge-1") == made
    assert account.find_charge(customer=customer, metadata={"invoice": "1", "try": "1"}) == made
    assert account.find_charge(customer=customer, metadata={"invoice": "1", "try": "2"}) is None
    assert [event["type"] for event in server.account.told] == ["payment_intent.succeeded"]


def test_a_debit_is_under_way_until_the_bank_says_so(
    account: StripeAccount, server: StripeServer, customer: str
) -> None:
    means = save(account, server, customer, "sepa_debit")
    made = account.create_charge(request=charge(customer, means, "sepa_debit"), idempotency_key="k")
    assert made.status == "processing"
    server.account.settle_charge(made.id, is_paid=False)
    found = account.find_charge(customer=customer, metadata={"invoice": "1"})
    assert found
    assert (found.status, found.code, found.is_final) == (
        "requires_payment_method",
        "insufficient_funds",
        False,
    )


@pytest.mark.parametrize(
    ("code", "is_final"),
    [
        *(("insufficient_funds", False), ("do_not_honor", False)),
        *(("stolen_card", True), ("authentication_required", True)),
    ],
)
def test_a_refusal_says_why_and_whether_it_is_final_each_time_it_is_asked(
    account: StripeAccount, server: StripeServer, customer: str, code: str, is_final: bool
) -> None:
    request = charge(customer, save(account, server, customer, refusal=code))
    for _time in range(2):
        with pytest.raises(ChargeRefused) as refused:
            account.create_charge(request=request, idempotency_key="k")
        assert (refused.value.code, refused.value.is_final) == (code, is_final)
        assert refused.value.intent.startswith("pi_")
    found = account.find_charge(customer=customer, metadata={"invoice": "1"})
    assert found
    assert (found.code, found.is_final) == (code, is_final)


def test_what_is_detached_is_gone_and_detaching_again_is_fine(
    account: StripeAccount, server: StripeServer, customer: str
) -> None:
    means = save(account, server, customer)
    for name in (means, means, "pm_unknown"):
        account.detach_means(means=name)
    assert [event["type"] for event in server.account.told] == ["payment_method.detached"]
    with pytest.raises(ChargeRefused) as refused:
        account.create_charge(request=charge(customer, means), idempotency_key="k")
    assert refused.value.is_final


def test_a_withdrawn_mandate_and_a_missing_customer_are_final(
    account: StripeAccount, server: StripeServer, customer: str
) -> None:
    means = save(account, server, customer, "sepa_debit")
    server.account.withdraw_mandate(server.account.kept[means]["_mandate"])
    for number, request in enumerate((charge(customer, means, "sepa_debit"), charge("cus_gone", means))):
        with pytest.raises(ChargeRefused) as refused:
            account.create_charge(request=request, idempotency_key=f"k{number}")
        assert refused.value.is_final


@pytest.mark.parametrize("status", [500, 429, 401, 403])
def test_trouble_of_stripe_or_with_our_keys_is_no_refusal_of_the_payer(
    account: StripeAccount, server: StripeServer, status: int
) -> None:
    server.failure = status
    with pytest.raises(StripeUnavailable):
        account.create_charge(request=charge("cus_1", "pm_1"), idempotency_key="k")


def test_no_key_is_that_of_an_earlier_database() -> None:
    """Restored or begun anew, it gives the same numbers again; Stripe would answer what it did then."""
    invoice = Invoice(pk=1)

    def keys(at: datetime) -> list[str]:
        things = (
            CheckoutAttempt(invoice=invoice, number=1, created_at=at),
            MeansSetup(pk=1, agreed_at=at),
            ChargeTry(plan=AutomaticPayment(invoice=invoice), number=1, tried_at=at),
            Reversal(pk=1, recorded_at=at),
        )
        return [thing.idempotency_key for thing in things]

    now = timezone.now()
    before, after = keys(now - timedelta(days=1)), keys(now)
    assert before == keys(now - timedelta(days=1)), "asked again, it is the same"
    assert len({*before, *after}) == 8
