"""What the app asks of Stripe and hears from it, as plain data; `billing.gateways.stripe` speaks to it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol


class StripeUnavailable(Exception):
    """Stripe did not answer, or was busy: try again later."""


class StripeRefused(Exception):
    """Stripe will not do this; trying again does not help. `code` is its own word for why, if any."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class ChargeRefused(StripeRefused):
    """A charge without its payer was refused. `code`: the bank's reason, in Stripe's words."""

    def __init__(self, message: str, code: str = "", *, intent: str = "", is_final: bool = False) -> None:
        super().__init__(message, code)
        self.intent, self.is_final = intent, is_final


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
    saves_means: bool = False
    takes_debit: bool = True


@dataclass(frozen=True)
class CheckoutSession:
    """What Stripe says about a session. `status`: open, complete or expired.

    `told` is all that it says, as a message holds it.
    """

    id: str
    url: str
    status: str
    payment_status: str
    expires_at: datetime
    told: dict[str, Any] = field(default_factory=dict, compare=False)


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


@dataclass(frozen=True, kw_only=True)
class SetupRequest:
    """A card or bank account to be saved on Stripe's page, by a customer known there."""

    metadata: dict[str, str]
    customer: str
    locale: str
    success_url: str
    cancel_url: str
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class ChargeRequest:
    """What is to be taken, in whole cents of the euro, by which saved means (`kind`: card or sepa_debit)."""

    amount: int
    description: str
    customer: str
    means: str
    kind: str
    metadata: dict[str, str]


@dataclass(frozen=True)
class Charge:
    """What Stripe says about a charge. `status`: succeeded, processing, or a state that paid nothing.

    `code` and `is_final` say why it was refused, if it was; `amount` is in whole cents.
    """

    id: str
    status: str
    code: str = ""
    is_final: bool = False
    amount: int = 0
    currency: str = ""


@dataclass(frozen=True, kw_only=True)
class SavedMeans:
    """A card or bank account as Stripe keeps it for a customer; nothing of it pays anywhere else."""

    id: str
    kind: str
    customer: str
    brand: str = ""
    last4: str = ""
    expires_year: int | None = None
    expires_month: int | None = None
    country: str = ""
    mandate: str = ""
    mandate_reference: str = ""
    mandate_url: str = ""


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

    def create_setup(self, *, request: SetupRequest, idempotency_key: str) -> CheckoutSession:
        """Make a session that saves a card or bank account; the same key gives the same session."""

    def create_charge(self, *, request: ChargeRequest, idempotency_key: str) -> Charge:
        """Take money by a saved means of payment, its payer not there; the same key takes it once.

        Raises ChargeRefused where the payer's bank, or what became of the means, stands in the way.
        """

    def retrieve_charge(self, *, intent: str) -> Charge:
        """Return how a payment ("pi_…") stands, charged by us or paid on Stripe's page."""

    def find_charge(self, *, customer: str, metadata: dict[str, str]) -> Charge | None:
        """Return the charge of a customer that carries these words, as it stands now."""

    def find_saved(self, *, intent: str) -> SavedMeans | None:
        """Return what a payment ("pi_…") or a set-up ("seti_…") saved; None where nothing was, or no more."""

    def detach_means(self, *, means: str) -> None:
        """Forget a saved means of payment; nothing happens where it is gone."""

    def create_refund(
        self, *, payment_intent: str, amount: int, metadata: dict[str, str], idempotency_key: str
    ) -> Refund:
        """Pay so many cents of a payment back; the same key pays back once."""

    def find_refund(self, *, payment_intent: str, metadata: dict[str, str]) -> Refund | None:
        """Return the refund of a payment that carries these words, for a key that Stripe forgot."""

    def read_event(self, *, body: bytes, signature: str) -> dict[str, Any]:
        """Return a message as Stripe sent it. Raises Forged."""
