"""The page of the stand-in for Stripe on which a person pays, gives up, or is refused; in Dutch and English.

Cards and accounts are those of Stripe's own test mode. What is refused leaves the person on the page.
"""

from dataclasses import dataclass, field
from html import escape
from typing import Any

from demo.stand_in.saved_means import REFUSED_LATER
from demo.stand_in.stripe_account import StripeStandIn

REFUSED = {
    "4000000000000002": "generic_decline",
    "4000000000009995": "insufficient_funds",
    "4000000000000069": "expired_card",
}
"""Cards that the bank refuses, and why."""
REFUSED_WHEN_CHARGED = "4000000000000341"
"""A card that can be saved, and is refused when it is charged later."""
REFUSED_BY_BANK = "BE68539007547034"
"""An account of which a debit is refused some days later."""

WORDS = {
    "nl": {
        "pay": "Betalen",
        "save": "Bewaren",
        "back": "Terug",
        "card": "Kaart",
        "bancontact": "Bancontact",
        "sepa_debit": "Domiciliëring (SEPA)",
        "number": "Kaartnummer",
        "iban": "IBAN",
        "incorrect_number": "Uw kaartnummer is ongeldig.",
        "invalid_iban": "Deze IBAN is ongeldig.",
        "generic_decline": "Uw kaart werd geweigerd. Probeer een andere kaart.",
        "insufficient_funds": "Er staat te weinig geld op uw kaart. Probeer een andere kaart.",
        "expired_card": "Uw kaart is vervallen. Probeer een andere kaart.",
        "expired": "Deze betaalpagina is verlopen. Er is niets aangerekend.",
        "complete": "Dit is al afgerond.",
    },
    "en": {
        "pay": "Pay",
        "save": "Save",
        "back": "Back",
        "card": "Card",
        "bancontact": "Bancontact",
        "sepa_debit": "SEPA Direct Debit",
        "number": "Card number",
        "iban": "IBAN",
        "incorrect_number": "Your card number is invalid.",
        "invalid_iban": "This IBAN is invalid.",
        "generic_decline": "Your card was declined. Try another card.",
        "insufficient_funds": "Your card has insufficient funds. Try another card.",
        "expired_card": "Your card has expired. Try another card.",
        "expired": "This page has expired. Nothing was charged.",
        "complete": "This is done already.",
    },
}


@dataclass
class Outcome:
    """What came of what a person did: where the browser goes, or the message on the page; and the news."""

    goes_to: str = ""
    message: str = ""
    events: list[dict[str, Any]] = field(default_factory=list)
    waits_for_bank: bool = False
    """Whether the debit is paid, or refused, only some time later."""
    bank_pays: bool = True


def act(account: StripeStandIn, session: dict[str, Any], typed: dict[str, str]) -> Outcome:
    """Pay, or save, in a session with what a person typed."""
    if session["status"] != "open":
        return Outcome()
    kind, refusal = typed.get("means", "card"), ""
    if kind not in kinds_of(session):
        return Outcome()
    if kind == "card":
        number = typed.get("cardNumber", "").replace(" ", "")
        if not is_card(number):
            return Outcome(message="incorrect_number")
        if code := REFUSED.get(number):
            return Outcome(message=code, events=account.refuse(session["id"], code))
        refusal = REFUSED_LATER if number == REFUSED_WHEN_CHARGED else ""
    iban = typed.get("iban", "").replace(" ", "").upper()
    if kind == "sepa_debit":
        if not is_iban(iban):
            return Outcome(message="invalid_iban")
        refusal = REFUSED_LATER if iban == REFUSED_BY_BANK else ""
    events = account.complete(session["id"], kind=kind, refusal=refusal)
    if name := session["payment_intent"]:
        intent = account.known(name, "payment_intent")
        events.insert(0, account.event(f"payment_intent.{intent['status']}", intent))
    waits = kind == "sepa_debit" and session["mode"] == "payment"
    return Outcome(session["success_url"], events=events, waits_for_bank=waits, bank_pays=not refusal)


def settle(account: StripeStandIn, session: dict[str, Any], *, bank_pays: bool) -> list[dict[str, Any]]:
    """Let the bank pay a debit, or refuse it, and return the news."""
    events = account.settle_debit(session["id"], is_paid=bank_pays)
    intent = account.known(session["payment_intent"], "payment_intent")
    return [
        account.event(f"payment_intent.{'succeeded' if bank_pays else 'payment_failed'}", intent),
        *events,
    ]


def kinds_of(session: dict[str, Any]) -> tuple[str, ...]:
    """Return what one can pay with, or save, in a session."""
    if session["mode"] == "setup":
        return tuple(session["_saves"])
    return tuple(
        kind for kind in ("card", "bancontact", "sepa_debit") if kind not in session.get("_excluded", [])
    )


def show(session: dict[str, Any], message: str = "") -> str:
    """Return the page as it stands."""
    words = WORDS.get(session["locale"] or "", WORDS["en"])
    total = session["amount_total"]
    title = f"{session['_line']}: {total / 100:.2f} EUR" if total is not None else words["save"]
    if session["status"] != "open":
        content = f"<p role=alert>{words[session['status']]}</p>"
    else:
        content = _form(session, words, message)
    back = session["cancel_url"]
    link = f'<p><a class=back href="{escape(back)}">{words["back"]}</a></p>' if back else ""
    return (
        f"<!doctype html><html lang={session['locale'] or 'en'}><meta charset=utf-8>"
        "<meta name=viewport content='width=device-width'><link rel=icon href=data:,>"
        f"<title>{escape(title)}</title><main><h1>{escape(title)}</h1>{content}{link}</main></html>"
    )


def _form(session: dict[str, Any], words: dict[str, str], message: str) -> str:
    said = f"<p role=alert>{words[message]}</p>" if message else ""
    kinds = kinds_of(session)
    means = "".join(
        f"<p><label><input type=radio name=means value={kind}{' checked' if kind == kinds[0] else ''}>"
        f" {words[kind]}</label></p>"
        for kind in kinds
    )
    return (
        f"<form method=post>{said}{means}"
        f"<p><label>{words['number']} <input id=cardNumber name=cardNumber></label></p>"
        f"<p><label>{words['iban']} <input id=iban name=iban></label></p>"
        f"<button type=submit>{words['save' if session['mode'] == 'setup' else 'pay']}</button></form>"
    )


def is_card(number: str) -> bool:
    """Say whether the digits are those of a card, by their last one."""
    if not (number.isascii() and number.isdigit() and 12 <= len(number) <= 19):
        return False
    doubled = [int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(number))]
    return sum(digit - 9 if digit > 9 else digit for digit in doubled) % 10 == 0


def is_iban(number: str) -> bool:
    """Say whether the check digits of an account are right."""
    if not (number.isascii() and number.isalnum() and 15 <= len(number) <= 34):
        return False
    return int("".join(str(int(sign, 36)) for sign in number[4:] + number[:4])) % 97 == 1
