"""A network as an SVG picture: boxes in rows by depth, arrows for inputs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_WIDTH, _HEIGHT = 150, 46


@dataclass(frozen=True, slots=True)
class Box:
    """A part of the network.

    Attributes:
        label: first line.
        note: second line.
        inputs: places of the boxes before it that it reads.
    """

    label: str
    note: str
    inputs: tuple[int, ...] = ()


def size_note(shape: Sequence[int]) -> str:
    """Return a shape as a note: ``16x8x8``."""
    return "x".join(str(size) for size in shape)


def graph_svg(boxes: Sequence[Box]) -> str:
    """Return the picture; every box stands below its inputs."""
    depth: list[int] = []
    for box in boxes:
        depth.append(1 + max((depth[i] for i in box.inputs), default=-1))
    rows: dict[int, int] = {}
    places: list[tuple[int, int]] = []
    for level in depth:
        places.append((20 + rows.get(level, 0) * (_WIDTH + 30), 20 + level * (_HEIGHT + 34)))
        rows[level] = rows.get(level, 0) + 1
    drawn = []
    for box, (x, y) in zip(boxes, places, strict=True):
        for a, b in (places[i] for i in box.inputs):
            drawn.append(
                f'<path d="M{a + _WIDTH / 2} {b + _HEIGHT}L{x + _WIDTH / 2} {y}" marker-end="url(#tip)"/>'
            )
    for box, (x, y) in zip(boxes, places, strict=True):
        drawn.append(
            f'<rect x="{x}" y="{y}" width="{_WIDTH}" height="{_HEIGHT}" rx="5"/>'
            f'<text x="{x + 75}" y="{y + 20}">{escape(box.label)}</text>'
            f'<text class="note" x="{x + 75}" y="{y + 36}">{escape(box.note)}</text>'
        )
    wide = 40 + max(rows.values()) * (_WIDTH + 30)
    high = 40 + (max(depth) + 1) * (_HEIGHT + 34)
    style = (
        "rect{fill:#e8eef4;stroke:#567}text{font:12px sans-serif;text-anchor:middle}"
        ".note{fill:#678;font-size:10px}path{stroke:#567;fill:none}#tip path{fill:#567}"
    )
    tip = '<defs><marker id="tip" markerWidth="8" markerHeight="8" refX="7" refY="4" orient="auto">'
    tip += '<path d="M0 0L8 4L0 8z"/></marker></defs>'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}"><style>{style}</style>{tip}'
    return "\n".join([head, *drawn, "</svg>\n"])
