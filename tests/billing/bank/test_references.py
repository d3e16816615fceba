import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing import rules
from billing.bank.references import invoice_numbers_in, read_reference, references_in

DIGITS = rules.structured_communication("invoice", 2026, 42)
OTHER = rules.structured_communication("invoice", 2026, 43)


@given(st.integers(2021, 2199), st.integers(1, 99_999), st.text(alphabet="ab .,;:\n", max_size=20))
def test_a_communication_is_found_however_it_is_written(year: int, sequence: int, words: str) -> None:
    digits = rules.structured_communication("invoice", year, sequence)
    printed = rules.show_structured_communication(digits)
    for written in (digits, printed, printed.replace("+", "*"), printed.replace("/", " / ")):
        assert references_in([f"{words}{written}{words}"]) == [digits]
    assert read_reference(printed) == read_reference(digits) == digits


@pytest.mark.parametrize(
    "text", ["", "120260004257", "1202600042560", "12026000425", "factuur 12", "+++/ /+++"]
)
def test_what_is_no_communication_is_not_taken_for_one(text: str) -> None:
    assert references_in([DIGITS]) == [DIGITS]
    assert references_in([text]) == []
    assert read_reference(text) == ""


def test_pieces_are_joined_and_each_is_told_once() -> None:
    printed = rules.show_structured_communication(DIGITS)
    assert references_in([printed[:9], printed[9:]]) == [DIGITS]
    assert references_in([printed, f"ook {OTHER}", DIGITS]) == [DIGITS, OTHER]


def test_numbers_of_our_invoices_are_seen_among_words() -> None:
    assert invoice_numbers_in("factuur 2026-00042 en bv2026-00007, 2026-00042") == [
        "2026-00042",
        "BV2026-00007",
    ]
    assert invoice_numbers_in("12026-00042 2026-000421 2026/00042") == []
