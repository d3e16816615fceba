from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing import rules
from billing.bank.camt import VERSIONS, read_statements
from billing.bank.statements import FileRefused, Reason, StatementLine
from tests.factories.bank import DAY, IBAN, PAYER, Entry, bank_file, document, entry, statement

OGM = rules.structured_communication("invoice", 2026, 42)
OTHER = rules.structured_communication("invoice", 2026, 43)
PRINTED = rules.show_structured_communication(OGM)


def lines(content: bytes) -> list[StatementLine]:
    return [line for each in read_statements(content, iban=IBAN) for line in each.lines]


def refusal(content: bytes) -> FileRefused:
    with pytest.raises(FileRefused) as caught:
        read_statements(content, iban=IBAN)
    return caught.value


@pytest.mark.parametrize("version", VERSIONS)
def test_each_version_tells_the_same(version: str) -> None:
    batch = entry(
        300,
        reference="B1",
        parts=(
            entry(100, structured=OGM, name="Een"),
            entry(200, text=PRINTED, name="Twee", end_to_end="E2E-2"),
        ),
    )
    content = bank_file(
        entry("1210.00", structured=OGM, reference="A1"),
        batch,
        entry("-12.50", text="Kosten", name="Voorbeeldbank", iban="", reference="C1"),
        entry(99, status="PDNG"),
        entry(99, status="INFO"),
        version=version,
    )
    [found] = read_statements(content, iban=IBAN)
    assert (found.opening, found.closing, found.number) == (Decimal("1000.00"), Decimal("2497.50"), "2026-1")
    assert (found.from_on, found.to_on, found.iban) == (DAY, DAY, IBAN)
    assert [(each.amount, each.structured_communication, each.counterparty_name) for each in found.lines] == [
        (Decimal("1210.00"), OGM, "Proefbedrijf bv"),
        (Decimal("100.00"), OGM, "Een"),
        (Decimal("200.00"), OGM, "Twee"),
        (Decimal("-12.50"), "", "Voorbeeldbank"),
    ]
    assert [each.counterparty_iban for each in found.lines] == [PAYER, PAYER, PAYER, ""]
    assert [each.end_to_end_id for each in found.lines] == ["", "", "E2E-2", ""]
    assert {each.entry_key for each in found.lines[1:3]} == {found.lines[1].entry_key}
    assert len({each.key for each in found.lines}) == 4
    assert [each.file_line for each in found.lines] == [9, 10, 10, 11]


def test_an_opening_balance_may_be_named_by_the_closing_one_before() -> None:
    [found] = read_statements(bank_file(entry(5)).replace(b"OPBD", b"PRCD"), iban=IBAN)
    assert found.opening == 1000


def test_an_account_in_the_red_and_an_empty_day() -> None:
    [found] = read_statements(bank_file(opening="-20.00"), iban=IBAN)
    assert (found.opening, found.closing, found.lines) == (Decimal("-20.00"), Decimal("-20.00"), ())


def test_two_communications_name_no_invoice_for_certain() -> None:
    [both] = lines(bank_file(entry(5, text=f"{OGM} {OTHER}")))
    assert (both.structured_communication, both.remittance) == ("", f"{OGM} {OTHER}")
    [one] = lines(bank_file(entry(5, structured=OGM, text=f"zie {OTHER}")))
    assert one.structured_communication == OGM


def test_a_batch_that_does_not_add_up_stays_in_one_piece() -> None:
    good = entry(300, parts=(entry(100, structured=OGM), entry(200)))
    assert [each.amount for each in lines(bank_file(good))] == [100, 200]
    bad = entry(300, parts=(entry(100, structured=OGM), entry(199)))
    [whole] = lines(bank_file(bad))
    assert (whole.amount, whole.is_unsplit, whole.structured_communication) == (Decimal(300), True, "")


def test_a_reversal_is_told_and_keeps_the_other_party() -> None:
    content = bank_file(entry(5, is_reversal=True, name="Leverancier", reference="R1"))
    [line] = lines(content.replace(b"Dbtr", b"Cdtr"))
    assert (line.is_reversal, line.counterparty_name, line.counterparty_iban) == (True, "Leverancier", PAYER)


