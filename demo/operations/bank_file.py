"""A bank file for the demo: payments of the invoices that are open now, and lines to look at."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from django.utils import timezone

from billing.models import Invoice, Issuer
from billing.money import cents
from billing.queries import with_open_amount

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"
OPENING = Decimal("18450.75")


@dataclass(frozen=True, kw_only=True)
class Booked:
    """One entry: `amount` in EUR, negative for what went out; `parts` make it a batch."""

    key: str
    amount: Decimal
    name: str
    communication: str = ""
    text: str = ""
    parts: Sequence["Booked"] = field(default_factory=tuple)


def sample_bank_file(*, at: datetime) -> bytes:
    """Return a CAMT.053 file of today that fits the demo's open invoices.

    The first is paid with its reference in the message, the second in part, the third too much and once
    more, the next two in a batch; beside them a gift, a cost of the bank, and one that names no invoice.
    """
    today = timezone.localdate(at)
    payable = with_open_amount(Invoice.objects.filter(status__in=Invoice.OPEN, credits__isnull=True))
    invoices = list(payable.order_by("due_on", "pk")[:6])
    entries = [*_payments(invoices), *_others(invoices)]
    return write_bank_file(entries, on=today)


def _payments(invoices: Sequence[Any]) -> list[Booked]:
    paid = [
        Booked(
            key=invoice.number,
            amount=invoice.left,
            name=invoice.name,
            communication=invoice.structured_communication,
        )
        for invoice in invoices
    ]
    entries = []
    if paid:
        text = f"Betaling {invoices[0].communication} met dank"
        entries.append(replace(paid[0], communication="", text=text))
    if len(paid) > 1:
        entries.append(replace(paid[1], amount=cents(paid[1].amount / 2)))
    if len(paid) > 2:
        entries += [replace(paid[2], amount=paid[2].amount + 10), replace(paid[2], key=f"{paid[2].key}B")]
    batch = paid[3:5]
    if len(batch) == 2:
        total = sum((each.amount for each in batch), Decimal(0))
        entries.append(Booked(key=f"{batch[0].key}V", amount=total, name="", parts=batch))
    return entries


def _others(invoices: Sequence[Any]) -> list[Booked]:
    others = [
        Booked(key="GIFT", amount=Decimal("50.00"), name="Noor Peeters", text="Gift voor de vereniging"),
        Booked(key="KOSTEN", amount=Decimal("-12.40"), name="Voorbeeldbank", text="Beheerskosten rekening"),
    ]
    if len(invoices) > 5:
        last = invoices[5]
        text = f"Factuur {last.number}"
        others.append(Booked(key=f"{last.number}Z", amount=last.left, name=last.name, text=text))
    return others


def write_bank_file(entries: Sequence[Booked], *, on: date) -> bytes:
    """Return a CAMT.053 file of one day with some entries."""
    root = Element("Document", xmlns=NAMESPACE)
    message = SubElement(root, "BkToCstmrStmt")
    _put(message, "GrpHdr/MsgId", f"DEMO-{on:%Y%m%d}")
    statement = SubElement(message, "Stmt")
    _put(statement, "Id", f"DEMO-{on:%Y%m%d}")
    account = SubElement(statement, "Acct")
    _put(account, "Id/IBAN", Issuer.load().iban)
    _put(account, "Ccy", "EUR")
    closing = OPENING + sum((each.amount for each in entries), Decimal(0))
    for kind, amount in (("OPBD", OPENING), ("CLBD", closing)):
        balance = SubElement(statement, "Bal")
        _put(balance, "Tp/CdOrPrtry/Cd", kind)
        _put_amount(balance, amount)
        _put(balance, "Dt/Dt", on.isoformat())
    for each in entries:
        entry = SubElement(statement, "Ntry")
        _put_amount(entry, each.amount)
        _put(entry, "Sts", "BOOK")
        _put(entry, "BookgDt/Dt", on.isoformat())
        _put(entry, "ValDt/Dt", on.isoformat())
        _put(entry, "AcctSvcrRef", f"DEMO{on:%y%m%d}{each.key}")
        details = SubElement(entry, "NtryDtls")
        for part in each.parts or (each,):
            _put_transaction(details, part, is_part=bool(each.parts))
    return tostring(root, encoding="utf-8", xml_declaration=True).replace(b"<Ntry>", b"\n<Ntry>")


def _put_transaction(details: Element, part: Booked, *, is_part: bool) -> None:
    """Write who paid, what for, and of a part of a batch how much."""
    transaction = SubElement(details, "TxDtls")
    if is_part:
        amount = _put(transaction, "AmtDtls/TxAmt/Amt", f"{abs(part.amount):.2f}")
        amount.set("Ccy", "EUR")
    role = "Dbtr" if part.amount > 0 else "Cdtr"
    parties = SubElement(transaction, "RltdPties")
    _put(parties, f"{role}/Nm", part.name)
    _put(parties, f"{role}Acct/Id/IBAN", _account_of(part.name))
    remittance = SubElement(transaction, "RmtInf")
    if part.text:
        _put(remittance, "Ustrd", part.text)
    else:
        information = SubElement(SubElement(remittance, "Strd"), "CdtrRefInf")
        kind = SubElement(information, "Tp")
        _put(kind, "CdOrPrtry/Cd", "SCOR")
        _put(kind, "Issr", "BBA")
        _put(information, "Ref", part.communication)


def _account_of(name: str) -> str:
    """Return the account of a payer, always the same and plainly fictional: no bank has code 999."""
    digits = f"999{sum(ord(sign) * place for place, sign in enumerate(name, 7)) % 10**7:07d}"
    base = f"{digits}{int(digits) % 97 or 97:02d}"
    return f"BE{98 - int(f'{base}111400') % 97:02d}{base}"


def _put(parent: Element, path: str, text: str) -> Element:
    """Write a text at the end of a path of new elements."""
    for name in path.split("/"):
        parent = SubElement(parent, name)
    parent.text = text
    return parent


def _put_amount(parent: Element, amount: Decimal) -> None:
    _put(parent, "Amt", f"{abs(amount):.2f}").set("Ccy", "EUR")
    _put(parent, "CdtDbtInd", "CRDT" if amount >= 0 else "DBIT")
