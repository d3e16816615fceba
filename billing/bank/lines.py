"""Makes one line of each transaction in an entry of a CAMT.053 statement, with the key it is known by."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from hashlib import sha256

from stdnum import iban as ibans

from billing.bank.references import read_reference, references_in
from billing.bank.statements import StatementLine
from billing.bank.xml import Element

LONGEST_NAME, LONGEST_TEXT = 140, 2_000
NO_REFERENCE = frozenset(("", "0", "-", "NONREF", "NOREF", "NOTPROVIDED", "UNKNOWN"))
"""What banks write where they have no reference."""
_CURRENCY = "EUR"


def read_lines(
    entry: Element,
    *,
    iban: str,
    amount: Decimal,
    booked_on: date,
    valued_on: date,
    before: Decimal,
    seen: Counter[str],
) -> list[StatementLine]:
    """Return the lines of a booked entry of `amount` EUR (signed), one for each transaction in it.

    The key is the same in every export of the account. It is made of the bank's own reference with day and
    amount; where the bank gives none, of all that stands in the line and the payer's own reference, or the
    balance `before` it. `seen` counts the keys of one statement, so that two that are alike stay two.
    """
    parts = list(entry.all("NtryDtls", "TxDtls"))
    amounts = _split(parts, amount)
    is_unsplit = len(parts) > 1 and amounts is None
    if amounts is None:
        parts, amounts = ([] if is_unsplit else parts[:1]), [amount]
    reference = _reference_of(entry, parts)
    # Asked once: each question looks through all that an entry holds.
    is_credit, is_reversal = entry.say("CdtDbtInd") == "CRDT", entry.say("RvslInd") in ("true", "1")
    of_entry = entry.say("AddtlNtryInf")
    whole = [iban, booked_on.isoformat(), valued_on.isoformat(), str(amount)]
    if reference:
        entry_key = _digest("reference", iban, booked_on.isoformat(), str(amount), reference)
    else:
        told = [text for part in (parts or [entry]) for text in _told(part, iban, is_credit, of_entry)]
        place = _payers_references(parts) or [str(before)]
        entry_key = _digest("content", *whole, *place, *told)
    seen[entry_key] += 1
    if seen[entry_key] > 1:
        entry_key = _digest(entry_key, str(seen[entry_key]))
    lines = []
    for number, part_amount in enumerate(amounts, 1):
        part = parts[number - 1] if parts else entry
        name, account, communication, remittance, end_to_end_id = _told(part, iban, is_credit, of_entry)
        if part_amount:
            lines.append(
                StatementLine(
                    entry_key=entry_key,
                    key=entry_key if len(amounts) == 1 else f"{entry_key}/{number}",
                    fingerprint=_digest(
                        *whole[:3], str(part_amount), name, account, remittance, end_to_end_id
                    ),
                    has_bank_reference=bool(reference),
                    booked_on=booked_on,
                    valued_on=valued_on,
                    amount=part_amount,
                    is_reversal=is_reversal,
                    is_unsplit=is_unsplit,
                    counterparty_name=name,
                    counterparty_iban=account,
                    structured_communication="" if is_unsplit else communication,
                    remittance=remittance,
                    end_to_end_id=end_to_end_id,
                    bank_reference=reference,
                    file_line=part.line,
                )
            )
    return lines


def _split(parts: Sequence[Element], amount: Decimal) -> list[Decimal] | None:
    """Return the signed amounts of the parts of a batch when they come to what was booked; else nothing."""
    if len(parts) < 2:
        return None
    amounts = [_amount_of(part, 1 if amount > 0 else -1) for part in parts]
    known = [each for each in amounts if each is not None]
    return known if len(known) == len(parts) and sum(known) == amount else None


def _amount_of(part: Element, sign: int) -> Decimal | None:
    """Return what one transaction came to in EUR, if it says so; a direction of its own goes first."""
    found = next(
        (
            element
            for path in (("Amt",), ("AmtDtls", "TxAmt", "Amt"), ("AmtDtls", "InstdAmt", "Amt"))
            if (element := part.first(*path)) and element.currency == _CURRENCY
        ),
        None,
    )
    if found is None:
        return None
    try:
        amount = Decimal(found.text.strip())
    except InvalidOperation:
        return None
    if not amount.is_finite() or amount < 0 or amount > 10**10 or amount != round(amount, 2):
        return None
    sign = {"CRDT": 1, "DBIT": -1}.get(part.say("CdtDbtInd"), sign)
    return sign * amount.quantize(Decimal("0.01"))


def _reference_of(entry: Element, parts: Sequence[Element]) -> str:
    """Return the bank's reference of the entry, or of the only transaction in it."""
    found = entry.say("AcctSvcrRef")
    if found.upper() in NO_REFERENCE and len(parts) == 1:
        found = parts[0].say("Refs", "AcctSvcrRef")
    return "" if found.upper() in NO_REFERENCE else found[:35]


def _payers_references(parts: Sequence[Element]) -> list[str]:
    """Return the reference that travelled along with each transaction, or nothing when one has none."""
    found = [part.say("Refs", "TxId") or part.say("Refs", "EndToEndId") for part in parts]
    return [] if any(each.upper() in NO_REFERENCE for each in found) else found


def _told(part: Element, iban: str, is_credit: bool, of_entry: str) -> tuple[str, str, str, str, str]:
    """Return name and IBAN of the other party, communication, text and end-to-end id of a transaction.

    `of_entry` is what the entry says where the transaction says nothing.
    """
    name, account = _other_party(part, is_credit=is_credit, iban=iban)
    free = [" ".join(each.text.split()) for each in part.all("RmtInf", "Ustrd")]
    structured = [" ".join(each.text.split()) for each in part.all("RmtInf", "Strd", "CdtrRefInf", "Ref")]
    named = list(dict.fromkeys(digits for each in structured if (digits := read_reference(each))))
    found = named or references_in([each[:LONGEST_TEXT] for each in free])
    rest = [each for each in structured if not read_reference(each)]
    more = [" ".join(each.text.split()) for each in part.all("RmtInf", "Strd", "AddtlRmtInf")]
    texts = [*free, *rest, *more]
    if len(named) > 1:
        texts += named
    remittance = " ".join(texts) or part.say("AddtlTxInf") or of_entry
    end_to_end = part.say("Refs", "EndToEndId")
    return (
        name[:LONGEST_NAME],
        account,
        found[0] if len(found) == 1 else "",
        remittance[:LONGEST_TEXT],
        "" if end_to_end.upper() in NO_REFERENCE else end_to_end[:35],
    )


def _other_party(part: Element, *, is_credit: bool, iban: str) -> tuple[str, str]:
    """Return name and account of the payer of what came in, or of who was paid.

    A reversal keeps the parties of what it takes back, so the one that is not us is meant.
    """
    for role in ("Dbtr", "Cdtr") if is_credit else ("Cdtr", "Dbtr"):
        party = ("RltdPties", role)
        found = part.say("RltdPties", f"{role}Acct", "Id", "IBAN")
        found = found or part.say("RltdPties", f"{role}Acct", "Id", "Othr", "Id")
        account = ibans.compact(found).upper()[:34]
        name = part.say(*party, "Nm") or part.say(*party, "Pty", "Nm")
        if account != iban and (account or name):
            return name, account
    return "", ""


def _digest(*texts: str) -> str:
    """Return a short name for some texts, of which none may run into the next."""
    return sha256("\x1f".join(texts).encode()).hexdigest()[:40]