def test_the_key_is_the_same_in_every_export() -> None:
    first, second = entry(5, reference="A"), entry(7, text="zonder kenmerk")
    day = lines(bank_file(first, second))
    later = lines(bank_file(second, entry(1), opening="1005.00"))
    assert later[0].key == day[1].key
    assert lines(bank_file(entry(3), first))[1].key == day[0].key


def test_the_payers_reference_stands_in_for_the_banks() -> None:
    own, none = entry(5, end_to_end="E2E-1"), entry(7)
    here, there = lines(bank_file(own, none)), lines(bank_file(entry(1), own, none, opening="3.00"))
    assert here[0].key == there[1].key
    assert here[1].key != there[2].key, "without any reference the balance before it counts"
    assert lines(bank_file(entry(5, end_to_end="E2E-2")))[0].key != here[0].key
    assert not here[0].has_bank_reference


def test_two_lines_that_are_alike_stay_two() -> None:
    for alike in (entry(5, reference="A"), entry(5)):
        keys = [each.key for each in lines(bank_file(alike, alike))]
        assert len(set(keys)) == 2
        assert keys == [each.key for each in lines(bank_file(alike, alike, entry(1)))][:2]


@pytest.mark.parametrize(
    ("content", "reason", "line"),
    [
        (b"", Reason.EMPTY, None),
        (b" \n ", Reason.EMPTY, None),
        (b"PK\x03\x04....", Reason.ZIPPED, None),
        (b"0000024112612305        00000000", Reason.NOT_XML, 1),
        (b"\xff\xfe\x00", Reason.NOT_XML, 1),
        (b'<?xml version="1.0" encoding="klingon"?><a/>', Reason.NOT_XML, 1),
        (b"<html/>", Reason.NOT_A_STATEMENT, 1),
        (document("").replace(b"camt.053", b"camt.054"), Reason.OTHER_MESSAGE, 2),
        (document("", version="09"), Reason.OTHER_VERSION, 2),
        (document(""), Reason.NO_STATEMENT, None),
        (b"<a>" * 60, Reason.NOT_A_STATEMENT, 1),
        (document("<x>" * 60), Reason.TOO_DEEP, 5),
        (bank_file(entry(5), iban=PAYER), Reason.OTHER_ACCOUNT, 6),
        (bank_file(entry(5)).replace(b"<Ccy>EUR", b"<Ccy>USD"), Reason.OTHER_CURRENCY, 6),
        (bank_file(entry(5), entry(6, currency="USD")), Reason.OTHER_CURRENCY, 10),
        (bank_file(entry(5)).replace(b"OPBD", b"ITAV"), Reason.NO_OPENING, 9),
        (bank_file(entry(5)).replace(b"CLBD", b"CLAV"), Reason.NO_CLOSING, 5),
        (bank_file(entry(5), closing="1005.01"), Reason.NOT_BALANCED, 8),
        (bank_file(entry("5.11")).replace(b">5.11<", b">5.111<"), Reason.WRONG_AMOUNT, 9),
        (bank_file(entry("5.11")).replace(b">5.11<", b">5,11<"), Reason.WRONG_AMOUNT, 9),
        (bank_file(entry("5.11")).replace(b">5.11<", b">-5.11<"), Reason.WRONG_AMOUNT, 9),
        (bank_file(entry("5.11")).replace(b">5.11<", b">1e9<"), Reason.WRONG_AMOUNT, 9),
        (bank_file(entry("99999999999.99")), Reason.WRONG_AMOUNT, 9),
        (
            bank_file(entry(5, on=date(2026, 2, 1))).replace(b"2026-02-01", b"2026-02-30"),
            Reason.WRONG_DATE,
            9,
        ),
        (
            bank_file(entry("5.11")).replace(b">5.11</Amt><CdtDbtInd>CRDT", b">5.11</Amt><CdtDbtInd>PLUS"),
            Reason.WRONG_DIRECTION,
            9,
        ),
        (bank_file(entry(5)).replace(b"<Sts>BOOK</Sts>", b""), Reason.MISSING, 9),
        (
            bank_file(entry(5)).replace(b"<Id><IBAN>" + IBAN.encode() + b"</IBAN></Id>", b""),
            Reason.OTHER_ACCOUNT,
            6,
        ),
    ],
)
def test_a_file_that_is_wrong_is_refused_with_its_line(
    content: bytes, reason: Reason, line: int | None
) -> None:
    refused = refusal(content)
    assert (refused.reason, refused.line) == (reason, line)


