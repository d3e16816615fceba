"""Draws the five-layer city as an SVG."""

from collections.abc import Sequence


def draw_city(layers: set[int], domains: Sequence[str], seed: str) -> str:
    """The five layers of the reference model on each other, the active ones lit."""
    plates = "".join(
        f'<path class="{"city-lit" if layer in layers else "city-line"}"'
        f' d="M100 {140 - layer * 26}l80 26-80 26-80-26z"/>'
        for layer in range(5)
    )
    return f'<svg class="city" viewBox="0 0 200 200" aria-hidden="true">{plates}</svg>'
