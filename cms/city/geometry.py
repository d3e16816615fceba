"""Shapes in a two-to-one isometric view, written as short SVG paths.

A plate is `SIDE` by `SIDE` units; x runs to the lower right, y to the lower left, z up in pixels.
"""

from itertools import pairwise
from typing import Final

UNIT: Final = 24
SIDE: Final = 8

Point = tuple[float, float]


def project(x: float, y: float, z: float = 0) -> Point:
    """The place on paper of a point on the plate, from the plate's rear corner."""
    return (x - y) * UNIT, (x + y) * UNIT / 2 - z


def number(value: float) -> str:
    """A coordinate in as few signs as it needs: whole pixels are fine enough."""
    return str(round(value))


def path(kind: str, *points: Point, closed: bool = True) -> str:
    """A path of straight lines through points on paper, each said from the one before: that is shorter."""
    pixels = [(round(x), round(y)) for x, y in points]
    steps = "".join(f"{x - before_x}{y - before_y:+d} " for (before_x, before_y), (x, y) in pairwise(pixels))
    start = f"{pixels[0][0]} {pixels[0][1]}"
    return f'<path class="{kind}" d="M{start}l{steps.rstrip()}{"z" if closed else ""}"/>'


def area(kind: str, *corners: Point, z: float = 0) -> str:
    """A flat shape on the plate."""
    return path(kind, *(project(x, y, z) for x, y in corners))


def line(kind: str, *points: tuple[float, float, float]) -> str:
    """A line through space."""
    return path(kind, *(project(*point) for point in points), closed=False)


def box(x: float, y: float, width: float, depth: float, height: float, z: float = 0) -> str:
    """A block: its left and right faces and its top."""
    rear, right = project(x, y, z + height), project(x + width, y, z + height)
    front, left = project(x + width, y + depth, z + height), project(x, y + depth, z + height)
    feet = [project(x, y + depth, z), project(x + width, y + depth, z), project(x + width, y, z)]
    return (
        path("l", left, front, feet[1], feet[0])
        + path("r", front, right, feet[2], feet[1])
        + path("t", rear, right, front, left)
    )


def pyramid(x: float, y: float, size: float, height: float, z: float = 0) -> str:
    """Two sloping faces that meet in a point."""
    tip = project(x + size / 2, y + size / 2, z + height)
    left, front, right = project(x, y + size, z), project(x + size, y + size, z), project(x + size, y, z)
    return path("l", left, front, tip) + path("r", front, right, tip)


def house(x: float, y: float, width: float, depth: float, height: float, roof: float) -> str:
    """A block with a gable roof along y."""
    ridge_rear = project(x + width / 2, y, height + roof)
    ridge_front = project(x + width / 2, y + depth, height + roof)
    left, front, right = (
        project(x, y + depth, height),
        project(x + width, y + depth, height),
        project(x + width, y, height),
    )
    feet = [project(x, y + depth), project(x + width, y + depth), project(x + width, y)]
    rear = project(x, y, height)
    return (
        path("l", left, ridge_front, front, feet[1], feet[0])
        + path("r", front, right, feet[2], feet[1])
        + path("l", rear, ridge_rear, ridge_front, left)
        + path("t", ridge_rear, right, front, ridge_front)
    )


def dot(kind: str, x: float, y: float, z: float, radius: float) -> str:
    """A round spot at a point in space."""
    across, down = project(x, y, z)
    return f'<circle class="{kind}" cx="{number(across)}" cy="{number(down)}" r="{number(radius)}"/>'


def plate(thickness: float = 7) -> str:
    """The floor of a layer, with the thickness of a sheet of board."""
    rear, right, front, left = project(0, 0), project(SIDE, 0), project(SIDE, SIDE), project(0, SIDE)
    low = [(x, y + thickness) for x, y in (left, front, right)]
    return (
        path("el", left, front, low[1], low[0])
        + path("er", front, right, low[2], low[1])
        + path("p", rear, right, front, left)
    )
