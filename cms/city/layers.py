"""What stands on each of the five layers. Only the front of a layer shows: the next one covers the rest."""

from collections.abc import Callable, Iterator
from random import Random

from cms.city.geometry import SIDE, area, box, dot, house, line, number, project, pyramid

Draw = Callable[[Random], str]
Build = Callable[[Random, float, float], str]
Cell = tuple[int, int]

COVERED = 4
"""The square from the rear corner that the layer above hides."""


def _front_cells() -> Iterator[Cell]:
    """The cells that show, from the rear to the front, as a painter goes."""
    cells = [(x, y) for x in range(SIDE) for y in range(SIDE) if x > COVERED or y > COVERED]
    yield from sorted(cells, key=lambda cell: (cell[0] + cell[1], cell[0]))


RIVER = ((8, 2.6), (4.6, 4.4), (8, 6.6), (2.9, 8))
"""The middle of the river, as a curve with two handles; it is one unit wide."""


def city(chance: Random) -> str:
    """Layer 0: streets, a river, houses, trees and a belfry."""
    bank = [_pair(project(*point)) for point in ((8, 2.1), (4.6, 3.9), (8, 6.1), (2.4, 8))]
    far = [_pair(project(*point)) for point in ((3.4, 8), (8, 7.2), (5.1, 4.9), (8, 3.1))]
    shapes = [f'<path class="w" d="M{bank[0]}C{" ".join(bank[1:])}L{far[0]}C{" ".join(far[1:])}z"/>']
    wet = _river_cells()
    dry = [cell for cell in _front_cells() if cell not in wet]
    belfry = chance.choice(dry)
    for x, y in dry:
        if (x, y) == belfry:
            shapes.append(box(x + 0.25, y + 0.25, 0.5, 0.5, 50) + pyramid(x + 0.2, y + 0.2, 0.6, 22, 50))
            continue
        kind = chance.random()
        if kind < 0.2:
            shapes.append(_tree(x + 0.5, y + 0.5))
        elif kind < 0.72:
            shapes.append(house(x + 0.15, y + 0.12, 0.7, 0.76, chance.randint(8, 16), chance.randint(8, 12)))
        else:
            shapes.append(box(x + 0.12, y + 0.12, 0.76, 0.76, chance.randint(14, 36)))
    return "".join(shapes)


def _river_cells() -> set[Cell]:
    """The cells that the river runs through."""
    cells = set()
    for step in range(61):
        t = step / 60
        weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3)
        x, y = (sum(w * point[axis] for w, point in zip(weights, RIVER, strict=True)) for axis in (0, 1))
        cells |= {(int(x + dx), int(y + dy)) for dx in (-0.3, 0.4) for dy in (-0.35, 0.35)}
    return cells


def _pair(point: tuple[float, float]) -> str:
    return f"{number(point[0])} {number(point[1])}"


def _tree(x: float, y: float) -> str:
    return line("n", (x, y, 0), (x, y, 8)) + dot("t", x, y, 13, 6)


def advice(chance: Random) -> str:
    """Layer 1: a plan of zones, contour lines and flags where something is to be done."""
    shapes = []
    for x, y, width, depth in [(5, 0.4, 2.5, 2.2), (5, 3, 2.5, 1.7), (0.4, 5, 2.4, 2.5), (3.2, 5, 1.5, 2.5)]:
        shrink = chance.uniform(0, 0.4)
        corners = [(x, y), (x + width - shrink, y), (x + width, y + depth), (x + shrink, y + depth)]
        shapes.append(area(chance.choice(["z", "zz"]), *corners))
    for step in range(3):
        size = 2.6 - step * 0.75
        shapes.append(area("n", *_octagon(6.35, 6.35, size / 2)))
    stops = [(7.4, 0.8), (5.6, 2.8), (6.9, 4.6), (6.3, 6.3), (4.7, 7.2), (2.9, 6), (0.8, 7.3)]
    shapes.append(line("d", *((x, y, 0) for x, y in stops)))
    for x, y in chance.sample(stops, 4):
        shapes.append(_flag(x, y, chance.randint(26, 40)))
    return "".join(shapes)


