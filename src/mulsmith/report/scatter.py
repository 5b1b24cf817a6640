"""An inline SVG scatter of accuracy over energy; colours come from the page's style sheet."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 720, 420
LEFT, RIGHT, TOP, BOTTOM = 64, 20, 16, 52


@dataclass(frozen=True, slots=True)
class Mark:
    """One point: energy relative to exact, accuracy in 0..1, style class and hover text."""

    x: float
    y: float
    kind: str
    text: str


def scatter(marks: Sequence[Mark], line: Sequence[tuple[float, float]], bound: float, x_title: str) -> str:
    """Return the picture as an ``<svg>`` element.

    Args:
        marks: points, later ones on top.
        line: the front, joined by steps.
        bound: accuracy bound, drawn dashed; the picture reaches from 15 points below it up to 100 %, and
            points further down are counted, not drawn.
        x_title: what the energies are, relative to exact.
    """
    floor = max(0.0, math.floor(20 * (bound - 0.15)) / 20)
    below = sum(mark.y < floor for mark in marks)
    marks = [mark for mark in marks if mark.y >= floor]
    line = [(x, y) for x, y in line if y >= floor]

    top = max([mark.x for mark in marks] + [1.0]) * 1.05
    y_ticks = _ticks(floor, 1.0, 5)
    x_ticks = _ticks(0.0, top, 6)
    parts = [
        f'<svg class="scatter" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        'aria-label="Validation accuracy over relative energy">'
    ]
    for value in y_ticks:
        y = _y(value, floor)
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        label = f"{100 * value:.0f} %"
        parts.append(f'<text class="tick" x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{label}</text>')
    for value in x_ticks:
        x = _x(value, top)
        parts.append(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>')
        parts.append(
            f'<text class="tick" x="{x:.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{value:g}</text>'
        )
    limit = _y(bound, floor)
    parts.append(f'<line class="bound" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{limit:.1f}" y2="{limit:.1f}"/>')
    parts.append(f'<path class="front" d="{_steps(line, top, floor)}"/>')
    for mark in marks:
        radius = {"chosen": 7, "exact": 6}.get(mark.kind, 4)
        parts.append(
            f'<circle class="{escape(mark.kind)}" cx="{_x(mark.x, top):.1f}" cy="{_y(mark.y, floor):.1f}" '
            f'r="{radius}"><title>{escape(mark.text)}</title></circle>'
        )
    if below:
        parts.append(
            f'<text class="tick" x="{WIDTH - RIGHT - 8}" y="{HEIGHT - BOTTOM - 10}" text-anchor="end">'
            f"{below} points lie below this picture</text>"
        )
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(
        f'<text class="axis" x="{middle:.0f}" y="{HEIGHT - 10}" text-anchor="middle">{escape(x_title)}</text>'
    )
    parts.append(
        f'<text class="axis" transform="translate(16 {(TOP + HEIGHT - BOTTOM) / 2:.0f}) rotate(-90)" '
        'text-anchor="middle">validation accuracy</text></svg>'
    )
    return "\n".join(parts)


def _x(value: float, top: float) -> float:
    return LEFT + value / top * (WIDTH - LEFT - RIGHT)


def _y(value: float, floor: float) -> float:
    return TOP + (1 - value) / (1 - floor) * (HEIGHT - TOP - BOTTOM)


def _ticks(low: float, high: float, count: int) -> list[float]:
    raw = (high - low) / count
    size = 10 ** math.floor(math.log10(raw))
    step = min((factor * size for factor in (1, 2, 5, 10)), key=lambda s: abs(s - raw))
    return [round(low + i * step, 10) for i in range(int((high - low) / step + 1e-9) + 1)]


def _steps(line: Sequence[tuple[float, float]], top: float, floor: float) -> str:
    path = []
    for index, (x, y) in enumerate(sorted(line)):
        if index == 0:
            path.append(f"M{_x(x, top):.1f} {_y(y, floor):.1f}")
        else:
            path.append(f"H{_x(x, top):.1f}V{_y(y, floor):.1f}")
    return "".join(path)
