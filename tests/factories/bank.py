"""Bank files for tests, as banks write them: CAMT.053 in each version that is read."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

from tests.factories.billing import ISSUER

IBAN = ISSUER["iban"]
PAYER = "BE68539007547034"
"""The example of the IBAN registry."""
DAY = date(2026, 11, 24)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """An entry to write: `amount` in EUR, negative for what went out. `parts` make it a batch."""

    amount: Decimal
    name: str = "Proefbedrijf bv"
    iban: str = PAYER
    structured: str = ""
    text: str = ""
    reference: str = ""
    end_to_end: str = "NOTPROVIDED"
    on: date = DAY
    status: str = "BOOK"
    is_reversal: bool = False
    parts: Sequence["Entry"] = field(default_factory=tuple)
    currency: str = "EUR"


def entry(amount: str | int, **fields: Any) -> Entry:
    """An entry of an amount written as 1210.00."""
    return Entry(amount=Decimal(amount), **fields)


def bank_file(
    *entries: Entry,
    opening: str | Decimal = "1000.00",
    closing: str | Decimal | None = None,
    iban: str = IBAN,
    version: str = "02",
    on: date = DAY,
) -> bytes:
    """A file with one statement; its closing balance is right unless one is given."""
    booked = sum((each.amount for each in entries if each.status == "BOOK"), Decimal(0))
    end = Decimal(opening) + booked if closing is None else Decimal(closing)
    return document(
        statement(*entries, opening=Decimal(opening), closing=end, iban=iban, version=version, on=on), version
    )


def document(inner: str, version: str = "02") -> bytes:
    """Statements within their document."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}">\n<BkToCstmrStmt>\n'
        f"<GrpHdr><MsgId>1</MsgId><CreDtTm>2026-11-24T20:00:00</CreDtTm></GrpHdr>\n"
        f"{inner}</BkToCstmrStmt>\n</Document>\n"
    ).encode()


def statement(
    *entries: Entry, opening: Decimal, closing: Decimal, iban: str = IBAN, version: str = "02", on: date = DAY
) -> str:
    """One statement, a line of the file for each entry."""
    return (
        "<Stmt><Id>2026-1</Id><CreDtTm>2026-11-24T20:00:00</CreDtTm>\n"
        f"<Acct><Id><IBAN>{iban}</IBAN></Id><Ccy>EUR</Ccy></Acct>\n"
        f"{_balance('OPBD', opening, on)}\n{_balance('CLBD', closing, on)}\n"
        + "".join(f"{_entry(each, version)}\n" for each in entries)
        + "</Stmt>\n"
    )


def _money(amount: Decimal, currency: str = "EUR") -> str:
    direction = "CRDT" if amount >= 0 else "DBIT"
    return f'<Amt Ccy="{currency}">{abs(amount):.2f}</Amt><CdtDbtInd>{direction}</CdtDbtInd>'


def _balance(kind: str, amount: Decimal, on: date) -> str:
    return f"<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp>{_money(amount)}<Dt><Dt>{on}</Dt></Dt></Bal>"


def _entry(each: Entry, version: str) -> str:
    status = f"<Cd>{each.status}</Cd>" if version == "08" else each.status
    reference = f"<AcctSvcrRef>{escape(each.reference)}</AcctSvcrRef>" if each.reference else ""
    reversal = "<RvslInd>true</RvslInd>" if each.is_reversal else ""
    batch = f"<Btch><NbOfTxs>{len(each.parts)}</NbOfTxs></Btch>" if each.parts else ""
    details = "".join(
        _details(part, version, is_part=bool(each.parts), is_credit=each.amount > 0)
        for part in (each.parts or (each,))
    )
    return (
        f"<Ntry>{_money(each.amount, each.currency)}{reversal}<Sts>{status}</Sts>"
        f"<BookgDt><Dt>{each.on}</Dt></BookgDt><ValDt><Dt>{each.on}</Dt></ValDt>{reference}"
        f"<BkTxCd><Prtry><Cd>0150000</Cd><Issr>BBA</Issr></Prtry></BkTxCd>"
        f"<NtryDtls>{batch}{details}</NtryDtls></Ntry>"
    )


def _details(part: Entry, version: str, *, is_part: bool, is_credit: bool) -> str:
    amount = ""
    if is_part and version == "02":
        amount = f'<AmtDtls><TxAmt><Amt Ccy="EUR">{abs(part.amount):.2f}</Amt></TxAmt></AmtDtls>'
    elif is_part:
        amount = _money(part.amount)
    role = "Dbtr" if is_credit else "Cdtr"
    name = f"<Nm>{escape(part.name)}</Nm>"
    party = f"<Pty>{name}</Pty>" if version == "08" else name
    structured = (
        "<Strd><CdtrRefInf><Tp><CdOrPrtry><Cd>SCOR</Cd></CdOrPrtry><Issr>BBA</Issr></Tp>"
        f"<Ref>{part.structured}</Ref></CdtrRefInf></Strd>"
        if part.structured
        else ""
    )
    free = f"<Ustrd>{escape(part.text)}</Ustrd>" if part.text else ""
    account = f"<{role}Acct><Id><IBAN>{part.iban}</IBAN></Id></{role}Acct>" if part.iban else ""
    return (
        f"<TxDtls><Refs><EndToEndId>{escape(part.end_to_end)}</EndToEndId></Refs>{amount}"
        f"<RltdPties><{role}>{party}</{role}>{account}</RltdPties>"
        f"<RmtInf>{free}{structured}</RmtInf></TxDtls>"
    )


class Upload(BytesIO):
    """A file that can be sent again and again."""

    name = "afschrift.xml"

    def read(self, size: int | None = -1) -> bytes:
        """Read from the start."""
        self.seek(0)
        return super().read(size)
