"""A bank's CAMT.053 file of any length. Half of its lines pay an invoice, the other half nobody knows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from billing.models import Invoice

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02">
<BkToCstmrStmt><GrpHdr><MsgId>1</MsgId><CreDtTm>{day}T20:00:00</CreDtTm></GrpHdr>
<Stmt><Id>{name}</Id><CreDtTm>{day}T20:00:00</CreDtTm>
<Acct><Id><IBAN>{iban}</IBAN></Id><Ccy>EUR</Ccy></Acct>
"""
BALANCE = (
    '<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{amount}</Amt>'
    "<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>\n"
)
ENTRY = (
    '<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>{day}</Dt>'
    "</BookgDt><ValDt><Dt>{day}</Dt></ValDt><AcctSvcrRef>{reference}</AcctSvcrRef><NtryDtls><TxDtls>"
    "<RltdPties><Dbtr><Nm>{payer}</Nm></Dbtr><DbtrAcct><Id><IBAN>{account}</IBAN></Id></DbtrAcct>"
    "</RltdPties><RmtInf>{words}</RmtInf></TxDtls></NtryDtls></Ntry>\n"
)
STRUCTURED = (
    "<Strd><CdtrRefInf><Tp><CdOrPrtry><Cd>SCOR</Cd></CdOrPrtry><Issr>BBA</Issr></Tp>"
    "<Ref>{digits}</Ref></CdtrRefInf></Strd>"
)
TAIL = "</Stmt></BkToCstmrStmt></Document>\n"


@dataclass(frozen=True)
class Line:
    """A transfer to us, in EUR."""

    amount: Decimal
    payer: str
    account: str
    words: str


def account_of(number: int) -> str:
    """Return a Belgian IBAN of bank 999, which does not exist."""
    base = f"999{number:07d}"
    national = f"{base}{int(base) % 97 or 97:02d}"
    return f"BE{98 - int(f'{national}111400') % 97:02d}{national}"


def by_reference(invoice: Invoice) -> Line:
    """Pay an invoice as it asks."""
    words = STRUCTURED.format(digits=invoice.structured_communication)
    return Line(invoice.gross, invoice.name, account_of(invoice.customer_id), words)


def by_account(invoice: Invoice) -> Line:
    """Pay the amount of an invoice without saying which."""
    line = by_reference(invoice)
    return Line(line.amount, line.payer, line.account, "<Ustrd>Lidmaatschap</Ustrd>")


def from_nobody(number: int) -> Line:
    """Send money that no invoice asks for."""
    account = account_of(9_000_000 + number)
    return Line(Decimal("12.34"), f"Onbekende {number}", account, f"<Ustrd>Gift {number}</Ustrd>")


def bank_file(lines: Sequence[Line], *, name: str, iban: str, day: date) -> bytes:
    """Write a statement; the bank names each line."""
    total = sum((line.amount for line in lines), Decimal("1000.00"))
    balances = (("OPBD", Decimal("1000.00")), ("CLBD", total))
    parts = [HEAD.format(day=day, name=name, iban=iban)]
    parts += [BALANCE.format(kind=kind, amount=amount, day=day) for kind, amount in balances]
    for number, line in enumerate(lines):
        parts.append(ENTRY.format(day=day, reference=f"{name}-{number}", **vars(line)))
    return "".join([*parts, TAIL]).encode()