def test_a_file_that_was_cut_is_refused_wherever_it_was_cut() -> None:
    content = bank_file(entry(5), entry(6), entry(-7))
    assert len(lines(content)) == 3
    for end in range(1, len(content.rstrip()) - 1, 7):
        assert refusal(content[:end]).reason in (Reason.NOT_XML, Reason.EMPTY)


@pytest.mark.parametrize(
    "bomb",
    [
        b'<!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><d>&b;</d>',
        b'<!DOCTYPE d SYSTEM "http://127.0.0.1/x.dtd"><d/>',
        b'<!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/hostname">]><d>&a;</d>',
    ],
)
def test_entities_and_what_stands_elsewhere_are_refused(bomb: bytes) -> None:
    assert refusal(bomb).reason == Reason.HAS_DTD
    inside = bank_file(entry(5)).replace(
        b"\n<Document", b'\n<!DOCTYPE Document [<!ENTITY a "x">]>\n<Document'
    )
    assert refusal(inside).reason == Reason.HAS_DTD


def test_a_file_over_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    content = bank_file(entry(5))
    monkeypatch.setattr("billing.bank.camt.LARGEST_FILE", len(content))
    assert lines(content)
    assert refusal(content + b" ").reason == Reason.TOO_LARGE


def test_long_and_strange_texts_are_kept_within_bounds() -> None:
    name = "É" * 300
    [line] = lines(bank_file(entry(5, name=name, text="<&> 🙂 " + "x" * 5_000)))
    assert (len(line.counterparty_name), len(line.remittance)) == (140, 2_000)
    assert line.remittance.startswith("<&> 🙂 x")


amounts = st.decimals(min_value="0.01", max_value="99999999.99", places=2)
entries = st.builds(
    Entry,
    amount=st.one_of(amounts, amounts.map(lambda amount: -amount)),
    reference=st.sampled_from(["", "A", "B", "C"]),
    structured=st.sampled_from(["", OGM]),
    text=st.text(alphabet="ab<&+/0123456789", max_size=30),
)


@settings(max_examples=60)
@given(st.lists(entries, max_size=8), amounts, st.sampled_from(VERSIONS))
def test_what_is_read_is_what_was_booked_to_the_cent(
    booked: list[Entry], opening: Decimal, version: str
) -> None:
    [found] = read_statements(bank_file(*booked, opening=opening, version=version), iban=IBAN)
    assert [line.amount for line in found.lines] == [each.amount for each in booked]
    assert found.opening + sum(line.amount for line in found.lines) == found.closing
    assert len({line.key for line in found.lines}) == len(booked)


@given(st.lists(amounts, min_size=2, max_size=6))
def test_a_batch_is_split_to_the_cent(parts: list[Decimal]) -> None:
    batch = Entry(amount=sum(parts, Decimal(0)), parts=[Entry(amount=each) for each in parts])
    if batch.amount < 10**9:
        assert [line.amount for line in lines(bank_file(batch))] == parts


def test_statements_of_several_days_stand_in_one_file() -> None:
    one = statement(entry(5), opening=Decimal(0), closing=Decimal(5))
    two = statement(entry(6), opening=Decimal(5), closing=Decimal(11))
    assert [each.closing for each in read_statements(document(one + two), iban=IBAN)] == [5, 11]
    broken = statement(entry(6), opening=Decimal(5), closing=Decimal(12))
    assert refusal(document(one + broken)).reason == Reason.NOT_BALANCED
