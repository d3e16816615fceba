"""The only module that speaks to Stripe: Checkout sessions, refunds, and the signature of its messages."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

import stripe
from django.conf import settings
from stripe.params import CustomerCreateParams, CustomerUpdateParams, RefundCreateParams
from stripe.params.checkout import SessionCreateParams

TIMEOUT = 20
"""Seconds to wait for an answer; the package's own default is 80."""


class StripeUnavailable(Exception):
    """Stripe did not answer, or was busy: try again later."""


class StripeRefused(Exception):
    """Stripe will not do this; trying again does not help. `code` is its own word for why, if any."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class Forged(Exception):
    """A message that Stripe did not sign, or that is too old or no event."""


@dataclass(frozen=True, kw_only=True)
class CheckoutRequest:
    """What is to be paid on Stripe's page, in whole cents of the euro, by a customer known there."""

    amount: int
    description: str
    client_reference_id: str
    metadata: dict[str, str]
    customer: str
    locale: str
    success_url: str
    cancel_url: str
    expires_at: datetime


@dataclass(frozen=True)
class CheckoutSession:
    """What Stripe says about a session. `status`: open, complete or expired."""

    id: str
    url: str
    status: str
    payment_status: str
    expires_at: datetime


@dataclass(frozen=True)
class Refund:
    """What Stripe says about money it pays back.

    `status`: pending, requires_action, succeeded, failed or canceled; `error`: why it failed.
    """

    id: str
    status: str
    error: str


@dataclass(frozen=True)
class CustomerDetails:
    """What Stripe knows of a customer; `locale` is the language of its mails."""

    name: str
    email: str
    locale: str


class Stripe(Protocol):
    """What the app asks of Stripe. Every method raises StripeUnavailable or StripeRefused."""

    def create_customer(
        self, *, details: CustomerDetails, metadata: dict[str, str], idempotency_key: str
    ) -> str:
        """Make a customer and return its number; the same key gives the same customer."""

    def update_customer(self, *, customer_id: str, details: CustomerDetails) -> None:
        """Tell Stripe that a customer is called or reached otherwise."""

    def create_checkout(self, *, request: CheckoutRequest, idempotency_key: str) -> CheckoutSession:
        """Make a session; the same key gives the same session."""

    def retrieve_checkout(self, *, session_id: str) -> CheckoutSession:
        """Return how a session stands."""

    def expire_checkout(self, *, session_id: str) -> CheckoutSession:
        """Close an open session, so that nobody pays in it any more."""

    def create_refund(
        self, *, payment_intent: str, amount: int, metadata: dict[str, str], idempotency_key: str
    ) -> Refund:
        """Pay so many cents of a payment back; the same key pays back once."""

    def find_refund(self, *, payment_intent: str, metadata: dict[str, str]) -> Refund | None:
        """Return the refund of a payment that carries these words, for a key that Stripe forgot."""

    def read_event(self, *, body: bytes, signature: str) -> dict[str, Any]:
        """Return a message as Stripe sent it. Raises Forged."""


@dataclass(frozen=True)
class StripeAccount:
    """One account, reached through the official client; its API version is the client's."""

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

        Which means of payment it offers, the dashboard of the account decides.
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
    )
