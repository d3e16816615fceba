"""Composes the layered city of a page: five plates, the active ones lit, the domains as signs beside them."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from random import Random
from typing import Final

from cms.city.geometry import SIDE, UNIT, number, plate
from cms.city.layers import LAYERS
from cms.city.signs import SIGNS

GAP: Final = 84
"""Pixels between one layer and the next."""
WIDTH: Final = 520
HEIGHT: Final = 610
TOP: Final = 74
CENTRE: Final = WIDTH // 2
HALF: Final = SIDE * UNIT

COLOURS: Final = {
    "smart-mobility": "#1d5bb8",
    "smart-environment": "#2c7430",
    "smart-living": "#8a5a00",
    "smart-people": "#7438a3",
    "smart-government": "#0d6a73",
    "smart-economy": "#a32363",
}
"""As in static/css/tokens.css, by day: a drawing that stands alone has no style sheet to read."""

STYLE: Final = (
    "path,circle{stroke-linejoin:round;stroke-linecap:round;stroke-width:1.2;stroke:#6b7780;fill:#f5f5f0}"
    ".n,.d,.c{fill:none}.d{stroke-dasharray:4 4}.w,.zz{fill:#e9eae3}.el,.er{fill:#e9eae3}"
    ".lit path,.lit circle{stroke:#14202b;fill:#ff7d50}.lit .p{fill:#f9e3d8}.lit .l,.lit .el{fill:#dc4414}"
    ".lit .r,.lit .er{fill:#a92c08}.lit .w,.lit .s{fill:#fdfdfa}.lit .z{fill:#ff7d50}.lit .zz{fill:#f7b79f}"
    ".lit .n,.lit .d,.lit .c,path.up{fill:none}.lit .c{stroke:#c5330a;stroke-width:2.5}"
    "path.up{stroke:#c5330a;stroke-width:1.5;stroke-dasharray:2 5}"
    ".pin circle{fill:#fdfdfa;stroke:#14202b}.pin path{stroke:none}.pin .n{stroke:#14202b;fill:none}"
    + "".join(f".sign-{slug}{{fill:{colour}}}" for slug, colour in COLOURS.items())
)


@lru_cache(maxsize=512)
def _draw(layers: frozenset[int], domains: tuple[str, ...], seed: str, is_small: bool, is_alone: bool) -> str:
    parts = []
    for layer, draw in enumerate(LAYERS):
        is_lit = layer in layers
        # One source of chance a layer, so that lighting another one moves nothing.
        content = draw(Random(f"{seed}/{layer}")) if is_lit or not is_small else ""  # noqa: S311 - no secret
        lit = ' class="lit"' if is_lit else ""
        top = TOP + (len(LAYERS) - 1 - layer) * GAP
        parts.append(f'<g{lit} transform="translate({CENTRE} {top})">{plate()}{content}</g>')
    if not is_small:
        parts.append(_links(layers))
        parts.append(_pins(layers, domains))
    attributes = f'xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" ' if is_alone else ""
    kind = "city city-small" if is_small else "city"
    left, width = (CENTRE - HALF - 8, 2 * HALF + 16) if is_small else (0, WIDTH)
    style = f"<style>{STYLE}</style>" if is_alone else ""
    return (
        f'<svg {attributes}class="{kind}" viewBox="{left} 0 {width} {HEIGHT}" aria-hidden="true">'
        f"{style}{''.join(parts)}</svg>"
    )


def draw_city(
    layers: Iterable[int],
    domains: Sequence[str],
    seed: str,
    *,
    is_small: bool = False,
    is_alone: bool = False,
) -> str:
    """The five layers of the reference model on each other as an SVG.

    The `layers` are lit, the `domains` (slugs) stand beside them as signs; the same `seed` always gives
    the same city. Small ones, for lists, leave out what would not show. One that stands alone carries
    its colours; in a page they come from the style sheet. It is an ornament: hidden from screen readers.
    """
    lit = frozenset(layer for layer in layers if 0 <= layer < len(LAYERS))
    known = tuple(dict.fromkeys(slug for slug in domains if slug in SIGNS))
    return _draw(lit, known, seed, is_small, is_alone)


def _corner_height(layer: int) -> int:
    """How high on paper the left and right corners of a layer are."""
    return TOP + (len(LAYERS) - 1 - layer) * GAP + HALF // 2


def _links(layers: frozenset[int]) -> str:
    """Dotted lines between lit layers, at the corners."""
    if len(layers) < 2:
        return ""
    low, high = _corner_height(min(layers)), _corner_height(max(layers))
    return "".join(
        f'<path class="up" d="M{across} {low}V{high}"/>' for across in (CENTRE - HALF, CENTRE + HALF)
    )


def _pins(layers: frozenset[int], domains: tuple[str, ...]) -> str:
    """The domains' signs, on lines from the corners of the lit layers, or of all when none is lit."""
    anchors = sorted(layers, reverse=True) or list(reversed(range(len(LAYERS))))
    others = [layer for layer in reversed(range(len(LAYERS))) if layer not in anchors]
    places = [(layer, side) for layer in [*anchors, *others] for side in (1, -1)]
    pins = []
    for slug, (layer, side) in zip(domains, places, strict=False):
        height = _corner_height(layer)
        across = CENTRE + side * (HALF + 40)
        pins.append(
            f'<g class="pin"><path class="n" d="M{CENTRE + side * HALF} {height}h{side * 20}"/>'
            f'<circle cx="{across}" cy="{height}" r="21"/>'
            f'<path class="sign-{slug}" transform="translate({number(across - 11)} {height - 11}) scale(1.4)"'
            f' d="{SIGNS[slug]}"/></g>'
        )
    return "".join(pins)
