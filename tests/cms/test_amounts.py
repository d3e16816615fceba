"""Amounts and rates, as both languages write them."""

from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from cms.amounts import say_euro, say_percent, sign_euro

SPACE = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("amount", "dutch", "in_columns", "english"),
    [
        ("0", f"0,00{SPACE}euro", f"€{SPACE}0,00", "€0.00"),
        ("135.5", f"135,50{SPACE}euro", f"€{SPACE}135,50", "€135.50"),
        ("1250", f"1.250,00{SPACE}euro", f"€{SPACE}1.250,00", "€1,250.00"),
        ("-1210.05", f"-1.210,05{SPACE}euro", f"-€{SPACE}1.210,05", "-€1,210.05"),
    ],
)
def test_an_amount_in_both_languages(amount: str, dutch: str, in_columns: str, english: str) -> None:
    with translation.override("nl"):
        assert (say_euro(Decimal(amount)), sign_euro(Decimal(amount))) == (dutch, in_columns)
    with translation.override("en"):
        assert say_euro(Decimal(amount)) == sign_euro(Decimal(amount)) == english


def test_whole_amounts_and_rates() -> None:
    with translation.override("nl"):
        assert say_euro(Decimal("0.995")) == f"1,00{SPACE}euro"
        assert say_euro(Decimal("-0.004")) == f"0,00{SPACE}euro"
        assert say_euro(Decimal("1499.50"), 0) == f"1.500{SPACE}euro"
        assert say_euro(250_000, 0) == f"250.000{SPACE}euro"
        assert say_percent(Decimal("21.00")) == f"21{SPACE}%"
    with translation.override("en"):
        assert say_euro(250_000, 0) == "€250,000"
        assert say_percent(Decimal("21.00")) == "21%"


@given(st.integers(-(10**10), 10**10), st.sampled_from(["nl", "en"]))
def test_an_amount_reads_back_and_holds_together(count: int, language: str) -> None:
    with translation.override(language):
        said = say_euro(Decimal(count) / 100)
    assert " " not in said
    digits = int("".join(filter(str.isdigit, said)))
    assert digits == abs(count)
    assert said.startswith("-") == (count < 0)
