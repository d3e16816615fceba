import pytest

from cms.search.vocabulary import Vocabulary, distance

PUBLIC = frozenset({""})


def vocabulary(*words, language="nl", access=""):
    return Vocabulary((None, 0), [("x" + word, access, language) for word in words])


@pytest.mark.parametrize(
    ("one", "other", "steps"),
    [("stad", "stad", 0), ("stad", "satd", 1), ("stad", "sta", 1), ("stad", "staaf", 2), ("", "ab", 2)],
)
def test_swapped_missing_and_other_letters_each_count_one(one, other, steps):
    assert distance(one, other) == distance(other, one) == steps


def test_the_nearest_word_is_not_too_far_and_short_words_are_left_alone():
    known = vocabulary("mobiliteit", "energie", "stad")
    assert known.nearest("mobilitiet", PUBLIC, "nl") == "mobiliteit"
    assert known.nearest("enregie", PUBLIC, "nl") == "energie"
    assert known.nearest("energieloos", PUBLIC, "nl") == ""
    assert known.nearest("sta", PUBLIC, "nl") == ""
    assert known.nearest("2026", PUBLIC, "nl") == ""


def test_of_two_near_words_the_visitors_own_language_wins():
    known = Vocabulary((None, 0), [("xmember", "", "en"), ("xmembar", "", "nl")])
    assert known.nearest("membir", PUBLIC, "en") == "member"
    assert known.nearest("membir", PUBLIC, "nl") == "membar"


def test_a_compound_falls_apart_into_known_words_one_of_them_of_the_field():
    known = vocabulary("stad", "verlichting", "kunst", "matige")
    assert known.split("stadsverlichting", PUBLIC, "nl") == ["stad", "verlichting"]
    assert known.split("kunstmatige", PUBLIC, "nl") == []
    assert known.split("stadsbos", PUBLIC, "nl") == []


def test_what_is_closed_is_neither_completed_nor_suggested():
    known = vocabulary("kernverslag", access="page:7")
    assert known.open_to(frozenset()) == frozenset()
    assert known.starting("kern", PUBLIC) == []
    assert known.nearest("kernverslg", PUBLIC, "nl") == ""
    mine = known.open_to({"page:7"})
    assert known.starting("kern", mine) == ["kernverslag"]
    assert known.nearest("kernverslg", mine, "nl") == "kernverslag"


def test_who_holds_one_of_two_keys_may_not_find():
    known = vocabulary("kernverslag", access="page:7+page:9")
    assert known.open_to({"page:7"}) == frozenset()
    assert known.open_to({"page:7", "page:9"}) == {"page:7+page:9"}