def _octagon(x: float, y: float, size: float) -> list[tuple[float, float]]:
    cut = size * 0.45
    return [
        (x - cut, y - size), (x + cut, y - size), (x + size, y - cut), (x + size, y + cut),
        (x + cut, y + size), (x - cut, y + size), (x - size, y + cut), (x - size, y - cut),
    ]  # fmt: skip


def _flag(x: float, y: float, height: int) -> str:
    across, down = project(x, y, height)
    foot = project(x, y)
    return (
        f'<path class="n" d="M{_pair(foot)}V{number(down)}"/>'
        f'<path class="t" d="M{number(across)} {number(down)}l16 5-16 6z"/>'
    )


def technology(chance: Random) -> str:
    """Layer 2: a network of cables with masts, lights and sensors on its nodes."""
    right = [(7.3, 0.7), (5.7, 1.5), (7.1, 2.7), (5.8, 3.9), (7.2, 5)]
    left = [(0.7, 7.3), (1.6, 5.8), (2.8, 7.1), (4, 5.8), (5, 7.2)]
    nodes = [*right, (6.3, 6.3), *reversed(left)]
    shapes = [line("n", *((x, y, 0) for x, y in nodes))]
    for first, second in [(0, 2), (2, 4), (6, 8), (8, 10), (3, 5), (4, 6)]:
        shapes.append(line("n", (*nodes[first], 0), (*nodes[second], 0)))
    masts = set(chance.sample(nodes, 4))
    for x, y in sorted(nodes, key=sum):
        if (x, y) in masts:
            shapes.append(_mast(x, y, chance.randint(44, 60)))
        elif chance.random() < 0.5:
            shapes.append(_lamp(x, y))
        else:
            shapes.append(box(x - 0.28, y - 0.28, 0.56, 0.56, 9) + dot("t", x, y, 14, 3))
    return "".join(shapes)


def _mast(x: float, y: float, height: int) -> str:
    across, down = project(x, y, height)
    base = box(x - 0.22, y - 0.22, 0.44, 0.44, 6)
    feet = [project(x - 0.2, y + 0.2, 6), project(x + 0.2, y - 0.2, 6)]
    a, d = number(across), number(down)
    waves = "".join(
        f"M{number(across - size)} {number(down - size)}a{reach} {reach} 0 0 0 0 {size * 2}"
        f"M{number(across + size)} {number(down - size)}a{reach} {reach} 0 0 1 0 {size * 2}"
        for size, reach in [(6, 9), (11, 16)]
    )
    return (
        f'{base}<path class="n" d="M{_pair(feet[0])}L{a} {d}L{_pair(feet[1])}{waves}"/>'
        f'<circle class="t" cx="{a}" cy="{d}" r="3"/>'
    )


def _lamp(x: float, y: float) -> str:
    across, down = project(x, y, 30)
    foot = project(x, y)
    return (
        f'<path class="n" d="M{_pair(foot)}V{number(down)}l11 4"/>'
        f'<circle class="t" cx="{number(across + 13)}" cy="{number(down + 6)}" r="4"/>'
    )


def integrators(chance: Random) -> str:
    """Layer 3: data as bars, and the screens on which they are read."""
    shapes = []
    for x, y in _front_cells():
        if x > COVERED and y < COVERED:
            shapes.append(box(x + 0.2, y + 0.2, 0.6, 0.6, _wave(chance, x, y)))
        elif x > COVERED and y > COVERED:
            shapes.append(box(x + 0.2, y + 0.2, 0.6, 0.6, chance.choice([5, 8, 12, 17])))
    shapes += [_screen(chance, x, 7.3) for x in (0.4, 2.6)]
    return "".join(shapes)


