"""Reads CAMT.053 bank statements (ISO 20022) as Belgian banks make them (guidelines of Febelfin).

The versions 001.02, 001.04, 001.06 and 001.08 are read. What differs and matters here: the amount of a
transaction (`AmtDtls/TxAmt` in 02, `Amt` since), the state of an entry (a code, in 08 an element around
it), and the name of a party (in 08 within `Pty`). Only booked entries count.
"""

import re
from collections import Counter
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from stdnum import iban as ibans

from billing.bank.lines import read_lines
from billing.bank.statements import FileRefused, Reason, Statement, StatementLine
from billing.bank.xml import Element, stream

MESSAGE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001."
VERSIONS = ("02", "04", "06", "08")
CURRENCY = "EUR"
LARGEST_FILE = 25_000_000
"""In bytes: more than 10,000 lines, and what a request may bring besides stays below the proxy's 30 MB."""
LARGEST_BALANCE = Decimal("999999999999.99")

_STATEMENT = ("Document", "BkToCstmrStmt", "Stmt")
_OPENING, _CLOSING = ("OPBD", "PRCD"), "CLBD"
"""Booked balances; a bank may name the opening one by the closing one before it."""
_DATE = re.compile(r"(\d{4}-\d\d-\d\d)(?:T.*|Z|[+-]\d\d:\d\d)?", re.ASCII)
_AMOUNT = re.compile(r"\d{1,18}(?:\.\d{0,5})?", re.ASCII)


@dataclass(frozen=True)
class _Balance:
    amount: Decimal
    on: date
    line: int


def read_statements(content: bytes, *, iban: str) -> list[Statement]:
    """Return the statements of a file about the account `iban`, in the order of the file.

    Raises FileRefused, with the line that is wrong, when anything about the file is: it is taken whole or not
    at all. Time and memory grow with the size of the file and nothing else.
    """
    if not content.strip():
        raise FileRefused(Reason.EMPTY)
    if len(content) > LARGEST_FILE:
        raise FileRefused(Reason.TOO_LARGE, found=len(content), limit=LARGEST_FILE)
    if content.startswith(b"PK\x03\x04"):
        raise FileRefused(Reason.ZIPPED)
    reader = _Reader(iban)
    stream(content, begin=_check_message, branch=reader.take, depth=len(_STATEMENT))
    if not reader.statements:
        raise FileRefused(Reason.NO_STATEMENT)
    return reader.statements


def _check_message(namespace: str, name: str, line: int) -> None:
    """Refuse other documents than the statements that are read here."""
    if not namespace.startswith(MESSAGE) or name != _STATEMENT[0]:
        found = re.fullmatch(r"urn:iso:std:iso:20022:tech:xsd:([a-z]{4}\.\d{3})\.\d{3}\.\d\d", namespace)
        if found and found[1] != "camt.053":
            raise FileRefused(Reason.OTHER_MESSAGE, line, found=found[1])
        raise FileRefused(Reason.NOT_A_STATEMENT, line)
    if namespace.removeprefix(MESSAGE) not in VERSIONS:
        raise FileRefused(
            Reason.OTHER_VERSION,
            line,
            found=namespace.rpartition(":")[2],
            known=", ".join(f"001.{version}" for version in VERSIONS),
        )


