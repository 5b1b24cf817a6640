"""An inline SVG scatter of accuracy over energy; colours come from the page's style sheet."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 720, 420
LEFT, RIGHT, TOP, BOTTOM = 100, 20, 16, 56
SHOWN_BELOW = 0.15


@dataclass(frozen=True, slots=True)
class Mark:
    """One point: energy relative to exact, accuracy in 0..1, style class and hover text."""

    x: float
    y: float
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class _Area:
    """What the picture shows: energies from 0 to ``right``, accuracies from ``low`` to ``high``."""

    right: float
    low: float
    high: float

    def x(self, value: float) -> float:
        """Return where an energy stands."""
        return LEFT + value / self.right * (WIDTH - LEFT - RIGHT)

    def y(self, value: float) -> float:
        """Return where an accuracy stands."""
        return TOP + (self.high - value) / (self.high - self.low) * (HEIGHT - TOP - BOTTOM)


def scatter(marks: Sequence[Mark], line: Sequence[tuple[float, float]], bound: float, x_title: str) -> str:
    """Return the picture as an ``<svg>`` element.

    Args:
        marks: points, later ones on top.
        line: the front, joined by steps.
        bound: accuracy bound, drawn dashed; points more than 15 points below it are counted, not drawn.
        x_title: what the energies are, relative to exact.
    """
    lowest = bound - SHOWN_BELOW
    below = sum(mark.y < lowest for mark in marks)
    marks = [mark for mark in marks if mark.y >= lowest]
    line = [(x, y) for x, y in line if y >= lowest]

    heights = [mark.y for mark in marks] + [bound]
    margin = max(0.005, 0.08 * (max(heights) - min(heights)))
    area = _Area(
        max([mark.x for mark in marks] + [1.0]) * 1.05, min(heights) - margin, min(1.0, max(heights) + margin)
    )
    y_ticks = _ticks(area.low, area.high, 5)
    x_ticks = _ticks(0.0, area.right, 6)
    parts = [
        f'<svg class="scatter" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        'aria-label="Validation accuracy over relative energy">'
    ]
    for value in y_ticks:
        y = area.y(value)
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        label = f"{100 * value:.4g} %"
        parts.append(f'<text class="tick" x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{label}</text>')
    for value in x_ticks:
        x = area.x(value)
        parts.append(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>')
        parts.append(
            f'<text class="tick" x="{x:.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{value:g}</text>'
        )
    limit = area.y(bound)
    parts.append(f'<line class="bound" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{limit:.1f}" y2="{limit:.1f}"/>')
    parts.append(f'<path class="front" d="{_steps(line, area)}"/>')
    for mark in marks:
        radius = {"chosen": 7, "exact": 6}.get(mark.kind, 4)
        parts.append(
            f'<circle class="{escape(mark.kind)}" cx="{area.x(mark.x):.1f}" cy="{area.y(mark.y):.1f}" '
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


def _ticks(low: float, high: float, count: int) -> list[float]:
    """Return round values between two limits, about so many."""
    raw = (high - low) / count
    size = 10 ** math.floor(math.log10(raw))
    step = min((factor * size for factor in (1, 2, 5, 10)), key=lambda s: abs(s - raw))
    first = math.ceil(low / step - 1e-9)
    return [round(i * step, 10) for i in range(first, math.floor(high / step + 1e-9) + 1)]


def _steps(line: Sequence[tuple[float, float]], area: _Area) -> str:
    path = []
    for index, (x, y) in enumerate(sorted(line)):
        if index == 0:
            path.append(f"M{area.x(x):.1f} {area.y(y):.1f}")
        else:
            path.append(f"H{area.x(x):.1f}V{area.y(y):.1f}")
    return "".join(path)
