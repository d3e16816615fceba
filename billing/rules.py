"""Rules of invoices without a database: numbers, references, which line is allowed, which status follows."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from stdnum.be import ogm_vcs

from billing.money import line_net

HIGHEST_AMOUNT = Decimal("99999999.99")
"""The most that one line or invoice may come to; the EPC code stops at 999,999,999.99."""

PAYMENT_DAYS = 30

DESK = "desk:"
"""How invoices that staff made are referred to: this and the key of their form, which counts once."""
STRIPE = "stripe:"
"""How the references of payments through Stripe begin; Stripe's own number follows."""
LOOK_UP_AGAIN = (timedelta(days=1), timedelta(days=7), timedelta(days=30))
"""How long after the issue a receiver who was not on Peppol is looked up again."""

LEAST_ONLINE, MOST_ONLINE = Decimal("0.50"), Decimal("999999.99")
"""What Stripe takes at once, in EUR: docs.stripe.com/currencies, minimum and maximum charge amounts."""
HIGHEST_DEBIT = Decimal(10_000)
"""What Stripe collects at once by SEPA Direct Debit, in EUR, unless it allows an account more:
docs.stripe.com/payments/sepa-debit."""

INVOICE, PAYMENT_REQUEST, CREDIT_NOTE = "invoice", "payment_request", "credit_note"
PRO_FORMA = "pro_forma"
"""Asks for money before there is an invoice: it stands in no book (docs/adr/0018)."""
PREFIXES = {INVOICE: "", PAYMENT_REQUEST: "BV", CREDIT_NOTE: "CN", PRO_FORMA: "UB"}
DIGITS = {INVOICE: 1, CREDIT_NOTE: 2, PAYMENT_REQUEST: 3, PRO_FORMA: 4}

NUMBERS = ("enterprise_number", "vat_number")
"""What of a customer is to fit its country."""

AGES: tuple[tuple[int, int | None], ...] = ((1, 30), (31, 60), (61, 90), (91, None))
"""How many days something can be overdue, from and up to and including, as receivables are aged by."""

# Peppol's categories (UNCL5305) that a Belgian association can meet.
STANDARD, EXEMPT, REVERSE_CHARGE, OUTSIDE_SCOPE = "S", "E", "AE", "O"


class InvalidLine(ValueError):
    """A line that cannot stand on an invoice; the message says which rule it breaks."""


class SeriesIsFull(RuntimeError):
    """A year has no more than 99,999 numbers of one kind: the structured communication has no room."""


@dataclass(frozen=True, kw_only=True)
class DraftLine:
    """One line to invoice. `unit_price` in EUR without VAT; the text in the customer's language.

    `vat_treatment` names one of `billing.VatTreatment`; without it the customer's and the association's
    position decide (`billing.vat.treatment_for`). Without `ledger_account` the treatment's counts.
    """

    text: str
    unit_price: Decimal
    quantity: Decimal = Decimal(1)
    unit: str = "C62"
    vat_treatment: str = ""
    period_from: date | None = None
    period_to: date | None = None
    ledger_account: str = ""
    reference: str = ""

    @property
    def net(self) -> Decimal:
        """What the line comes to without VAT."""
        return line_net(self.quantity, self.unit_price)

    def check(self) -> None:
        """Raise InvalidLine unless the line may be invoiced."""
        if not self.text.strip() or len(self.text) > 300:
            raise InvalidLine("a line needs a text of at most 300 characters")
        if self.quantity == 0 or abs(self.net) > HIGHEST_AMOUNT:
            raise InvalidLine("the amount of a line is out of range")
        if (self.period_from is None) != (self.period_to is None):
            raise InvalidLine("a period needs both its days")
        if self.period_from and self.period_to and self.period_to < self.period_from:
            raise InvalidLine("a period cannot end before it starts")


def vat_is_consistent(category: str, rate: Decimal) -> bool:
    """Say whether a category allows a rate: only S bears VAT (EN 16931, BR-S-5, BR-E-5, BR-AE-5, BR-O-5)."""
    if category == STANDARD:
        return Decimal(0) < rate <= Decimal(100)
    return category in {EXEMPT, REVERSE_CHARGE, OUTSIDE_SCOPE} and rate == 0


def invoice_number(kind: str, year: int, sequence: int) -> str:
    """Return the number people read: 2026-00042, CN2026-00001 for a credit note."""
    return f"{PREFIXES[kind]}{year}-{sequence:05d}"


def structured_communication(kind: str, year: int, sequence: int) -> str:
    """Return the twelve digits of the Belgian structured communication (Febelfin: check digits mod 97).

    Kind, year and number stand in it, so it is unique and can be read by eye.
    """
    if not 0 < sequence < 100_000:
        raise SeriesIsFull
    base = f"{DIGITS[kind]}{year:04d}{sequence:05d}"
    return f"{base}{ogm_vcs.calc_check_digits(base)}"