class _Reader:
    """Gathers one statement after the other; what stands in it comes in the order of the schema."""

    def __init__(self, iban: str) -> None:
        self.iban = ibans.compact(iban).upper()
        self.statements: list[Statement] = []
        self.begin(0)

    def begin(self, line: int) -> None:
        """Start a statement."""
        self.start, self.number, self.is_ours = line, "", False
        self.balances: dict[str, _Balance] = {}
        self.lines: list[StatementLine] = []
        self.running: Decimal | None = None
        self.seen: Counter[str] = Counter()

    def take(self, path: tuple[str, ...], element: Element | None) -> None:
        """Take the start of a statement, a part of it, or its end."""
        if path[: len(_STATEMENT)] != _STATEMENT:
            return
        if element is None:
            self.statements.append(self.close())
        elif len(path) == len(_STATEMENT):
            self.begin(element.line)
        elif element.name == "Id":
            self.number = element.text.strip()[:35]
        elif element.name == "Acct":
            self.check_account(element)
        elif element.name == "Bal":
            self.take_balance(element)
        elif element.name == "Ntry":
            self.take_entry(element)

    def check_account(self, element: Element) -> None:
        """Refuse what is not about our account, or not in euro."""
        found = element.say("Id", "IBAN") or element.say("Id", "Othr", "Id")
        if ibans.compact(found).upper() != self.iban:
            raise FileRefused(Reason.OTHER_ACCOUNT, element.line, found=found[:40], ours=self.iban)
        currency = element.say("Ccy")
        if currency and currency != CURRENCY:
            raise FileRefused(Reason.OTHER_CURRENCY, element.line, found=currency[:10])
        self.is_ours = True

    def take_balance(self, element: Element) -> None:
        """Keep the first opening and the last closing balance; others (available, forward) do not count."""
        kind = element.say("Tp", "CdOrPrtry", "Cd")
        if kind == _CLOSING or (kind in _OPENING and kind not in self.balances):
            amount = signed_amount(element, limit=LARGEST_BALANCE)
            self.balances[kind] = _Balance(amount, day_of(element, "Dt"), element.line)

    def opening(self, line: int) -> "_Balance":
        """Return the opening balance of our account, which stands before the entries."""
        if not self.is_ours:
            raise FileRefused(Reason.MISSING, line, element="Acct")
        found = next((self.balances[kind] for kind in _OPENING if kind in self.balances), None)
        if found is None:
            raise FileRefused(Reason.NO_OPENING, line)
        return found

    def take_entry(self, entry: Element) -> None:
        """Read an entry that changed the balance; one of nothing changes nothing."""
        if self.running is None:
            self.running = self.opening(entry.line).amount
        amount = signed_amount(entry)
        if not _is_booked(entry) or not amount:
            return
        booked_on = day_of(entry, "BookgDt" if entry.first("BookgDt") else "ValDt")
        self.lines += read_lines(
            entry,
            iban=self.iban,
            amount=amount,
            booked_on=booked_on,
            valued_on=day_of(entry, "ValDt") if entry.first("ValDt") else booked_on,
            before=self.running,
            seen=self.seen,
        )
        self.running += amount

    def close(self) -> Statement:
        """Check that opening balance and entries come to the closing balance."""
        opening, closing = self.opening(self.start), self.balances.get(_CLOSING)
        if closing is None:
            raise FileRefused(Reason.NO_CLOSING, self.start)
        running = opening.amount if self.running is None else self.running
        if running != closing.amount:
            raise FileRefused(
                Reason.NOT_BALANCED,
                closing.line,
                opening=opening.amount,
                booked=running - opening.amount,
                closing=closing.amount,
                difference=closing.amount - running,
            )
        booked = [each.booked_on for each in self.lines]
        return Statement(
            number=self.number,
            iban=self.iban,
            opening=opening.amount,
            closing=closing.amount,
            from_on=min(booked, default=closing.on),
            to_on=max(*booked, closing.on) if booked else closing.on,
            lines=tuple(self.lines),
        )


def _is_booked(entry: Element) -> bool:
    """Say whether an entry changed the balance: others are announced, or only tell."""
    state = entry.say("Sts", "Cd") or entry.say("Sts", "Prtry") or entry.say("Sts")
    if not state:
        raise FileRefused(Reason.MISSING, entry.line, element="Ntry/Sts")
    return state == "BOOK"


def day_of(parent: Element, name: str) -> date:
    """Return the day in an element that holds a date, or a date with a time."""
    element = parent.first(name)
    if element is None:
        raise FileRefused(Reason.MISSING, parent.line, element=f"{parent.name}/{name}")
    text = element.say("Dt") or element.say("DtTm")
    found = _DATE.fullmatch(text)
    try:
        return date.fromisoformat(found[1] if found else "")
    except ValueError as error:
        raise FileRefused(Reason.WRONG_DATE, element.line, found=text[:40]) from error


def signed_amount(parent: Element, *, limit: Decimal = Decimal("9999999999.99")) -> Decimal:
    """Return the amount of a balance or an entry in EUR: positive in our favour, negative against us."""
    element = parent.first("Amt")
    if element is None:
        raise FileRefused(Reason.MISSING, parent.line, element=f"{parent.name}/Amt")
    if element.currency != CURRENCY:
        raise FileRefused(Reason.OTHER_CURRENCY, element.line, found=element.currency[:10] or "-")
    text = element.text.strip()
    try:
        amount = Decimal(text) if _AMOUNT.fullmatch(text) else Decimal("NaN")
        in_cents = amount.quantize(Decimal("0.01"))
    except InvalidOperation:
        amount = in_cents = Decimal("NaN")
    if amount.is_nan() or amount != in_cents or in_cents > limit:
        raise FileRefused(Reason.WRONG_AMOUNT, element.line, found=text[:40])
    match parent.say("CdtDbtInd"):
        case "CRDT":
            return in_cents
        case "DBIT":
            return -in_cents
        case "":
            raise FileRefused(Reason.MISSING, parent.line, element=f"{parent.name}/CdtDbtInd")
        case other:
            raise FileRefused(Reason.WRONG_DIRECTION, parent.line, found=other[:40])
