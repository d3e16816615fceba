"""What Stripe asks of a new Checkout session beyond the types of its parameters."""

from typing import Any
from urllib.parse import urlsplit

from demo.stand_in.base import WireError

FEWEST, MOST = 50, 99_999_999
"""Cents that one payment can be of."""
LONGEST_ADDRESS, LONGEST_REFERENCE = 5_000, 200
SHORTEST, LONGEST = 30 * 60, 24 * 60 * 60
SLACK = 60
"""Seconds: the shortest and the longest time for which a session is open, and what clocks may differ."""
METADATA_KEYS, LONGEST_KEY, LONGEST_VALUE = 50, 40, 500


def check_metadata(parameters: Any) -> None:
    """Refuse more, or longer, metadata than Stripe keeps, wherever they stand. Raises WireError."""
    if isinstance(parameters, list):
        for item in parameters:
            check_metadata(item)
    if not isinstance(parameters, dict):
        return
    for name, value in parameters.items():
        if name != "metadata" or not isinstance(value, dict):
            check_metadata(value)
            continue
        _require(len(value) <= METADATA_KEYS, name, f"can have up to {METADATA_KEYS} keys")
        for key, words in value.items():
            _require(len(key) <= LONGEST_KEY, name, f"keys can have up to {LONGEST_KEY} characters")
            _require(len(words) <= LONGEST_VALUE, name, f"values can have up to {LONGEST_VALUE} characters")


def check_session(parameters: dict[str, Any], now: int) -> int | None:
    """Return the cents to pay in it; None where something is only saved. Raises WireError."""
    mode, items = parameters.get("mode"), parameters.get("line_items", [])
    _require(mode in ("payment", "setup"), "mode", "must be payment or setup with this stand-in")
    _require(parameters.get("ui_mode", "hosted_page") == "hosted_page", "ui_mode", "must be hosted_page")
    _require("success_url" in parameters, "success_url", "is missing")
    for name in ("success_url", "cancel_url"):
        if address := parameters.get(name):
            _require(len(address) <= LONGEST_ADDRESS, name, f"has more than {LONGEST_ADDRESS} characters")
            parts = urlsplit(address)
            _require(parts.scheme in ("http", "https") and bool(parts.netloc), name, "is not a valid URL")
    reference = parameters.get("client_reference_id", "")
    _require(len(reference) <= LONGEST_REFERENCE, "client_reference_id", "has more than 200 characters")
    both = "customer" in parameters and "customer_email" in parameters
    _require(not both, "customer_email", "may not be given beside customer")
    expires_at = int(parameters.get("expires_at", now + LONGEST))
    is_in_time = now + SHORTEST - SLACK <= expires_at <= now + LONGEST + SLACK
    _require(is_in_time, "expires_at", "must be between 30 minutes and 24 hours from now")
    if mode == "setup":
        _require(not items, "line_items", "may not be given in setup mode")
        _require("currency" in parameters, "currency", "is missing")
        return None
    _require(bool(items), "line_items", "is missing")
    total = sum(_cost_of(item, f"line_items[{number}]") for number, item in enumerate(items))
    currencies = {item["price_data"]["currency"] for item in items}
    _require(len(currencies) == 1, "line_items", "must be of one currency")
    if total < FEWEST:
        words = "The Checkout Session's total amount must convert to at least 50 cents"
        raise WireError(400, words, code="amount_too_small")
    if total > MOST:
        raise WireError(
            400, f"The Checkout Session's total amount must be at most {MOST}", code="amount_too_large"
        )
    return total


def _cost_of(item: dict[str, Any], path: str) -> int:
    price = item.get("price_data")
    _require(isinstance(price, dict), f"{path}[price_data]", "is missing: this stand-in keeps no prices")
    for name, where in (("quantity", item), ("unit_amount", price or {}), ("product_data", price or {})):
        _require(name in where, f"{path}[{name}]", "is missing")
    amount, quantity = int((price or {})["unit_amount"]), int(item["quantity"])
    _require(
        amount >= 0 and quantity >= 1, path, "must be of an amount of 0 or more, and a quantity of 1 or more"
    )
    return amount * quantity


def _require(condition: bool, path: str, words: str) -> None:
    if not condition:
        code = "parameter_missing" if words.startswith("is missing") else "parameter_invalid"
        raise WireError(400, f"{path} {words}", code=code, more={"param": path})