def show_structured_communication(digits: str) -> str:
    """Return the communication as banks print it: +++123/4567/89012+++."""
    return f"+++{ogm_vcs.format(digits)}+++"


def due_date(issued_on: date, days: int = PAYMENT_DAYS) -> date:
    """Return the last day to pay."""
    return issued_on + timedelta(days=days)


def status_after(*, gross: Decimal, settled: Decimal, credited: Decimal, due_on: date, on: date) -> str:
    """Return the status of an invoice: credited, paid, overdue or issued."""
    if credited >= gross:
        return "credited"
    if settled + credited >= gross:
        return "paid"
    return "overdue" if on > due_on else "issued"


def is_payable_online(amount: Decimal) -> bool:
    """Say whether Stripe takes an amount, in EUR, at once."""
    return LEAST_ONLINE <= amount <= MOST_ONLINE


def stripe_intent(reference: str) -> str:
    """Return Stripe's number of a payment from our reference of it, "" where it did not come that way."""
    number = reference.removeprefix(STRIPE)
    return number if number != reference and number.startswith("pi_") else ""


def reminder_due(*, days_late: int, days: Sequence[int], sent: Collection[int]) -> int | None:
    """Return the level to send of an invoice that is so many days late: the highest that is due, from 1 on.

    Nothing when it was sent, or one above it; those below it are passed over.
    """
    level = sum(days_late >= each for each in days)
    return level if level > max(sent, default=0) else None


FINAL_REFUSALS = frozenset(
    (
        *("authentication_required", "expired_card", "lost_card", "stolen_card", "pickup_card"),
        *("restricted_card", "invalid_account", "account_closed", "bank_account_closed", "no_account"),
        *("new_account_information_available", "revocation_of_authorization", "stop_payment_order"),
        *("revocation_of_all_authorizations", "transaction_not_allowed", "debit_not_authorized"),
        *("payment_intent_mandate_invalid", "mandate_invalid", "bank_account_invalid_details"),
        *("bank_account_unusable", "bank_ownership_changed", "refer_to_customer", "recipient_deceased"),
        *("resource_missing", "payment_method_not_available", "fraudulent", "merchant_blacklist"),
    )
)
"""Refusals that do not change by waiting (docs.stripe.com/declines/codes, and those of direct debits)."""
NEVER_AGAIN = ("do_not_try_again", "confirm_card_data")
"""What the bank advises with a refusal that does not change by waiting (docs.stripe.com/declines/card)."""


def is_final_refusal(code: str, advice: str = "") -> bool:
    """Say whether a charge that was refused for this reason is refused tomorrow as well."""
    return code in FINAL_REFUSALS or advice in NEVER_AGAIN


def next_try_on(*, first_on: date, failed: int, days: Sequence[int], today: date) -> date | None:
    """Return the day of the next try of a charge that failed so many times; None after the last one.

    `days` are those after the first try; a try is never made on a day that has passed, nor twice on one.
    """
    if not 0 < failed <= len(days):
        return None
    return max(first_on + timedelta(days=days[failed - 1]), today + timedelta(days=1))


NOTICE = timedelta(days=7)
"""So long before the day of a charge its payer is told of it."""


def charge_day(*, wanted: date, told_on: date) -> date:
    """Return the day of a charge that is announced on a day: the wanted one, or the soonest after it."""
    return max(wanted, told_on + NOTICE)


def next_look_up(queued_at: datetime, *, failed: int) -> datetime | None:
    """Return when to look a receiver up again after so many failed look-ups; None when it was the last."""
    return queued_at + LOOK_UP_AGAIN[failed - 1] if failed <= len(LOOK_UP_AGAIN) else None


def outdates_peppol_address(peppol_id: str, before: Mapping[str, str], after: Mapping[str, str]) -> bool:
    """Say whether details of a customer, by their names, bring another country or another number.

    Of a number, only where the Peppol address is made of the one that was there.
    """
    changed = {name: before[name] for name in after if after[name] != before[name]}
    numbers = [number for name, number in changed.items() if name in NUMBERS]
    return "country" in changed or any(peppol_id.endswith(f":{number}") for number in numbers)


def say_number(number: str) -> str:
    """Return an enterprise or Belgian VAT number as people write it: 0123.456.789, BE 0123.456.789."""
    country, digits = ("BE ", number[2:]) if number.startswith("BE") else ("", number)
    if len(digits) != 10 or not digits.isdecimal():
        return number
    return f"{country}{digits[:4]}.{digits[4:7]}.{digits[7:]}"


def month_of(day: date) -> tuple[date, date]:
    """Return the first and the last day of the month of a day."""
    first = day.replace(day=1)
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
