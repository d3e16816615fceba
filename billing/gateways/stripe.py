"""The only module that speaks to Stripe: Checkout, charges of what is saved, refunds, signed messages."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import stripe
from django.conf import settings
from stripe.params import (
    CustomerCreateParams,
    CustomerUpdateParams,
    PaymentIntentCreateParams,
    RefundCreateParams,
)
from stripe.params.checkout import SessionCreateParams

from billing.gateways.stripe_things import (
    Charge,
    ChargeRefused,
    ChargeRequest,
    CheckoutRequest,
    CheckoutSession,
    CustomerDetails,
    Forged,
    Refund,
    SavedMeans,
    SetupRequest,
    Stripe,
    StripeRefused,
    StripeUnavailable,
)
from billing.rules import is_final_refusal

__all__ = [
    "API_VERSION",
    "Charge",
    "ChargeRefused",
    "ChargeRequest",
    "CheckoutRequest",
    "CheckoutSession",
    "CustomerDetails",
    "Forged",
    "Refund",
    "SavedMeans",
    "SetupRequest",
    "Stripe",
    "StripeAccount",
    "StripeRefused",
    "StripeUnavailable",
    "connect",
]

API_VERSION = "2026-10-28.endive"
"""What we ask in, and what messages are best told in: that of the package's types, as a test holds."""
TIMEOUT = 20
"""Seconds to wait for an answer; the package's own default is 80."""


