"""Pareto fronts of a library in any two figures, within each operand width and signedness."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from mulsmith.characterize.figures import Document, figure


@dataclass(frozen=True, slots=True)
class Point:
    """One multiplier with the two figures that are compared.

    Attributes:
        name: the multiplier.
        kind: widths and signedness, e.g. ``8x8 unsigned``.
        x: first figure.
        y: second figure.
    """

    name: str
    kind: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """The multipliers of a library in two figures, both of which are better when smaller.

    Attributes:
        x_name: first figure.
        y_name: second figure.
        points: every multiplier that has both, by kind and then by the figures.
        front: those that no other multiplier of their kind beats in one figure without losing in the other.
        left_out: names of the multipliers that lack a figure.
    """

    x_name: str
    y_name: str
    points: tuple[Point, ...]
    front: tuple[Point, ...]
    left_out: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the front and what it was taken from."""
        return {
            "x": self.x_name,
            "y": self.y_name,
            "front": [asdict(point) for point in self.front],
            "points": len(self.points),
            "left_out": list(self.left_out),
        }


def compare(documents: Sequence[Document], x_name: str, y_name: str) -> Comparison:
    """Return the multipliers in two figures and the front of each kind; ties stay in the front.

    Raises:
        ConfigError: there is no such figure.
    """
    points: list[Point] = []
    left_out: list[str] = []
    for document in documents:
        x, y = figure(document, x_name), figure(document, y_name)
        if x is None or y is None:
            left_out.append(document["name"])
            continue
        sign = "signed" if document["signed"] else "unsigned"
        kind = f"{document['a_bits']}x{document['b_bits']} {sign}"
        points.append(Point(document["name"], kind, x, y))
    points.sort(key=lambda point: (point.kind, point.x, point.y, point.name))
    return Comparison(x_name, y_name, tuple(points), tuple(_front(points)), tuple(left_out))


def _front(points: Sequence[Point]) -> list[Point]:
    """Keep the points of each kind that nothing dominates; ``points`` are sorted by kind, x, y."""
    front: list[Point] = []
    for point in points:
        last = front[-1] if front and front[-1].kind == point.kind else None
        if last is None or point.y < last.y or (point.x, point.y) == (last.x, last.y):
            front.append(point)
    return front
