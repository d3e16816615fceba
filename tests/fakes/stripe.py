"""A gateway to Stripe of the same signatures, in memory."""

from dataclasses import dataclass, field, replace
from typing import Any

from billing.gateways.stripe import CheckoutRequest, CheckoutSession, Forged, StripeRefused


@dataclass
class FakeStripe:
    """Keeps sessions by idempotency key; believes the messages that are signed "fine"."""

    sessions: dict[str, CheckoutSession] = field(default_factory=dict)
    requests: list[CheckoutRequest] = field(default_factory=list)

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

    def read_event(self, *, body: bytes, signature: str) -> dict[str, Any]:
        """Return a message as Stripe sent it. Raises Forged."""
        if signature != "fine":
            raise Forged
        return {"id": body.decode(), "type": "unknown"}
