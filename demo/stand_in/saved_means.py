"""The stand-in's saved cards and bank accounts: attached, charged, detached, withdrawn."""

from operator import itemgetter
from secrets import token_hex
from typing import Any

from demo.stand_in.base import StandIn, WireError, expanded, listed, public

LAST_DIGITS = {"card": ("4242", "0341"), "sepa_debit": ("2345", "1116")}
"""Of those that work, and of those that are refused when they are charged later."""
HIGHEST_DEBIT = 1_000_000
"""In cents, what is collected at once by SEPA Direct Debit."""
REFUSED_LATER = "insufficient_funds"


class SavedMeans(StandIn):
    """What an account keeps to be charged later, and the charges."""

    def list_intents(self, _name: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """Answer with the payments of a customer, or with all of them."""
        customer = parameters.get("customer")
        intents = [self.kept[name] for name in self.kept if name.startswith("pi_")]
        own = [intent for intent in intents if customer in (None, intent["customer"])]
        return listed("/v1/payment_intents", sorted(own, key=itemgetter("created")), parameters)

    def tell_intent(self, name: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """Answer with a payment."""
        intent = self.known(name, "payment_intent")
        parts = {"payment_method": self._method_of(intent), "latest_charge": intent.get("_charge")}
        return expanded(intent, parameters, parts)

    def tell_setup(self, name: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """Answer with a set-up."""
        setup = self.known(name, "setupintent")
        return expanded(setup, parameters, {"payment_method": self._method_of(setup)})

    def tell_method(self, name: str, _parameters: dict[str, Any]) -> dict[str, Any]:
        """Answer with a card or bank account."""
        return public(self.known(name, "PaymentMethod"))

    def tell_mandate(self, name: str, _parameters: dict[str, Any]) -> dict[str, Any]:
        """Answer with a mandate."""
        return public(self.known(name, "mandate"))

    def let_go(self, name: str, _parameters: dict[str, Any]) -> dict[str, Any]:
        """Detach, and answer with what was detached."""
        return public(self.detach(name))

    def _method_of(self, thing: dict[str, Any]) -> dict[str, Any] | None:
        name = thing.get("payment_method")
        return public(self.kept[name]) if name else None

    def make_means(self, kind: str, customer: str | None, refusal: str = "") -> tuple[str, str | None]:
        """Keep a card or bank account, attached to a customer if there is one; return it and its mandate.

        `refusal` is the reason for which each later charge of it is refused.
        """
        name, last4 = f"pm_{token_hex(12)}", LAST_DIGITS.get(kind, ("0000", "0000"))[bool(refusal)]
        about: dict[str, dict[str, Any]] = {
            "card": {
                "brand": "visa",
                "display_brand": "visa",
                "last4": last4,
                "exp_month": 12,
                "exp_year": 2031,
                "country": "BE",
            },
            "sepa_debit": {"last4": last4, "country": "BE", "bank_code": "999"},
        }
        self.kept[name] = {
            "id": name,
            "object": "payment_method",
            "type": kind,
            "customer": customer,
            "created": int(self.now()),
            "livemode": False,
            "metadata": {},
            "billing_details": {"email": None, "name": None},
            kind: about.get(kind, {}),
            "_refusal": refusal,
        }
        return name, self._mandate(name) if kind == "sepa_debit" else None

    def make_intent(self, **fields: Any) -> dict[str, Any]:
        """Keep a payment that was made or is under way."""
        name = f"pi_{token_hex(12)}"
        intent = {
            "id": name,
            "object": "payment_intent",
            "created": int(self.now()),
            "currency": "eur",
            "description": None,
            "last_payment_error": None,
            "latest_charge": None,
            "livemode": False,
            "_refunds": [],
            **fields,
        }
        if mandate := fields.get("_mandate"):
            details = {"type": "sepa_debit", "sepa_debit": {"mandate": mandate}}
            intent["_charge"] = {
                "id": f"ch_{name.removeprefix('pi_')}",
                "object": "charge",
                "payment_method_details": details,
            }
            intent["latest_charge"] = intent["_charge"]["id"]
        self.kept[name] = intent
        return intent

    def settle_charge(self, intent_id: str, *, is_paid: bool, code: str = REFUSED_LATER) -> dict[str, Any]:
        """Let the bank pay or refuse a debit that is under way, and return the message."""
        intent = self.known(intent_id, "payment_intent")
        if is_paid:
            intent["status"] = "succeeded"
        else:
            intent |= {"status": "requires_payment_method", "last_payment_error": refusal_of(code)}
        self.kept[intent_id] = intent
        return self.tell(f"payment_intent.{'succeeded' if is_paid else 'payment_failed'}", intent)

    def detach(self, name: str) -> dict[str, Any]:
        """Forget a saved means, and tell it."""
        method = self.known(name, "PaymentMethod")
        if method["customer"] is None:
            raise WireError(400, "The payment method you provided is not attached to a customer.")
        method["customer"] = None
        self.kept[name] = method
        self.tell("payment_method.detached", method)
        return method

    def renew_card(self, name: str, year: int) -> dict[str, Any]:
        """Let the bank give a card another year, and tell it."""
        method = self.known(name, "PaymentMethod")
        method["card"]["exp_year"] = year
        self.kept[name] = method
        return self.tell("payment_method.automatically_updated", method)

    def withdraw_mandate(self, name: str) -> dict[str, Any]:
        """Let the payer's bank withdraw a mandate, and tell it."""
        mandate = self.known(name, "mandate")
        mandate["status"] = "inactive"
        self.kept[name] = mandate
        return self.tell("mandate.updated", mandate)

    def _mandate(self, method: str) -> str:
        name = f"mandate_{token_hex(12)}"
        reference = f"DEMO{token_hex(6).upper()}"
        details = {"reference": reference, "url": "https://hooks.stripe.com/adapter/demo"}
        self.kept[name] = {
            "id": name,
            "object": "mandate",
            "customer_acceptance": {"type": "online", "accepted_at": int(self.now()), "online": {}},
            "livemode": False,
            "payment_method": method,
            "payment_method_details": {"type": "sepa_debit", "sepa_debit": details},
            "status": "active",
            "type": "multi_use",
        }
        self.kept[method] = self.kept[method] | {"_mandate": name}
        return name

    def charge(self, _name: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """Take money by what was saved, its payer not there."""
        customer = self.known(parameters.get("customer", ""), "customer")
        method = self.known(parameters.get("payment_method", ""), "PaymentMethod")
        if method["customer"] != customer["id"]:
            raise WireError(
                400, "The provided PaymentMethod was detached from a Customer. It may not be used."
            )
        if method["type"] not in parameters.get("allowed_payment_method_types", [method["type"]]):
            raise WireError(400, "The PaymentMethod is of a type that is not allowed for this PaymentIntent.")
        if not {"confirm", "off_session"} <= {name for name, said in parameters.items() if said == "true"}:
            raise WireError(400, "This stand-in only takes charges that are confirmed and off-session.")
        if int(parameters["amount"]) < 50:
            raise WireError(400, "Amount must be at least 50 cents", code="amount_too_small")
        if method["type"] == "sepa_debit" and int(parameters["amount"]) > HIGHEST_DEBIT:
            raise WireError(400, "A SEPA Direct Debit is of at most 10,000 EUR", code="amount_too_large")
        mandate = method.get("_mandate")
        if mandate and self.kept[mandate]["status"] != "active":
            raise WireError(400, "The mandate is inactive.", code="payment_intent_mandate_invalid")
        is_debit = method["type"] == "sepa_debit"
        refusal = "" if is_debit else method["_refusal"]
        intent = self.make_intent(
            amount=int(parameters["amount"]),
            currency=parameters["currency"],
            customer=customer["id"],
            payment_method=method["id"],
            metadata=parameters.get("metadata", {}),
            description=parameters.get("description"),
            status="processing" if is_debit else "requires_payment_method" if refusal else "succeeded",
            last_payment_error=refusal_of(refusal) if refusal else None,
            _mandate=mandate,
        )
        outcome = "processing" if is_debit else "payment_failed" if refusal else "succeeded"
        self.tell(f"payment_intent.{outcome}", intent)
        answer = self._told(dict(intent))
        if is_debit and self.is_hasty:
            code = method["_refusal"]
            self.settle_charge(intent["id"], is_paid=not code, code=code)
        return answer

    def _told(self, intent: dict[str, Any]) -> dict[str, Any]:
        """Answer as the charge went: what a card refused is an error."""
        error = intent["last_payment_error"]
        if error and "_mandate" in intent and intent["_mandate"] is None:
            more = {name: error[name] for name in ("decline_code", "advice_code") if error.get(name)}
            more["payment_intent"] = public(intent)
            raise WireError(402, error["message"], "card_error", error["code"], more)
        return public(intent)


def refusal_of(code: str) -> dict[str, Any]:
    """Return why a bank refused, as Stripe says it."""
    needs_payer = code == "authentication_required"
    return {
        "type": "card_error",
        "code": code if needs_payer else "card_declined",
        "decline_code": code,
        "message": "Your card was declined.",
        "advice_code": "try_again_later" if code == REFUSED_LATER else None,
    }