@dataclass(frozen=True)
class StripeAccount:
    """One account, reached through the official client, in one version of its API."""

    secret_key: str
    webhook_secret: str
    api_base: str = "https://api.stripe.com"

    def create_customer(
        self, *, details: CustomerDetails, metadata: dict[str, str], idempotency_key: str
    ) -> str:
        """Make a customer and return its number; the same key gives the same customer."""
        parameters: CustomerCreateParams = {
            "name": details.name,
            "email": details.email,
            "preferred_locales": [details.locale],
            "metadata": metadata,
        }
        with _plain_errors():
            options: stripe.RequestOptions = {"idempotency_key": idempotency_key}
            return self._client().v1.customers.create(parameters, options).id

    def update_customer(self, *, customer_id: str, details: CustomerDetails) -> None:
        """Tell Stripe that a customer is called or reached otherwise."""
        parameters: CustomerUpdateParams = {
            "name": details.name,
            "email": details.email,
            "preferred_locales": [details.locale],
        }
        with _plain_errors():
            self._client().v1.customers.update(customer_id, parameters)

    def create_checkout(self, *, request: CheckoutRequest, idempotency_key: str) -> CheckoutSession:
        """Make a session; the same key gives the same session.

        Which means of payment it offers, the dashboard of the account decides; no direct debit of more than
        that takes.
        """
        parameters: SessionCreateParams = {
            "mode": "payment",
            "ui_mode": "hosted_page",
            "line_items": [
                {
                    "price_data": {
                        "currency": "eur",
                        "unit_amount": request.amount,
                        "product_data": {"name": request.description},
                    },
                    "quantity": 1,
                }
            ],
            "client_reference_id": request.client_reference_id,
            "customer": request.customer,
            "metadata": request.metadata,
            "payment_intent_data": {"description": request.description, "metadata": request.metadata},
            "locale": request.locale,
            "success_url": request.success_url,
            "cancel_url": request.cancel_url,
            "expires_at": int(request.expires_at.timestamp()),
        }
        if request.saves_means:
            # Each kind on its own: saving for all of them would take Bancontact off the page.
            parameters["payment_method_options"] = {"card": {"setup_future_usage": "off_session"}}
            if request.takes_debit:
                parameters["payment_method_options"]["sepa_debit"] = {"setup_future_usage": "off_session"}
        if not request.takes_debit:
            parameters["excluded_payment_method_types"] = ["sepa_debit"]
        with _plain_errors():
            session = self._client().v1.checkout.sessions.create(
                parameters, {"idempotency_key": idempotency_key}
            )
        return _session(session)

    def retrieve_checkout(self, *, session_id: str) -> CheckoutSession:
        """Return how a session stands."""
        with _plain_errors():
            return _session(self._client().v1.checkout.sessions.retrieve(session_id))

    def expire_checkout(self, *, session_id: str) -> CheckoutSession:
        """Close an open session, so that nobody pays in it any more."""
        with _plain_errors():
            return _session(self._client().v1.checkout.sessions.expire(session_id))

    def create_setup(self, *, request: SetupRequest, idempotency_key: str) -> CheckoutSession:
        """Make a session that saves a card or bank account; the same key gives the same session."""
        parameters: SessionCreateParams = {
            "mode": "setup",
            "ui_mode": "hosted_page",
            "currency": "eur",
            "allowed_payment_method_types": ["card", "sepa_debit"],
            "customer": request.customer,
            "metadata": request.metadata,
            "setup_intent_data": {"metadata": request.metadata},
            "locale": request.locale,
            "success_url": request.success_url,
            "cancel_url": request.cancel_url,
            "expires_at": int(request.expires_at.timestamp()),
        }
        with _plain_errors():
            session = self._client().v1.checkout.sessions.create(
                parameters, {"idempotency_key": idempotency_key}
            )
        return _session(session)

    def create_charge(self, *, request: ChargeRequest, idempotency_key: str) -> Charge:
        """Take money by a saved means of payment, its payer not there; the same key takes it once.

        Raises ChargeRefused where the payer's bank, or what became of the means, stands in the way.
        """
        parameters: PaymentIntentCreateParams = {
            "amount": request.amount,
            "currency": "eur",
            "customer": request.customer,
            "payment_method": request.means,
            "allowed_payment_method_types": ["sepa_debit" if request.kind == "sepa_debit" else "card"],
            "confirm": True,
            "off_session": True,
            "error_on_requires_action": True,
            "description": request.description,
            "metadata": request.metadata,
        }
        options: stripe.RequestOptions = {"idempotency_key": idempotency_key}
        try:
            with _not_our_keys():
                return _charge(self._client().v1.payment_intents.create(parameters, options))
        except StripeRefused as refused:
            cause = refused.__cause__
            error = getattr(cause, "error", None)
            intent = getattr(getattr(error, "payment_intent", None), "id", "") or ""
            code = _code_of(error) or refused.code
            is_card = isinstance(cause, stripe.CardError)
            is_final = not is_card or is_final_refusal(code, getattr(error, "advice_code", None) or "")
            raise ChargeRefused(str(refused), code, intent=intent, is_final=is_final) from refused

    def retrieve_charge(self, *, intent: str) -> Charge:
        """Return how a payment ("pi_…") stands, charged by us or paid on Stripe's page."""
        with _not_our_keys():
            return _charge(self._client().v1.payment_intents.retrieve(intent))

    def find_charge(self, *, customer: str, metadata: dict[str, str]) -> Charge | None:
        """Return the charge of a customer that carries these words, as it stands now."""
        with _not_our_keys():
            known = self._client().v1.payment_intents.list({"customer": customer, "limit": 100})
        for intent in known.data:
            said = intent.metadata.to_dict() if intent.metadata else {}
            if metadata.items() <= said.items():
                return _charge(intent)
        return None

    def find_saved(self, *, intent: str) -> SavedMeans | None:
        """Return what a payment ("pi_…") or a set-up ("seti_…") saved; None where nothing was, or no more."""
        client = self._client()
        with _plain_errors():
            if intent.startswith("seti_"):
                found: Any = client.v1.setup_intents.retrieve(intent, {"expand": ["payment_method"]})
                mandate = getattr(found, "mandate", None)
            else:
                found = client.v1.payment_intents.retrieve(
                    intent, {"expand": ["payment_method", "latest_charge"]}
                )
                details = getattr(getattr(found, "latest_charge", None), "payment_method_details", None)
                mandate = getattr(getattr(details, "sepa_debit", None), "mandate", None)
            method = found.payment_method
            if method is None or not getattr(method, "customer", None):
                return None
            if method.type == "card":
                return _card(method)
            if method.type != "sepa_debit" or not mandate:
                return None
            given = client.v1.mandates.retrieve(mandate)
        return None if given.status == "inactive" else _bank_account(method, given)

    def detach_means(self, *, means: str) -> None:
        """Forget a saved means of payment; nothing happens where it is gone."""
        try:
            with _plain_errors():
                self._client().v1.payment_methods.detach(means)
        except StripeRefused as refused:
            # One that is detached already is refused without a code of its own.
            if refused.code != "resource_missing" and "not attached" not in str(refused):
                raise

    def create_refund(
        self, *, payment_intent: str, amount: int, metadata: dict[str, str], idempotency_key: str
    ) -> Refund:
        """Pay so many cents of a payment back; the same key pays back once."""
        parameters: RefundCreateParams = {
            "payment_intent": payment_intent,
            "amount": amount,
            "metadata": metadata,
        }
        with _plain_errors():
            return _refund(self._client().v1.refunds.create(parameters, {"idempotency_key": idempotency_key}))

    def find_refund(self, *, payment_intent: str, metadata: dict[str, str]) -> Refund | None:
        """Return the refund of a payment that carries these words, for a key that Stripe forgot."""
        with _plain_errors():
            known = self._client().v1.refunds.list({"payment_intent": payment_intent, "limit": 100})
        for refund in known.data:
            said = refund.metadata.to_dict() if refund.metadata else {}
            if metadata.items() <= said.items():
                return _refund(refund)
        return None

    def read_event(self, *, body: bytes, signature: str) -> dict[str, Any]:
        """Return a message as Stripe sent it. Raises Forged."""
        try:
            self._client().construct_event(body, signature, self.webhook_secret)
            event = json.loads(body)
        except (stripe.SignatureVerificationError, ValueError) as error:
            raise Forged from error
        if not isinstance(event.get("id"), str) or not isinstance(event.get("type"), str):
            raise Forged
        return dict(event)

    def _client(self) -> stripe.StripeClient:
        return stripe.StripeClient(
            self.secret_key,
            base_addresses={"api": self.api_base.rstrip("/")},
            max_network_retries=2,
            stripe_version=API_VERSION,
            http_client=stripe.RequestsClient(timeout=TIMEOUT),
        )


