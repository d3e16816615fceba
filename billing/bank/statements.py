"""What stands in a bank file once it has been read, and why a file is refused."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum


class Reason(StrEnum):
    """Why a whole file is refused; the back office says it in the person's language."""

    EMPTY = "empty"
    TOO_LARGE = "too large"
    ZIPPED = "zipped"
    NOT_XML = "not xml"
    HAS_DTD = "has dtd"
    TOO_DEEP = "too deep"
    NOT_A_STATEMENT = "not a statement"
    OTHER_MESSAGE = "other message"
    OTHER_VERSION = "other version"
    NO_STATEMENT = "no statement"
    MISSING = "missing"
    OTHER_ACCOUNT = "other account"
    OTHER_CURRENCY = "other currency"
    WRONG_AMOUNT = "wrong amount"
    WRONG_DATE = "wrong date"
    WRONG_DIRECTION = "wrong direction"
    NO_OPENING = "no opening"
    NO_CLOSING = "no closing"
    NOT_BALANCED = "not balanced"


class FileRefused(ValueError):
    """Nothing of the file is taken. `line` is the line of the file that is wrong, from 1, where there is one.

    `words` are what the explanation needs: texts as they stand in the file, amounts in EUR.
    """

    def __init__(self, reason: Reason, line: int | None = None, **words: str | int | Decimal) -> None:
        super().__init__(f"{reason}{f', line {line}' if line else ''}{f', {words}' if words else ''}")
        self.reason, self.line, self.words = reason, line, words


@dataclass(frozen=True, kw_only=True)
class StatementLine:
    """One transaction: an entry of the statement, or one part of an entry that was booked as a batch.

    `amount` is in EUR, in whole cents and never 0: positive for what came in, negative for what went out.
    `is_reversal` tells that the bank takes an earlier transaction back. `structured_communication` holds
    twelve digits when the line names exactly one, else nothing. `is_unsplit` marks a batch whose parts do
    not add up to what was booked, or have no amount: it is kept in one piece.
    """

    entry_key: str
    key: str
    fingerprint: str
    has_bank_reference: bool
    booked_on: date
    valued_on: date
    amount: Decimal
    is_reversal: bool
    is_unsplit: bool
    counterparty_name: str
    counterparty_iban: str
    structured_communication: str
    remittance: str
    end_to_end_id: str
    bank_reference: str
    file_line: int


@dataclass(frozen=True, kw_only=True)
class Statement:
    """The booked lines between two balances of one account, in EUR: opening + lines = closing."""

    number: str
    iban: str
    opening: Decimal
    closing: Decimal
    from_on: date
    to_on: date
    lines: tuple[StatementLine, ...] = field(repr=False)
