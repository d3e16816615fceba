"""Numbers of businesses, here and elsewhere: what is taken, as what it is kept, and what is said."""

import pytest
from django.core.exceptions import ValidationError
from django.utils.translation import override

from billing.numbers import countries, country_name, enterprise_number_in, vat_number_in


@pytest.mark.parametrize(
    ("country", "typed", "kept"),
    [
        ("BE", "BE 0999.101.384", "0999101384"),
        ("BE", " 0999 101 384 ", "0999101384"),
        ("BE", "", ""),
        ("BE", " \t", ""),
        ("FR", "552 008 443", "552008443"),
        ("SE", "123456-7897", "1234567897"),
        ("DE", "Aachen HRA 11223", "AACHENHRA11223"),
        ("AT", "FN 122119M", "122119m"),
        ("CH", "CHE-107.787.577", "CHE107787577"),
        ("NO", "988 077 917", "988077917"),
        ("NL", " 1234 56.78 ", "12345678"),
        ("US", "12-3456789", "123456789"),
    ],
)
def test_a_number_of_any_country_is_kept(country: str, typed: str, kept: str) -> None:
    assert enterprise_number_in(country, typed) == kept


@pytest.mark.parametrize(
    ("country", "typed", "said"),
    [
        ("BE", "0999.101.385", "tikfout"),
        ("BE", "2999.101.384", "begint met 0 of 1"),
        ("BE", "552 008 443", "geen geldig ondernemingsnummer"),
        ("FR", "0999.101.384", r"geldig ondernemingsnummer \(Frankrijk\)"),
        ("FR", "552 008 444", r"geldig ondernemingsnummer \(Frankrijk\)"),
        ("NL", "geen", "3 tot 30 tekens"),
        ("NL", "1" * 31, "3 tot 30 tekens"),
        ("NL", "12<script>", "3 tot 30 tekens"),
        ("US", "٣٤٥", "3 tot 30 tekens"),
    ],
)
def test_what_is_no_number_there_is_refused_in_words(country: str, typed: str, said: str) -> None:
    with override("nl"), pytest.raises(ValidationError, match=said):
        enterprise_number_in(country, typed)


@pytest.mark.parametrize(
    ("country", "typed", "kept"),
    [
        ("BE", "0999.101.384", "BE0999101384"),
        ("BE", "NL 4495445B01", "NL004495445B01"),
        ("NL", "NL 4495445B01", "NL004495445B01"),
        ("NL", "BE 0999.101.384", "BE0999101384"),
        ("GR", "EL 094259216", "EL094259216"),
        ("GB", "GB 980 7806 84", "GB980780684"),
        ("GB", "980 7806 84", "GB980780684"),
        ("CH", "CHE-107.787.577 MWST", "CHE107787577MWST"),
        ("US", "12-3456789", "US123456789"),
        ("US", "", ""),
    ],
)
def test_a_vat_number_is_kept_with_its_country(country: str, typed: str, kept: str) -> None:
    assert vat_number_in(country, typed) == kept


@pytest.mark.parametrize(
    ("country", "typed", "said"),
    [
        ("BE", "0999.101.385", "Europese Unie"),
        ("NL", "0999.101.384", "Europese Unie"),
        ("NL", "GB 980 7806 84", "Europese Unie"),
        ("GB", "GB 980 7806 85", r"btw-nummer \(Verenigd Koninkrijk\)"),
        ("US", "?", "3 tot 30 tekens"),
        ("US", "1" * 20, "hoogstens 20 tekens"),
    ],
)
def test_what_is_no_vat_number_is_refused_in_words(country: str, typed: str, said: str) -> None:
    with override("nl"), pytest.raises(ValidationError, match=said):
        vat_number_in(country, typed)


def test_countries_have_their_name_in_the_readers_language_with_belgium_first() -> None:
    with override("nl"):
        dutch = countries()
        assert country_name("DE") == "Duitsland"
    with override("en"):
        english = countries()
    assert (dutch[0], english[0]) == (("BE", "België"), ("BE", "Belgium"))
    assert ("NL", "Nederland") in dutch
    assert ("NL", "Netherlands") in english
    names = [name for _code, name in dutch[1:]]
    assert names.index("Åland") < names.index("Duitsland") < names.index("Zweden")
    assert country_name("ZZZ") == "ZZZ"
