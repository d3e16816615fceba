"""The drawing of the city: deterministic, well-formed, lit where asked, without inline style."""

import xml.etree.ElementTree as ElementTree

import pytest

from cms.city import draw_city
from cms.city.signs import SIGNS, draw_layer_sign, draw_sign

SVG = "{http://www.w3.org/2000/svg}"


def test_the_same_seed_gives_the_same_city_and_another_one_another() -> None:
    drawn = draw_city({0, 3}, ["smart-mobility"], "verlichting")
    assert draw_city({3, 0}, ["smart-mobility"], "verlichting") == drawn
    assert draw_city({0, 3}, ["smart-mobility"], "kiosk") != drawn


@pytest.mark.parametrize("layers", [set(), {0}, {1, 4}, {0, 1, 2, 3, 4}])
def test_only_the_active_layers_are_lit(layers: set[int]) -> None:
    root = ElementTree.fromstring(draw_city(layers, [], "seed", is_alone=True))
    plates = root.findall(f"{SVG}g[@transform]")
    assert len(plates) == 5
    assert {number for number, plate in enumerate(plates) if plate.get("class") == "lit"} == layers


def test_lighting_a_layer_moves_nothing_on_the_others() -> None:
    def content(layers: set[int], number: int) -> list[str | None]:
        root = ElementTree.fromstring(draw_city(layers, [], "seed", is_alone=True))
        return [each.get("d") for each in root.findall(f"{SVG}g[@transform]")[number].iter(f"{SVG}path")]

    assert content({0}, 2) == content({0, 2, 4}, 2)


def test_domains_stand_beside_it_once_each_and_unknown_things_are_left_out() -> None:
    drawn = draw_city({2, 7, -1}, ["smart-living", "smart-living", "no-such-domain"], "seed")
    assert drawn.count('class="pin"') == 1
    assert drawn.count('class="lit"') == 1
    every = draw_city({2}, list(SIGNS), "seed")
    assert every.count('class="pin"') == len(SIGNS) == 6


def test_a_page_may_hold_it_under_a_strict_policy_and_a_list_many() -> None:
    for size in (False, True):
        drawn = draw_city({0, 1, 2, 3, 4}, list(SIGNS), "seed", is_small=size)
        assert "style" not in drawn
        assert 'aria-hidden="true"' in drawn
    assert len(draw_city({0, 2}, ["smart-living"], "seed", is_small=True)) < 10_000
    assert len(draw_city({0, 1, 2, 3, 4}, list(SIGNS), "seed")) < 20_000


def test_a_sign_is_drawn_for_what_is_known() -> None:
    assert "<path" in draw_sign("smart-economy")
    assert draw_sign('"><script>') == ""
    assert draw_layer_sign(3).count("plate-lit") == 1
