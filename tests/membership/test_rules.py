import pytest
from hypothesis import given
from hypothesis import strategies as st

from membership.rules import LONGEST_KEY, name_key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Lumina Sensoren NV", "lumina sensoren"),
        ("Lumina Sensoren N.V.", "NV Lumina Sensoren"),
        ("Café Zuid bv", "cafe  zuid"),
        ("Water & Weg", "Water en Weg"),
        ("Stad-Noord vzw", "stad noord, vzw"),
        ("NV", "nv"),
        ("🚲", " 🚲 "),
    ],
)
def test_spellings_of_one_name_have_one_key(one: str, other: str) -> None:
    assert name_key(one) == name_key(other) != ""


@pytest.mark.parametrize(
    ("one", "other"), [("Stad Noord", "Stad Zuid"), ("Studio V", "Studio"), ("BV", "NV")]
)
def test_different_names_have_different_keys(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)


@given(st.text(max_size=400))
def test_every_name_has_a_key_that_fits(name: str) -> None:
    assert len(name_key(name)) <= LONGEST_KEY
