"""The signs of the domains and layers: shapes on a 16 by 16 field, for marks and for the drawing."""

from typing import Final

SIGNS: Final[dict[str, str]] = {
    # two arrows past each other
    "smart-mobility": "M1 3.5h8.5V1L15 5l-5.5 4V6.5H1zM15 12.5H6.5V15L1 11l5.5-4v2.5H15z",
    # a leaf with its stalk
    "smart-environment": "M14.5 1.5C6 1.5 2 4.5 2 9c0 1.4.5 2.6 1.3 3.5L1.5 14.5l1 1 2-2"
    "C5.4 14 6.4 14.3 7.5 14.3c4.8 0 7-4.8 7-12.8zM11 5 5 11.5l-.8-.9z",
    # a house
    "smart-living": "M8 1 1 7.2V15h5v-4.5h4V15h5V7.2z",
    # two people
    "smart-people": "M5.5 1.5a3 3 0 1 1 0 6 3 3 0 0 1 0-6zM0 15V13a5 4.3 0 0 1 11 0v2z"
    "M11 2.5a2.5 2.5 0 1 1-.3 5c1-1.7.9-3.5.3-5zM12.6 15v-2.5c0-1.2-.4-2.4-1.1-3.3"
    "C14 9.2 16 10.8 16 13v2z",
    # a town hall with columns
    "smart-government": "M8 .8 15 4.5V6.2H1V4.5zM2.2 7.2h2.2v5H2.2zM6.9 7.2h2.2v5H6.9z"
    "M11.6 7.2h2.2v5h-2.2zM1 13.2h14V15.2H1z",
    # rising bars
    "smart-economy": "M1 10h3.5v5H1zM6.2 6h3.5v9H6.2zM11.5 1.2H15V15h-3.5z",
}

KIND_SIGNS: Final[dict[str, str]] = {
    # a label with its hole
    "theme": "M1 1.5h7L15 8.5 9 15 1 7.6zM4.6 3.6a1.4 1.4 0 1 0 0 2.8 1.4 1.4 0 0 0 0-2.8z",
    # one person
    "audience": "M8 1.2a3.3 3.3 0 1 1 0 6.6 3.3 3.3 0 0 1 0-6.6zM2 15v-1.6a6 4.8 0 0 1 12 0V15z",
}
"""For terms that have no sign of their own."""


def draw_sign(slug: str) -> str:
    """The sign of a domain as a small SVG, hidden from screen readers; nothing for an unknown domain."""
    path = SIGNS.get(slug)
    if path is None:
        return ""
    return f'<svg class="sign sign-{slug}" viewBox="0 0 16 16" aria-hidden="true"><path d="{path}"/></svg>'


def draw_layer_sign(number: int) -> str:
    """Five plates seen from the side, the one of the layer lit."""
    plates = "".join(
        f'<path class="{"plate-lit" if layer == number else "plate"}" d="M1 {14 - layer * 3}h14"/>'
        for layer in range(5)
    )
    return f'<svg class="sign sign-layer" viewBox="0 0 16 16" aria-hidden="true">{plates}</svg>'


def draw_kind_sign(kind: str) -> str:
    """The sign that all terms of a kind share; nothing for a kind whose terms have their own."""
    path = KIND_SIGNS.get(kind)
    if path is None:
        return ""
    return (
        f'<svg class="sign sign-{kind}" viewBox="0 0 16 16" aria-hidden="true">'
        f'<path fill-rule="evenodd" d="{path}"/></svg>'
    )
