import pytest
from hypothesis import given
from hypothesis import strategies as st

from cms.search import analyser

SAME = {
    "nl": """
        bedrijf bedrijven / stad steden stedelijke / lid leden / bestuurslid bestuursleden / dag dagen
        weg wegen / fiets fietsen / haven havens
        slim slimme slimste / duurzaam duurzame duurzaamheid / kind kinderen
        mogelijkheid mogelijkheden / overheid overheden / museum musea / idee ideeën / auto auto's autos
        technologie technologieën / gemeente gemeenten gemeentes / prijs prijzen / huis huizen / laag lagen
        inschrijven ingeschreven inschrijvingen / binnenstad binnensteden / één een / café cafés / gids gidsen
        project projecten / oproep oproepen / straat straten / crisis crises crisissen
    """,
    "en": """
        city cities / company companies / person people / build built buildings / analysis analyses
        organisation organizations / programme programs / pay paid / criterion criteria / member members
    """,
}
GROUPS = [
    (language, group.split())
    for language, text in SAME.items()
    for line in text.strip().splitlines()
    for group in line.split(" / ")
]


@pytest.mark.parametrize(("language", "words"), GROUPS)
def test_forms_of_a_word_have_one_stem(language, words):
    assert len({analyser.stem(analyser.fold(word), language) for word in words}) == 1


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [("nl", "stad", "staf"), ("nl", "lid", "lied"), ("nl", "wet", "water"), ("en", "city", "citizen")],
)
def test_other_words_keep_another_stem(language, one, other):
    assert analyser.stem(one, language) != analyser.stem(other, language)


def test_a_compound_is_found_by_its_field_word_and_a_short_word_is_not_cut():
    assert analyser.stem_token("mobiliteit", "nl") in analyser.tokens("mobiliteitsplan", "nl")
    assert analyser.stem_token("stad", "nl") in analyser.tokens("binnenstad", "nl")
    assert analyser.part_tokens("statief", "nl") == frozenset()


def test_common_words_count_only_when_nothing_else_is_typed():
    assert [word.folded for word in analyser.analyse("de stad van morgen")] == ["stad", "morgen"]
    assert [word.folded for word in analyser.analyse("de van")] == ["de", "van"]


def test_accents_case_and_apostrophes_do_not_matter():
    assert analyser.fold("Ćafé’s") == "cafes"
    assert analyser.fold("Efficiëntie") == analyser.fold("EFFICIE\u0308NTIE") == "efficientie"


def test_words_carry_their_place():
    text = "Een «Stad»  aan zee"
    assert [text[word.start : word.end] for word in analyser.tokenise(text)] == ["Een", "Stad", "aan", "zee"]


@given(st.text(alphabet=st.characters()) | st.text(alphabet="'’ \x00\u0308\u202eaé漢ß😀-\ud800"))
def test_no_text_breaks_the_analysis(text):
    words = analyser.analyse(text)
    assert len(words) <= analyser.MAX_QUERY_WORDS
    for word in words:
        for language in analyser.STEM_MARKS:
            found = analyser.tokens(word.folded, language)
            assert all(token.isascii() and token.isalnum() and len(token) < 400 for token in found)
    cleaned = analyser.clean(text)
    assert "\x00" not in cleaned
    assert cleaned == analyser.clean(cleaned)
    cleaned.encode()


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=30))
def test_a_stem_is_never_empty(word):
    assert all(analyser.stem(word, language) for language in analyser.STEM_MARKS)
