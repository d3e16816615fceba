from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing import rules
from billing.rules import DraftLine, InvalidLine, SeriesIsFull
from tests.factories.billing import line


@given(st.sampled_from(list(rules.DIGITS)), st.integers(2021, 2199), st.integers(1, 99_999))
def test_the_check_digits_are_the_rest_of_97(kind: str, year: int, sequence: int) -> None:
    digits = rules.structured_communication(kind, year, sequence)
    assert len(digits) == 12
    assert int(digits[10:]) == (int(digits[:10]) % 97 or 97)


def test_the_communication_reads_as_banks_print_it() -> None:
    digits = rules.structured_communication("invoice", 2026, 42)
    assert rules.show_structured_communication(digits) == "+++120/2600/04256+++"
    assert rules.show_structured_communication("123456789002") == "+++123/4567/89002+++"


def test_two_kinds_never_share_a_communication_or_a_number() -> None:
    documents = [(kind, 2026, 7) for kind in rules.DIGITS]
    assert len({rules.structured_communication(*document) for document in documents}) == 4
    assert sorted(rules.invoice_number(*document) for document in documents) == [
        "2026-00007",
        "BV2026-00007",
        "CN2026-00007",
        "UB2026-00007",
    ]


def test_a_year_has_room_for_99999_numbers() -> None:
    assert rules.structured_communication("invoice", 2026, 99_999)
    with pytest.raises(SeriesIsFull):
        rules.structured_communication("invoice", 2026, 100_000)


@pytest.mark.parametrize(
    "wrong",
    [
        {"text": " "},
        {"text": "x" * 301},
        {"quantity": Decimal(0)},
        {"unit_price": Decimal(10) ** 9},
        {"period_from": date(2026, 1, 1)},
        {"period_from": date(2026, 1, 2), "period_to": date(2026, 1, 1)},
    ],
)
def test_a_line_that_breaks_a_rule_is_refused(wrong: dict[str, object]) -> None:
    fine: DraftLine = line(period_from=date(2026, 1, 1), period_to=date(2026, 1, 1))
    fine.check()
    with pytest.raises(InvalidLine):
        line(**wrong).check()


@pytest.mark.parametrize(
    ("settled", "credited", "on", "status"),
    [
        ("0", "0", date(2026, 1, 31), "issued"),
        ("0", "0", date(2026, 2, 1), "overdue"),
        ("99.99", "0", date(2026, 1, 1), "issued"),
        ("100", "0", date(2026, 2, 1), "paid"),
        ("60", "40", date(2026, 2, 1), "paid"),
        ("100", "100", date(2026, 1, 1), "credited"),
    ],
)
def test_the_status_follows_money_and_clock(settled: str, credited: str, on: date, status: str) -> None:
    found = rules.status_after(
        gross=Decimal(100),
        settled=Decimal(settled),
        credited=Decimal(credited),
        due_on=date(2026, 1, 31),
        on=on,
    )
    assert found == status


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("0999101384", "0999.101.384"),
        ("BE0999101384", "BE 0999.101.384"),
        ("NL4495445B01", "NL4495445B01"),
        ("", ""),
    ],
)
def test_numbers_are_written_as_people_write_them(number: str, said: str) -> None:
    assert rules.say_number(number) == said


@pytest.mark.parametrize(
    ("category", "rate", "holds"),
    [
        ("S", "21", True),
        ("S", "100", True),
        ("S", "0", False),
        ("S", "100.01", False),
        ("E", "0", True),
        ("E", "6", False),
        ("AE", "0", True),
        ("O", "21", False),
        ("Z", "0", False),
    ],
)
def test_only_the_standard_category_bears_vat(category: str, rate: str, holds: bool) -> None:
    assert rules.vat_is_consistent(category, Decimal(rate)) is holds
