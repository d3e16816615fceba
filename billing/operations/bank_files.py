"""Taking a bank file: all of it or nothing, and each line once however often it comes."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.db import transaction

from accounts.models import User
from billing.bank.camt import read_statements
from billing.bank.statements import Statement, StatementLine
from billing.models import BankEntry, BankFile, Issuer
from billing.operations.bank_lines import match_entries
from billing.signals import bank_file_kept
from cms.log import record

BATCH = 500


class AccountUnknown(RuntimeError):
    """The association's own IBAN is not filled in, so no file can be told to be about it."""


@dataclass(frozen=True)
class Kept:
    """What a file brought. `is_new` is off when the very same file was taken before."""

    file: BankFile
    is_new: bool
    new: int
    known: int


@dataclass(frozen=True)
class Imported:
    """What a file brought, and what became of its new lines: `matched` to an invoice, or waiting."""

    file: BankFile
    is_new: bool
    new: int
    known: int
    matched: int
    waiting: int


def import_bank_file(
    *, content: bytes, name: str, at: datetime, by: User | None, limit: int | None = None
) -> Imported:
    """Take a bank file, match the lines that wait (at most `limit`; the worker does the rest), and report.

    `matched` and `waiting` count lines of this file. Raises FileRefused and AccountUnknown, and then nothing
    was taken. Never call it inside a transaction: each line is matched in one of its own.
    """
    kept = keep_bank_file(content=content, name=name, at=at, by=by)
    match_entries(at=at, by=by, limit=limit)
    waiting = kept.file.entries.filter(status=BankEntry.Status.WAITING).count()
    settled = kept.file.entries.filter(assigned__gt=0).count()
    return Imported(kept.file, kept.is_new, kept.new, kept.known, matched=settled, waiting=waiting)


def keep_bank_file(*, content: bytes, name: str, at: datetime, by: User | None) -> Kept:
    """Store the lines of a bank file that are not known yet; none of them is matched here.

    The very same file is not stored again. Raises FileRefused, with the line that is wrong, and
    AccountUnknown.
    """
    iban = Issuer.load().iban
    if not iban:
        raise AccountUnknown
    statements = read_statements(content, iban=iban)
    return _store(statements, fingerprint=sha256(content).hexdigest(), name=name, at=at, by=by)


@transaction.atomic
def _store(
    statements: Sequence[Statement], *, fingerprint: str, name: str, at: datetime, by: User | None
) -> Kept:
    # One upload after the other: what two of them share is new to the first only.
    Issuer.objects.select_for_update().get(pk=Issuer.load().pk)
    same = BankFile.objects.filter(sha256=fingerprint).first()
    if same:
        return Kept(same, is_new=False, new=0, known=same.new_count + same.known_count)
    lines = list(_once(line for statement in statements for line in statement.lines))
    total = sum(len(statement.lines) for statement in statements)
    known = _known("entry_key", {line.entry_key for line in lines})
    new = [line for line in lines if line.entry_key not in known]
    file: BankFile = BankFile.objects.create(
        name=name[:200],
        sha256=fingerprint,
        iban=statements[0].iban,
        from_on=min(each.from_on for each in statements),
        to_on=max(each.to_on for each in statements),
        opening=min(statements, key=lambda each: each.from_on).opening,
        closing=max(enumerate(statements), key=lambda each: (each[1].to_on, each[0]))[1].closing,
        new_count=len(new),
        known_count=total - len(new),
        uploaded_by=by,
        uploaded_at=at,
    )
    BankEntry.objects.bulk_create(_entries(file, new), batch_size=BATCH)
    data = {"new": len(new), "known": total - len(new)}
    record(file, "billing.bank_file", by=by, at=at, data=data)
    bank_file_kept.send(BankFile, file_id=file.pk)
    return Kept(file, is_new=True, new=len(new), known=total - len(new))


def _once(lines: Iterable[StatementLine]) -> Iterable[StatementLine]:
    """Leave out what a second statement of the same file tells again."""
    seen: set[str] = set()
    for line in lines:
        if line.key not in seen:
            seen.add(line.key)
            yield line


def _known(field: str, values: Iterable[str]) -> set[str]:
    """Return which values the bank lines have already."""
    found: set[str] = set()
    for part in _parts(sorted(values)):
        found.update(BankEntry.objects.filter(**{f"{field}__in": part}).values_list(field, flat=True))
    return found


def _parts(values: Sequence[str]) -> Iterable[Sequence[str]]:
    return (values[start : start + BATCH] for start in range(0, len(values), BATCH))


def _entries(file: BankFile, lines: Sequence[StatementLine]) -> list[BankEntry]:
    """Make the rows, each with the doubt that keeps it from being matched by itself."""
    twins = Counter(dict.fromkeys(_known("fingerprint", _unnamed(lines)), 1))
    entries = []
    for line in lines:
        doubt = ""
        if line.is_reversal:
            doubt = BankEntry.Doubt.REVERSAL
        elif line.is_unsplit:
            doubt = BankEntry.Doubt.UNSPLIT
        elif not line.has_bank_reference and twins[line.fingerprint]:
            doubt = BankEntry.Doubt.TWIN
        twins[line.fingerprint] += 1
        entries.append(
            BankEntry(
                file=file,
                key=line.key,
                entry_key=line.entry_key,
                fingerprint=line.fingerprint,
                doubt=doubt,
                booked_on=line.booked_on,
                valued_on=line.valued_on,
                amount=line.amount,
                counterparty_name=line.counterparty_name,
                counterparty_iban=line.counterparty_iban,
                structured_communication=line.structured_communication,
                remittance=line.remittance,
                end_to_end_id=line.end_to_end_id,
                bank_reference=line.bank_reference,
                is_reversal=line.is_reversal,
                file_line=line.file_line,
            )
        )
    return entries


def _unnamed(lines: Sequence[StatementLine]) -> set[str]:
    return {line.fingerprint for line in lines if not line.has_bank_reference}