def _wave(chance: Random, x: int, y: int) -> int:
    return 8 + (x - 4) * 5 + chance.randint(0, 22) + (8 if y % 2 else 0)


def _screen(chance: Random, x: float, y: float) -> str:
    """A panel that stands along x, with a curve on it."""
    low, high, width = 12, 54, 1.9
    frame = [project(x, y, high), project(x + width, y, high), project(x + width, y, low), project(x, y, low)]
    shapes = "".join(line("n", (at, y, 0), (at, y, low)) for at in (x + 0.4, x + width - 0.4))
    corners = "L".join(_pair(each) for each in frame)
    steps = [(x + 0.2 + step * 0.3, y, low + 6 + chance.randint(0, 28)) for step in range(6)]
    return f'{shapes}<path class="s" d="M{corners}z"/>{line("c", *steps)}'


def innovation(chance: Random) -> str:
    """Layer 4: new buildings of many shapes with room between them, and one that is only an idea yet."""
    places = [(0.8 + 2.55 * (spot % 3), 0.7 + 2.55 * (spot // 3)) for spot in range(9)]
    shapes: list[Build] = [_tower, _dome, _pavilion, _turbine, _idea, _glasshouse, _tower, _stack]
    chance.shuffle(shapes)
    used = sorted(chance.sample(places, 6), key=sum)
    drawn = [_lot(x, y) for x, y in used]
    for (x, y), shape in zip(used, shapes, strict=False):
        drawn.append(shape(chance, x, y))
    return "".join(drawn)


def _lot(x: float, y: float) -> str:
    near, far = 0.3, 1.6
    return area("n", (x - near, y - near), (x + far, y - near), (x + far, y + far), (x - near, y + far))


def _tower(chance: Random, x: float, y: float) -> str:
    height = chance.randint(34, 62)
    return box(x, y, 1.2, 1.2, height) + box(x + 0.3, y + 0.3, 0.6, 0.6, 10, height)


def _stack(chance: Random, x: float, y: float) -> str:
    return box(x, y, 1.3, 1.3, 14) + box(x, y + 0.3, 0.9, 1, 14, 14) + box(x + 0.3, y + 0.3, 0.9, 0.9, 14, 28)


def _pavilion(chance: Random, x: float, y: float) -> str:
    return box(x, y, 1.3, 1.3, 6) + pyramid(x, y, 1.3, chance.randint(26, 40), 6)


def _glasshouse(chance: Random, x: float, y: float) -> str:
    return house(x, y, 1.3, 1.3, 14, 16) + line("n", (x + 0.65, y + 1.3, 0), (x + 0.65, y + 1.3, 30))


def _dome(chance: Random, x: float, y: float) -> str:
    across, down = project(x + 0.65, y + 0.65)
    return (
        f'<path class="r" d="M{number(across - 28)} {number(down)}a28 30 0 0 1 56 0a28 14 0 0 1-56 0z"/>'
        f'<path class="t" d="M{number(across - 28)} {number(down)}a28 30 0 0 1 28-30a14 34 0 0 0-4 44'
        f'a28 14 0 0 1-24-14z"/>'
    )


def _turbine(chance: Random, x: float, y: float) -> str:
    across, down = project(x + 0.65, y + 0.65, 58)
    foot = project(x + 0.65, y + 0.65)
    a, d = number(across), number(down)
    return (
        f'<path class="n" d="M{_pair(foot)}V{d}"/>'
        f'<path class="t" d="M{a} {d}l-3-26 6 2zM{a} {d}l24 10-6 4zM{a} {d}l-21 16-1-7z"/>'
    )


def _idea(chance: Random, x: float, y: float) -> str:
    """A block in dashes: not built yet."""
    size, height = 1.2, 36
    corners = [(x, y), (x, y + size), (x + size, y + size), (x + size, y)]
    return area("d", *corners, z=height) + "".join(line("d", (*at, 0), (*at, height)) for at in corners[1:])


LAYERS: tuple[Draw, ...] = (city, advice, technology, integrators, innovation)
