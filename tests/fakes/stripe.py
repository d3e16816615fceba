"""A gateway to Stripe of the same signatures, in memory."""

from dataclasses import dataclass, field, replace
from typing import Any

from billing.gateways.stripe import CheckoutRequest, CheckoutSession, Forged, Refund, StripeRefused


@dataclass
class FakeStripe:
    """Keeps sessions by idempotency key; believes the messages that are signed "fine"."""

    sessions: dict[str, CheckoutSession] = field(default_factory=dict)
    requests: list[CheckoutRequest] = field(default_factory=list)
    refunds: dict[str, tuple[str, dict[str, str], Refund]] = field(default_factory=dict)

    def create_checkout(self, *, request: CheckoutRequest, idempotency_key: str) -> CheckoutSession:
        """Make a session; the same key gives the same session."""
        self.requests.append(request)
        session = CheckoutSession(
            id=f"cs_{idempotency_key}",
            url=f"https://checkout.example/{idempotency_key}",
            status="open",
            payment_status="unpaid",
            expires_at=request.expires_at,
        )
        return self.sessions.setdefault(session.id, session)

    def retrieve_checkout(self, *, session_id: str) -> CheckoutSession:
        """Return how a session stands."""
        if session_id not in self.sessions:
            raise StripeRefused("404")
        return self.sessions[session_id]

    def expire_checkout(self, *, session_id: str) -> CheckoutSession:
        """Close an open session, so that nobody pays in it any more."""
        session = self.retrieve_checkout(session_id=session_id)
        if session.status != "open":
            raise StripeRefused("400")
        self.sessions[session_id] = replace(session, status="expired")
        return self.sessions[session_id]

    def create_refund(
        self, *, payment_intent: str, amount: int, metadata: dict[str, str], idempotency_key: str
    ) -> Refund:
        """Pay so many cents of a payment back; the same key pays back once."""
        if amount <= 0:
            raise StripeRefused("400")
        refund = Refund(id=f"re_{idempotency_key}", status="succeeded", error="")
        return self.refunds.setdefault(refund.id, (payment_intent, metadata, refund))[2]

    def find_refund(self, *, payment_intent: str, metadata: dict[str, str]) -> Refund | None:
        """Return the refund of a payment that carries these words, for a key that Stripe forgot."""
        for intent, said, refund in self.refunds.values():
            if intent == payment_intent and metadata.items() <= said.items():
                return refund
        return None

    def read_event(self, *, body: bytes, signature: str) -> dict[str, Any]:
        """Return a message as Stripe sent it. Raises Forged."""
        if signature != "fine":
            raise Forged
        return {"id": body.decode(), "type": "unknown"}