def connect() -> Stripe | None:
    """Return the account of the settings, or None when there are no keys: then nothing is paid online."""
    if not (settings.STRIPE_SECRET_KEY and settings.STRIPE_WEBHOOK_SECRET):
        return None
    return StripeAccount(settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRET, settings.STRIPE_API_BASE)


@contextmanager
def _plain_errors() -> Iterator[None]:
    try:
        yield
    except stripe.StripeError as error:
        status = error.http_status
        is_final = status is not None and 400 <= status < 500 and status not in (409, 429)
        if is_final:
            raise StripeRefused(f"{status}: {error}", error.code or "") from error
        raise StripeUnavailable(f"{status}: {error}") from error


@contextmanager
def _not_our_keys() -> Iterator[None]:
    """Take wrong keys of ours for trouble that passes: no payer is told that a bank refused something."""
    try:
        with _plain_errors():
            yield
    except StripeRefused as refused:
        if isinstance(refused.__cause__, (stripe.AuthenticationError, stripe.PermissionError)):
            raise StripeUnavailable(str(refused)) from refused
        raise


def _charge(intent: Any) -> Charge:
    error = getattr(intent, "last_payment_error", None)
    code = _code_of(error)
    return Charge(
        id=intent["id"],
        status=intent["status"],
        code=code,
        is_final=is_final_refusal(code, getattr(error, "advice_code", None) or ""),
        amount=intent["amount"],
        currency=intent["currency"],
    )


def _code_of(error: Any) -> str:
    """Return the most telling of what Stripe says about a refusal: the bank's reason, else its own."""
    return getattr(error, "decline_code", None) or getattr(error, "code", None) or ""


def _card(method: Any) -> SavedMeans:
    card = method.card
    return SavedMeans(
        id=method.id,
        kind="card",
        customer=method.customer,
        brand=getattr(card, "display_brand", None) or card.brand,
        last4=card.last4,
        expires_year=card.exp_year,
        expires_month=card.exp_month,
        country=getattr(card, "country", None) or "",
    )


def _bank_account(method: Any, mandate: Any) -> SavedMeans:
    account, details = method.sepa_debit, mandate.payment_method_details.sepa_debit
    return SavedMeans(
        id=method.id,
        kind="sepa_debit",
        customer=method.customer,
        last4=account.last4 or "",
        country=getattr(account, "country", None) or "",
        mandate=mandate.id,
        mandate_reference=details.reference,
        mandate_url=details.url,
    )


def _refund(refund: Any) -> Refund:
    return Refund(
        id=refund["id"],
        status=getattr(refund, "status", None) or "pending",
        error=getattr(refund, "failure_reason", None) or "",
    )


def _session(session: Any) -> CheckoutSession:
    return CheckoutSession(
        id=session["id"],
        url=getattr(session, "url", None) or "",
        status=getattr(session, "status", None) or "",
        payment_status=session["payment_status"],
        expires_at=datetime.fromtimestamp(session["expires_at"], UTC),
        told=session.to_dict(),
    )
