"""A small Stripe account: Checkout, saved means, refunds, disputes, signed messages, in Stripe's wire format.

It keeps everything in a mapping that its owner gives: files in the demo, a dictionary in the tests.
"""

import hmac
import json
import re
from collections.abc import Callable
from hashlib import sha256
from secrets import token_hex
from typing import Any

from demo.stand_in.base import API_VERSION, Answer, WireError, listed, parse_form, public
from demo.stand_in.saved_means import HIGHEST_DEBIT, SavedMeans, refusal_of
from demo.stand_in.session_rules import check_metadata, check_session

__all__ = ["StripeStandIn", "WireError", "parse_form"]

Act = Callable[["StripeStandIn", str, dict[str, Any]], dict[str, Any]]


class StripeStandIn(SavedMeans):
    """One account."""

    def handle(self, *, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        """Answer one request of the API."""
        try:
            if headers.get("authorization") != f"Bearer {self.secret_key}":
                raise WireError(401, "Invalid API Key provided")
            if headers.get("stripe-version") != API_VERSION:
                raise WireError(400, f"Invalid Stripe API version: this stand-in speaks {API_VERSION}")
            return self._route(method, path, headers.get("idempotency-key", ""), body)
        except WireError as error:
            return error.answer

    def _route(self, method: str, path: str, key: str, body: bytes) -> Answer:
        address, _mark, query = path.partition("?")
        parameters = parse_form(query.encode() if method == "GET" else body)
        found = [(kind, re.fullmatch(it, address), act) for kind, verb, it, act in ROUTES if verb == method]
        kind, match, act = next((route for route in found if route[1]), ("", None, None))
        if match is None or act is None:
            raise WireError(404, f"Unrecognized request URL ({method}: {path})")
        self.check(kind, parameters)
        check_metadata(parameters)
        name = match[1] if match.groups() else ""
        if method == "GET":
            return 200, act(self, name, parameters)
        request = f"{method} {address} {json.dumps(parameters, sort_keys=True)}"
        return self.once(key, request, lambda: act(self, name, parameters))

    def tell_session(self, name: str, _parameters: dict[str, Any]) -> dict[str, Any]:
        """Answer with a session."""
        return public(self.session(name))

    def session(self, session_id: str) -> dict[str, Any]:
        """Return a session. Raises WireError for an unknown one."""
        session = self.known(session_id, "checkout.session")
        if session["status"] == "open" and session["expires_at"] <= self.now():
            self._close(session)
        return session

    def complete(
        self, session_id: str, *, is_debit: bool = False, kind: str = "", refusal: str = ""
    ) -> list[dict[str, Any]]:
        """Pay or save in an open session, and return the messages.

        A bank debit is confirmed by `settle_debit` only. What the session saves is refused later for the
        reason `refusal`, where one is given; nothing is saved of another `kind` than card and sepa_debit.
        """
        session = self.session(session_id)
        if session["status"] != "open":
            raise WireError(400, "This Checkout Session is not open")
        kind = kind or ("sepa_debit" if is_debit else "card")
        if kind in session.get("_excluded", []):
            raise WireError(400, f"This Checkout Session does not take {kind}")
        if kind == "sepa_debit" and session["amount_total"] and session["amount_total"] > HIGHEST_DEBIT:
            raise WireError(400, "A SEPA Direct Debit is of at most 10,000 EUR", code="amount_too_large")
        is_saved = kind in session["_saves"]
        customer = session["customer"] if is_saved else None
        method, mandate = self.make_means(kind, customer, refusal)
        session |= {"status": "complete", "url": None}
        if session["mode"] == "setup":
            name = f"seti_{token_hex(12)}"
            self.kept[name] = {
                "id": name,
                "object": "setup_intent",
                "customer": session["customer"],
                "mandate": mandate,
                "metadata": session["_intent"]["metadata"] or {},
                "payment_method": method,
                "status": "succeeded",
            }
            session |= {"payment_status": "no_payment_required", "setup_intent": name}
        else:
            intent = self._intent_of(
                session,
                payment_method=method,
                status="processing" if kind == "sepa_debit" else "succeeded",
                last_payment_error=None,
                _mandate=mandate,
            )
            session |= {
                "payment_status": "unpaid" if kind == "sepa_debit" else "paid",
                "payment_intent": intent["id"],
            }
        self.kept[session_id] = session
        return [self.event("checkout.session.completed", session)]

    def refuse(self, session_id: str, code: str) -> list[dict[str, Any]]:
        """Let the bank refuse what is tried in an open session, and return the messages: it stays open."""
        session = self.session(session_id)
        if session["status"] != "open":
            raise WireError(400, "This Checkout Session is not open")
        if session["mode"] == "setup":
            return []
        error = refusal_of(code)
        intent = self._intent_of(session, status="requires_payment_method", last_payment_error=error)
        session["payment_intent"] = intent["id"]
        self.kept[session_id] = session
        return [self.event("payment_intent.payment_failed", intent)]

    def _intent_of(self, session: dict[str, Any], **fields: Any) -> dict[str, Any]:
        """Return the payment of a session, made where nobody tried before, with what is new of it."""
        if name := session["payment_intent"]:
            self.kept[name] = self.kept[name] | fields
            return self.kept[name]
        return self.make_intent(
            amount=session["amount_total"],
            currency=session["currency"],
            customer=session["customer"],
            description=session["_intent"]["description"],
            metadata=session["_intent"]["metadata"] or {},
            _session=session["id"],
            **fields,
        )

    def settle_debit(self, session_id: str, *, is_paid: bool) -> list[dict[str, Any]]:
        """Let the bank confirm or refuse a debit, and return the messages."""
        session = self.session(session_id)
        intent = self.kept[session["payment_intent"]]
        if is_paid:
            session["payment_status"] = "paid"
            self.kept[intent["id"]] = intent | {"status": "succeeded"}
        else:
            error = refusal_of("insufficient_funds")
            self.kept[intent["id"]] = intent | {
                "status": "requires_payment_method",
                "last_payment_error": error,
            }
        self.kept[session_id] = session
        outcome = "succeeded" if is_paid else "failed"
        return [self.event(f"checkout.session.async_payment_{outcome}", session)]

    def follow_refund(self, refund_id: str, status: str) -> list[dict[str, Any]]:
        """Let a refund come to another state, and return the messages."""
        refund = self.kept[refund_id]
        refund["status"] = status
        if status == "failed":
            refund["failure_reason"] = "expired_or_canceled_card"
        self._keep_refund(refund)
        return [self.event("refund.failed" if status == "failed" else "refund.updated", refund)]

    def dispute(self, paid_id: str, *, status: str = "needs_response") -> list[dict[str, Any]]:
        """Let the payer's bank take a payment back, or decide about it, and return the messages.

        It is the payment of a session, or a charge by its own number.
        """
        name = paid_id if paid_id.startswith("pi_") else self.session(paid_id)["payment_intent"]
        intent = self.kept.get(name or "", {})
        if intent.get("status") != "succeeded":
            raise WireError(400, "Only what was paid is disputed")
        number = intent["id"].removeprefix("pi_")
        name = f"du_{number}"
        before = self.kept.get(name, {})
        moved = list(before.get("balance_transactions", []))
        if not moved and not status.startswith("warning"):  # an inquiry takes nothing
            moved = [self._movement(name, -intent["amount"], intent["currency"])]
        self.kept[name] = dispute = {
            "id": name,
            "object": "dispute",
            "amount": intent["amount"],
            "balance_transactions": moved,
            "charge": f"ch_{number}",
            "created": before.get("created", int(self.now())),
            "currency": intent["currency"],
            "livemode": False,
            "metadata": {},
            "payment_intent": intent["id"],
            "reason": "general",
            "status": status,
        }
        kinds = {"needs_response": ("funds_withdrawn",), "won": ("funds_reinstated", "closed")}
        told = (*(() if before else ("created",)), *kinds.get(status, ("closed",)))
        return [self.event(f"charge.dispute.{kind}", dispute) for kind in told]

    def _movement(self, source: str, amount: int, currency: str) -> dict[str, Any]:
        """Return what a dispute moved on the account's balance."""
        return {
            "id": f"txn_{source}",
            "object": "balance_transaction",
            "amount": amount,
            "created": int(self.now()),
            "currency": currency,
            "source": source,
            "type": "adjustment",
        }

    def sign(self, event: dict[str, Any]) -> tuple[bytes, str]:
        """Return a message's body and the header that proves who sent it."""
        body = json.dumps(event).encode()
        moment = int(self.now())
        proof = hmac.new(self.webhook_secret.encode(), f"{moment}.".encode() + body, sha256).hexdigest()
        return body, f"t={moment},v1={proof}"

    def create_session(self, _name: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """Make a session, and answer with it."""
        now = int(self.now())
        total = check_session(parameters, now)
        is_setup = total is None
        prices = [item["price_data"] for item in parameters.get("line_items", [])]
        options = parameters.get("payment_method_options", {})
        saves = [kind for kind, said in options.items() if said.get("setup_future_usage") == "off_session"]
        if is_setup:
            saves = parameters.get("allowed_payment_method_types", ["card"])
        payer = {"email": parameters.get("customer_email")}
        if customer := parameters.get("customer"):
            payer = self.known(customer, "customer")
        about = parameters.get("setup_intent_data" if is_setup else "payment_intent_data", {})
        session_id = f"cs_test_{token_hex(16)}"
        session = {
            "id": session_id,
            "object": "checkout.session",
            "amount_subtotal": total,
            "amount_total": total,
            "cancel_url": parameters.get("cancel_url"),
            "client_reference_id": parameters.get("client_reference_id"),
            "created": now,
            "currency": parameters["currency"] if is_setup else prices[0]["currency"],
            "customer": parameters.get("customer"),
            "customer_details": {"email": payer.get("email")},
            "customer_email": parameters.get("customer_email"),
            "expires_at": int(parameters.get("expires_at", now + 86_400)),
            "livemode": False,
            "locale": parameters.get("locale"),
            "metadata": parameters.get("metadata", {}),
            "mode": parameters["mode"],
            "payment_intent": None,
            "setup_intent": None,
            "_line": prices[0]["product_data"]["name"] if prices else "",
            "_intent": {name: about.get(name) for name in ("metadata", "description")},
            "_saves": saves,
            "_excluded": parameters.get("excluded_payment_method_types", []),
            "payment_status": "unpaid",
            "status": "open",
            "success_url": parameters.get("success_url"),
            "ui_mode": "hosted_page",
            "url": self.page_url(session_id),
        }
        self.kept[session_id] = session
        return public(session)

    def change_customer(self, name: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """Make a customer, or change one, and answer with it."""
        new: dict[str, Any] = {
            "id": f"cus_{token_hex(7)}",
            "object": "customer",
            "created": int(self.now()),
            "livemode": False,
        }
        customer = (self.known(name, "customer") if name else new) | parameters
        self.kept[customer["id"]] = customer
        return customer

    def list_refunds(self, _name: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """Answer with the refunds of a payment."""
        return listed("/v1/refunds", self._refunds(parameters.get("payment_intent", "")), parameters)

    def _refunds(self, intent: str) -> list[dict[str, Any]]:
        return [self.kept[name] for name in self.known(intent, "payment_intent")["_refunds"]]

    def refund(self, _name: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """Pay back, and answer with the refund."""
        intent = parameters.get("payment_intent", "")
        others = self._refunds(intent)
        paid = self.kept[intent]
        left = paid["amount"] - sum(each["amount"] for each in others if each["status"] != "failed")
        amount = int(parameters.get("amount", left))
        if paid["status"] != "succeeded":
            raise WireError(400, f"PaymentIntent {intent} does not have a successful charge to refund.")
        if amount > left:
            raise WireError(400, f"Refund amount ({amount}) is greater than unrefunded amount ({left})")
        refund = {
            "id": f"re_{token_hex(12)}",
            "object": "refund",
            "amount": amount,
            "charge": f"ch_{intent.removeprefix('pi_')}",
            "created": int(self.now()),
            "currency": paid["currency"],
            "metadata": parameters.get("metadata", {}),
            "payment_intent": intent,
            "reason": parameters.get("reason"),
            "status": "succeeded",
        }
        self._keep_refund(refund)
        return refund

    def _keep_refund(self, refund: dict[str, Any]) -> None:
        self.kept[refund["id"]] = refund
        intent = self.kept[refund["payment_intent"]]
        intent["_refunds"] = [*(name for name in intent["_refunds"] if name != refund["id"]), refund["id"]]
        self.kept[refund["payment_intent"]] = intent

    def expire(self, name: str, _parameters: dict[str, Any]) -> dict[str, Any]:
        """Close an open session, tell it, and answer with it."""
        session = self.session(name)
        if session["status"] != "open":
            raise WireError(400, "Only Checkout Sessions with a status of open can be expired")
        return public(self._close(session))

    def _close(self, session: dict[str, Any]) -> dict[str, Any]:
        session |= {"status": "expired", "url": None}
        self.kept[session["id"]] = session
        self.tell("checkout.session.expired", session)
        return session


ROUTES: tuple[tuple[str, str, str, Act], ...] = (
    ("session", "POST", r"/v1/checkout/sessions", StripeStandIn.create_session),
    ("one session", "GET", r"/v1/checkout/sessions/(cs_test_\w+)", StripeStandIn.tell_session),
    ("expiry", "POST", r"/v1/checkout/sessions/(cs_test_\w+)/expire", StripeStandIn.expire),
    ("new customer", "POST", r"/v1/customers", StripeStandIn.change_customer),
    ("customer", "POST", r"/v1/customers/(cus_\w+)", StripeStandIn.change_customer),
    ("refund", "POST", r"/v1/refunds", StripeStandIn.refund),
    ("refunds", "GET", r"/v1/refunds", StripeStandIn.list_refunds),
    ("charge", "POST", r"/v1/payment_intents", StripeStandIn.charge),
    ("charges", "GET", r"/v1/payment_intents", StripeStandIn.list_intents),
    ("one charge", "GET", r"/v1/payment_intents/(pi_\w+)", StripeStandIn.tell_intent),
    ("one set-up", "GET", r"/v1/setup_intents/(seti_\w+)", StripeStandIn.tell_setup),
    ("means", "GET", r"/v1/payment_methods/(pm_\w+)", StripeStandIn.tell_method),
    ("detachment", "POST", r"/v1/payment_methods/(pm_\w+)/detach", StripeStandIn.let_go),
    ("mandate", "GET", r"/v1/mandates/(mandate_\w+)", StripeStandIn.tell_mandate),
)
"""What is asked, how and where; the first word names the parameters to `check`."""
