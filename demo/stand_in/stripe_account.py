"""A small Stripe account: Checkout, saved means, refunds, disputes, signed messages, in Stripe's wire format.

It keeps everything in a mapping that its owner gives: files in the demo, a dictionary in the tests.
"""

import hmac
import json
import re
from hashlib import sha256
from secrets import token_hex
from typing import Any
from urllib.parse import parse_qsl

from demo.stand_in.base import WireError, public
from demo.stand_in.saved_means import SavedMeans

__all__ = ["StripeStandIn", "WireError", "parse_form"]

Answer = tuple[int, dict[str, Any]]
CUSTOMER = re.compile(r"/v1/customers(?:/(cus_\w+))?")
REFUNDS = re.compile(r"/v1/refunds(?:\?(.*))?")
SESSION = re.compile(r"/v1/checkout/sessions/(cs_test_\w+)(/expire)?")


class StripeStandIn(SavedMeans):
    """One account."""

    def handle(self, *, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        """Answer one request of the API."""
        try:
            if headers.get("authorization") != f"Bearer {self.secret_key}":
                raise WireError(401, "Invalid API Key provided")
            if method == "POST" and path == "/v1/checkout/sessions":
                key = headers.get("idempotency-key", "")
                return 200, public(self._create(parse_form(body), key))
            if match := CUSTOMER.fullmatch(path):
                if method == "POST":
                    key = headers.get("idempotency-key", "")
                    return 200, self._customer(match[1] or "", parse_form(body), key)
            elif match := REFUNDS.fullmatch(path):
                if method == "POST":
                    return 200, self._refund(parse_form(body), headers.get("idempotency-key", ""))
                found = self._refunds(dict(parse_qsl(match[1] or "")).get("payment_intent", ""))
                return 200, {"object": "list", "url": "/v1/refunds", "has_more": False, "data": found}
            key = headers.get("idempotency-key", "")
            answer = self.answer_about_means(method, path, lambda: parse_form(body), key)
            if answer is not None:
                return 200, answer
            match = SESSION.fullmatch(path)
            if match and method == ("POST" if match[2] else "GET"):
                session = self.session(match[1])
                return 200, public(self._expire(session) if match[2] else session)
            raise WireError(404, f"Unrecognized request URL ({method}: {path})")
        except WireError as error:
            told = {"type": error.kind, "message": str(error), "code": error.code}
            told |= error.more
            return error.status, {"error": {name: words for name, words in told.items() if words}}

    def session(self, session_id: str) -> dict[str, Any]:
        """Return a session. Raises WireError for an unknown one."""
        if session_id not in self.kept:
            raise WireError(404, f"No such checkout.session: {session_id}")
        session = self.kept[session_id]
        if session["status"] == "open" and session["expires_at"] <= self.now():
            session |= {"status": "expired", "url": None}
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
                "metadata": session["metadata"],
                "payment_method": method,
                "status": "succeeded",
            }
            session |= {"payment_status": "no_payment_required", "setup_intent": name}
        else:
            intent = self.make_intent(
                amount=session["amount_total"],
                currency=session["currency"],
                customer=session["customer"],
                payment_method=method,
                metadata=session["metadata"],
                status="processing" if kind == "sepa_debit" else "succeeded",
                _session=session_id,
                _mandate=mandate,
            )
            session |= {
                "payment_status": "unpaid" if kind == "sepa_debit" else "paid",
                "payment_intent": intent["id"],
            }
        self.kept[session_id] = session
        return [self.event("checkout.session.completed", session)]

    def settle_debit(self, session_id: str, *, is_paid: bool) -> list[dict[str, Any]]:
        """Let the bank confirm or refuse a debit, and return the messages."""
        session = self.session(session_id)
        if is_paid:
            session["payment_status"] = "paid"
            intent = self.kept[session["payment_intent"]]
            self.kept[intent["id"]] = intent | {"status": "succeeded"}
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
        is_new = name not in self.kept
        self.kept[name] = dispute = {
            "id": name,
            "object": "dispute",
            "amount": intent["amount"],
            "charge": f"ch_{number}",
            "created": int(self.now()),
            "currency": intent["currency"],
            "livemode": False,
            "metadata": {},
            "payment_intent": intent["id"],
            "reason": "general",
            "status": status,
        }
        kinds = {"needs_response": ("funds_withdrawn",), "won": ("funds_reinstated", "closed")}
        told = (*(("created",) if is_new else ()), *kinds.get(status, ("closed",)))
        return [self.event(f"charge.dispute.{kind}", dispute) for kind in told]

    def sign(self, event: dict[str, Any]) -> tuple[bytes, str]:
        """Return a message's body and the header that proves who sent it."""
        body = json.dumps(event).encode()
        moment = int(self.now())
        proof = hmac.new(self.webhook_secret.encode(), f"{moment}.".encode() + body, sha256).hexdigest()
        return body, f"t={moment},v1={proof}"

    def _create(self, parameters: dict[str, Any], key: str) -> dict[str, Any]:
        self.check("session", parameters)
        request = json.dumps(parameters, sort_keys=True)
        known = self.kept.get(f"key_{key}") if key else None
        if known and known["request"] != request:
            raise WireError(400, "Keys for idempotent requests need the same parameters", "idempotency_error")
        if known:
            return self.session(known["session"])
        is_setup = parameters.get("mode") == "setup"
        items = parameters.get("line_items", [])
        if is_setup and (items or not parameters.get("currency")):
            raise WireError(400, "You must pass `currency` and no `line_items` in `setup` mode")
        if not is_setup and (parameters.get("mode") != "payment" or not items):
            raise WireError(400, "You must pass `line_items` in `payment` mode")
        prices = [item["price_data"] for item in items]
        total = sum(
            int(price["unit_amount"]) * int(item.get("quantity", 1))
            for price, item in zip(prices, items, strict=True)
        )
        if total < 50 and not is_setup:
            raise WireError(400, "The Checkout Session's total amount must convert to at least 50 cents")
        options = parameters.get("payment_method_options", {})
        saves = [kind for kind, said in options.items() if said.get("setup_future_usage") == "off_session"]
        if is_setup:
            saves = parameters.get("allowed_payment_method_types", ["card"])
        payer = {"email": parameters.get("customer_email")}
        if customer := parameters.get("customer"):
            payer = self.known(customer, "customer")
        now = int(self.now())
        expires_at = int(parameters.get("expires_at", now + 86_400))
        if not now + 1_740 <= expires_at <= now + 86_460:
            raise WireError(400, "The `expires_at` timestamp must be 30 minutes to 24 hours from creation")
        session_id = f"cs_test_{token_hex(16)}"
        session = {
            "id": session_id,
            "object": "checkout.session",
            "amount_subtotal": None if is_setup else total,
            "amount_total": None if is_setup else total,
            "cancel_url": parameters.get("cancel_url"),
            "client_reference_id": parameters.get("client_reference_id"),
            "created": now,
            "currency": parameters["currency"] if is_setup else prices[0]["currency"],
            "customer": parameters.get("customer"),
            "customer_details": {"email": payer.get("email")},
            "customer_email": parameters.get("customer_email"),
            "expires_at": expires_at,
            "line_description": prices[0]["product_data"]["name"] if prices else "",
            "livemode": False,
            "locale": parameters.get("locale"),
            "metadata": parameters.get("metadata", {}),
            "mode": parameters["mode"],
            "payment_intent": None,
            "setup_intent": None,
            "_saves": saves,
            "payment_status": "unpaid",
            "status": "open",
            "success_url": parameters.get("success_url"),
            "ui_mode": "hosted_page",
            "url": self.page_url(session_id),
        }
        self.kept[session_id] = session
        if key:
            self.kept[f"key_{key}"] = {"request": request, "session": session_id}
        return session

    def _customer(self, name: str, parameters: dict[str, Any], key: str) -> dict[str, Any]:
        self.check("new customer" if not name else "customer", parameters)
        if not name and (known := self.kept.get(f"key_{key}")):
            return self.known(known["customer"], "customer")
        customer = (
            self.known(name, "customer") if name else {"id": f"cus_{token_hex(7)}", "object": "customer"}
        )
        customer |= parameters
        self.kept[customer["id"]] = customer
        if not name and key:
            self.kept[f"key_{key}"] = {"customer": customer["id"]}
        return customer

    def _refunds(self, intent: str) -> list[dict[str, Any]]:
        if intent not in self.kept:
            raise WireError(404, f"No such payment_intent: '{intent}'")
        return [self.kept[name] for name in reversed(self.kept[intent]["_refunds"])]

    def _refund(self, parameters: dict[str, Any], key: str) -> dict[str, Any]:
        self.check("refund", parameters)
        intent = parameters.get("payment_intent", "")
        others = self._refunds(intent)
        if key and (known := self.kept.get(f"key_{key}")):
            return self.kept[known["refund"]]
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
        if key:
            self.kept[f"key_{key}"] = {"refund": refund["id"]}
        return refund

    def _keep_refund(self, refund: dict[str, Any]) -> None:
        self.kept[refund["id"]] = refund
        intent = self.kept[refund["payment_intent"]]
        intent["_refunds"] = [*(name for name in intent["_refunds"] if name != refund["id"]), refund["id"]]
        self.kept[refund["payment_intent"]] = intent

    def _expire(self, session: dict[str, Any]) -> dict[str, Any]:
        if session["status"] != "open":
            raise WireError(400, "Only Checkout Sessions with a status of open can be expired")
        session |= {"status": "expired", "url": None}
        self.kept[session["id"]] = session
        return session


def parse_form(body: bytes) -> dict[str, Any]:
    """Read Stripe's nested form: line_items[0][price_data][currency]=eur."""
    tree: dict[str, Any] = {}
    for name, value in parse_qsl(body.decode(), keep_blank_values=True):
        *steps, last = re.findall(r"[^\[\]]+", name)
        branch = tree
        for step in steps:
            branch = branch.setdefault(step, {})
        branch[last] = value
    return {name: _with_lists(value) for name, value in tree.items()}


def _with_lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {name: _with_lists(part) for name, part in value.items()}
    return list(inner.values()) if inner and all(name.isdigit() for name in inner) else inner
