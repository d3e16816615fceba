"""The filters of lists: what is known counts, the rest is ignored."""

import pytest
from django.db import connection
from django.http import QueryDict
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from cms.listing import TEXT_LENGTH, FilterField, ListFilters
from cms.models import Term

PERIOD = FilterField("period", "Period", [("coming", "coming"), ("past", "past")], is_single=True)
KIND = FilterField("kind", "Kind", [("talk", "Talk"), ("walk", "Walk & wine")])


def make(query: str, **options) -> ListFilters:
    return ListFilters(QueryDict(query), **{"extra": [PERIOD, KIND], "text": "q", **options})


def test_a_list_with_nothing_at_all_is_told_from_one_that_filters_emptied(db: None) -> None:
    everything, nothing = Term.objects.all(), Term.objects.none()
    assert make("").paginate(nothing, 10, whole=nothing).is_bare
    assert make("kind=walk").paginate(nothing, 10, whole=nothing).is_bare
    assert not make("kind=walk").paginate(nothing, 10, whole=everything).is_bare
    assert not make("kind=walk").paginate(everything, 10, whole=everything).is_bare


def test_known_values_count_and_others_are_ignored() -> None:
    filters = make("kind=walk&kind=fly&period=past&period=coming&colour=red&kind=")
    assert filters.selected("kind") == ["walk"]
    assert filters.selected("period") == ["coming"]  # one can be chosen: the last
    assert filters.selected("colour") == []
    assert filters.url() == "?period=coming&kind=walk"


def test_a_chip_leads_to_the_list_without_it_and_to_the_first_page() -> None:
    filters = make("q=brug&kind=walk&kind=talk&page=3")
    assert [(str(chip.label), chip.url) for chip in filters.chips] == [
        ("“brug”", "?kind=talk&kind=walk"),
        ("Talk", "?q=brug&kind=walk"),
        ("Walk & wine", "?q=brug&kind=talk"),
    ]
    assert filters.is_active
    assert not make("page=2").is_active
    assert make("").url() == "."


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("", 1),
        ("2", 2),
        ("3", 3),
        ("99", 3),
        ("0", 1),
        ("-1", 1),
        ("x", 1),
        ("²", 1),
        ("9" * 400, 1),
        ("1.5", 1),
    ],
)
def test_the_page_number_is_clamped(asked: str, shown: int) -> None:
    listing = make(f"page={asked}").paginate(list(range(25)), 10)
    assert listing.number == shown
    assert len(listing) == (5 if shown == 3 else 10)
    assert listing.count == 25


def test_pages_keep_the_query() -> None:
    listing = make("kind=walk&page=2&junk=1").paginate(list(range(25)), 10)
    assert [(page.number, page.url, page.is_current) for page in listing.pages] == [
        (1, "?kind=walk", False),
        (2, "?kind=walk&page=2", True),
        (3, "?kind=walk&page=3", False),
    ]
    assert (listing.previous_url, listing.next_url) == ("?kind=walk", "?kind=walk&page=3")
    alone = make("").paginate([1], 10)
    assert (alone.pages, alone.previous_url, alone.next_url) == ([], "", "")


def test_many_pages_are_shown_with_gaps() -> None:
    numbers = [page.number for page in make("page=10").paginate(list(range(200)), 10).pages]
    assert numbers == [1, 0, 9, 10, 11, 0, 20]


def test_how_many_is_said_in_the_language() -> None:
    with override("en"):
        assert [make("").paginate(list(range(n))).count_sentence for n in (0, 1, 2)] == [
            "Nothing found",
            "1 result",
            "2 results",
        ]


def test_text_is_cleaned_and_cut() -> None:
    assert make("q=%00 a%0Ab %E2%80%AE c ").text == "a b c"
    assert make("q=" + "é" * 10_000).text == "é" * TEXT_LENGTH
    assert make("q=stad", text="").text == ""


@given(st.dictionaries(st.sampled_from(["q", "kind", "period", "page", "x"]), st.text(max_size=40)))
def test_no_query_whatever_breaks_a_list(query: dict[str, str]) -> None:
    data = QueryDict(mutable=True)
    data.update(query)
    filters = ListFilters(data, extra=[PERIOD, KIND], text="q")
    listing = filters.paginate(list(range(30)), 10)
    assert [*filters.chips, *listing.pages, listing.count_sentence]
    again = ListFilters(
        QueryDict(filters.url(page=listing.number).lstrip("?.")), extra=[PERIOD, KIND], text="q"
    )
    assert again.url() == filters.url()


@pytest.mark.django_db
def test_terms_of_all_kinds_cost_one_query(django_assert_num_queries) -> None:
    filters = make("domain=smart-mobility&domain=nowhere&layer=layer-2", kinds=["domain", "layer", "sdg"])
    with django_assert_num_queries(1):
        assert [term.slug for term in filters.terms()] == ["smart-mobility", "layer-2"]
        assert [group.name for group in filters.groups] == ["period", "kind", "domain", "layer", "sdg"]
        assert [term.slug for term in filters.terms("layer")] == ["layer-2"]


@pytest.mark.django_db(transaction=True)
def test_an_unused_filter_is_kept_until_a_term_has_another_name(kept_pages: None) -> None:
    def shown(query: str = "", language: str = "nl") -> str:
        filters = make(query, kinds=["domain"])
        with override(language):
            return render_to_string("components/filters.html", {"filters": filters})

    term = Term.objects.create(kind="domain", slug="smart-test", name_nl="Lichtmast", name_en="Lamp post")
    assert "Lichtmast" in shown()
    with CaptureQueriesContext(connection) as queries:
        assert "Lichtmast" in shown()
    assert len(queries) == 0
    assert "Lamp post" in shown(language="en")
    assert 'value="smart-test" checked' in shown("domain=smart-test")
    assert 'value="smart-test" checked' not in shown()
    term.name_nl = "Straatlamp"
    term.save()
    assert "Straatlamp" in shown()


@pytest.mark.django_db
def test_terms_narrow_by_any_of_a_kind_and_by_every_kind(home) -> None:
    from home.models import ContentPage

    terms = {term.slug: term for term in Term.objects.all()}
    for slug, tags in {
        "a": ["smart-mobility", "smart-living", "layer-1"],
        "b": ["smart-living", "layer-2"],
        "c": ["layer-1"],
    }.items():
        page = home.add_child(instance=ContentPage(title=slug, slug=slug, locale=home.locale))
        page.terms.set([terms[tag] for tag in tags])
        page.save()

    def found(query: str) -> list[str]:
        pages = ContentPage.objects.order_by("slug")
        return [page.slug for page in make(query, kinds=["domain", "layer"]).filter_terms(pages)]

    assert found("") == ["a", "b", "c"]
    assert found("domain=smart-mobility&domain=smart-living") == ["a", "b"]
    assert found("domain=smart-living&layer=layer-1") == ["a"]
    assert found("domain=smart-economy") == []
    assert found("domain=unheard-of") == ["a", "b", "c"]
