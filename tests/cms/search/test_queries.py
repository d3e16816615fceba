import pytest

from cms.models import SearchEntry
from cms.search.queries import find

EXPECTATIONS = [
    # language, typed, found, said
    ("nl", "bedrijf", "Bedrijven in de regio", ""),
    ("nl", "bedrijven", "Bedrijven in de regio", ""),
    ("nl", "stad", "Steden en gegevens", ""),
    ("nl", "STEDEN", "Steden en gegevens", ""),
    ("nl", "lid", "Onze leden", ""),
    ("nl", "mobiliteit", "Mobiliteit voor iedereen", ""),
    ("nl", "mobilitiet", "Mobiliteit voor iedereen", "mobiliteit"),
    ("nl", "mobili", "Mobiliteit voor iedereen", ""),
    ("nl", "financiele", "Financiële steun", ""),
    ("nl", "financiële steun", "Financiële steun", ""),
    ("nl", "ideeen", "Financiële steun", ""),
    ("nl", "stadsbedrijf", "Bedrijven in de regio", "stad bedrijf"),
    ("nl", "e-mail", "Onze leden", ""),
    ("nl", "fietsstraat", "Mobiliteit voor iedereen", ""),
    ("en", "city", "Cities and data", ""),
    ("en", "cities", "Cities and data", ""),
    ("en", "company", "Companies that build", ""),
    ("en", "buidling", "Companies that build", "building"),
    ("en", "bedrijf", "Bedrijven in de regio", ""),
    ("nl", "citizens", "Cities and data", ""),
]


@pytest.fixture
def corpus(write):
    write("Bedrijven in de regio", "Van start-up tot groot bedrijf, in elke stad.")
    write("Steden en gegevens", "Wat een slimme stad doet met haar gegevens.")
    write("Onze leden", "Stuur ons een e-mail als u lid wilt worden.")
    write("Mobiliteit voor iedereen", "Over bussen, treinen en een fietsstraat.")
    write("Financiële steun", "Efficiënt werken aan ideeën.")
    write("Cities and data", "What citizens may expect.", language="en")
    write("Companies that build", "A new building, funded by members.", language="en")


def titles(query, language="nl", **options):
    found = find(query, language=language, **options).found
    names = SearchEntry.objects.in_bulk()
    return [names[one.entry_id].title for one in found]


@pytest.mark.parametrize(("language", "typed", "found", "said"), EXPECTATIONS)
def test_a_visitor_finds_what_was_meant(corpus, language, typed, found, said):
    assert found in titles(typed, language)
    assert find(typed, language=language).corrected == said


def test_the_word_as_typed_comes_before_its_other_forms(write):
    write("Bedrijven")
    write("Bedrijf")
    assert titles("bedrijf") == ["Bedrijf", "Bedrijven"]
    assert titles("bedrijven") == ["Bedrijven", "Bedrijf"]


def test_title_comes_before_lead_and_lead_before_text(write):
    write("Over ons", "Alles over energie en nog eens energie.")
    write("Werking", lead="Wij werken rond energie.")
    write("Energie")
    assert titles("energie") == ["Energie", "Werking", "Over ons"]


def test_the_visitors_language_comes_first(write):
    write("Data op school", "Data")
    write("Data at school", "Data", language="en")
    assert titles("data") == ["Data op school", "Data at school"]
    assert titles("data", "en") == ["Data at school", "Data op school"]


def test_of_a_page_in_two_languages_the_visitor_sees_one(write, home_en):
    page = write("Mobicon", "Reizigers tellen")
    translation = page.copy_for_translation(home_en.locale)
    translation.title = "Mobicon in English"
    translation.save_revision().publish()
    assert titles("mobicon") == ["Mobicon"]
    assert titles("mobicon", "en") == ["Mobicon in English"]


def test_all_words_count_and_most_of_them_when_no_page_has_all(corpus):
    assert titles("stad gegevens") == ["Steden en gegevens"]
    assert not find("stad gegevens", language="nl").is_partial
    partial = find("stad gegevens leden", language="nl")
    assert partial.is_partial
    assert titles("stad gegevens leden") == ["Steden en gegevens"]


@pytest.mark.parametrize("query", ["", " ", "\x00", "😀", '"><', "xqzwvk", "%%", "''", "\ud800"])
def test_what_stands_nowhere_finds_nothing(corpus, query):
    assert titles(query) == []


def test_terms_are_words_too_and_narrow_the_search(write):
    from cms.models import Term

    mobility = Term.objects.get(slug="smart-mobility")
    page = write("Bussen op afroep", "Over bussen")
    page.terms.add(mobility)
    page.save()
    write("Bussen van vroeger", "Over bussen")
    assert set(titles(mobility.name_nl)) == {"Bussen op afroep"}
    narrowed = SearchEntry.objects.filter(terms=mobility)
    assert titles("bussen", entries=narrowed) == ["Bussen op afroep"]


def test_a_question_costs_four_queries_at_most(corpus, django_assert_max_num_queries):
    with django_assert_max_num_queries(3):
        find("mobilitiet slimme steden", language="nl")
    with django_assert_max_num_queries(2):
        find("mobilitiet slimme steden", language="nl")


def test_words_of_another_language_find_the_version_in_the_visitors(write, home_en):
    dutch = write("Rookmelders", "Een sensor in elk huis.")
    english = dutch.copy_for_translation(home_en.locale, copy_parents=True)
    english.title = "Smoke detectors"
    english.save_revision().publish()
    write("Rookmelders overal", "Nog niet vertaald.")
    assert titles("rookmelders", language="en") == ["Smoke detectors", "Rookmelders overal"]
    assert titles("rookmelders") == ["Rookmelders", "Rookmelders overal"]
