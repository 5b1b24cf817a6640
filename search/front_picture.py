"""A search run as an SVG picture: every evaluation, and the front so far."""

from __future__ import annotations

import math
from collections.abc import Sequence

WIDTH, HEIGHT, LEFT, MARGIN = 680, 430, 72, 56
DEPTH = 0.3
"""Accuracies further below the best one are counted instead of drawn: they would squeeze the front."""
_STYLE = (
    "text{font:12px sans-serif;fill:#333}.axis{stroke:#888;fill:none}.grid{stroke:#e4e4e4}"
    ".point{fill:#9db4c8}.front{fill:#c8501e}.step{stroke:#c8501e;fill:none;stroke-width:1.5}"
    ".exact{fill:none;stroke:#222;stroke-width:1.5}"
)
Place = tuple[float, float]


def front_svg(
    points: Sequence[Place],
    front: Sequence[Place],
    title: str,
    energy: str,
    exact: Place | None = None,
) -> str:
    """Return the picture as an SVG document.

    Args:
        points: (energy, accuracy 0..1) of every evaluation.
        front: the non-dominated ones.
        title: plain text without markup.
        energy: what the horizontal axis shows, likewise.
        exact: the exact network, where it was evaluated.
    """
    every = [*points, *front, *([exact] if exact else [])] or [(1.0, 1.0)]
    best = max(y for _, y in every)
    shown = [place for place in points if place[1] >= best - DEPTH]
    drawn = [place for place in every if place[1] >= best - DEPTH]
    across = _ticks(0.0, max(x for x, _ in drawn) or 1.0)
    up = _ticks(100 * min(y for _, y in drawn), 100 * best)
    frame = _Frame(across[-1], up[0], up[-1])
    hidden = len(points) - len(shown)
    below = f"; {hidden} more than {100 * DEPTH:.0f} points below the best are not drawn" if hidden else ""
    marks = [
        *(frame.dot(place, "point", 2.5) for place in shown),
        _steps(frame, [place for place in front if place[1] >= best - DEPTH]),
        *(frame.dot(place, "front", 4) for place in front if place[1] >= best - DEPTH),
    ]
    legend = [("front", 4, "front"), ("point", 2.5, "evaluation")]
    if exact is not None:
        marks.append(frame.dot(exact, "exact", 6))
        legend.append(("exact", 6, "exact network"))
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"><style>{_STYLE}</style>',
            *frame.axes(across, up),
            *marks,
            *_legend(legend),
            _text((WIDTH + LEFT - MARGIN) / 2, 20, title + below),
            _text((WIDTH + LEFT - MARGIN) / 2, HEIGHT - 12, energy),
            f'<text transform="translate(16 {HEIGHT / 2:.0f}) rotate(-90)" text-anchor="middle">accuracy on '
            "validation, %</text>",
            "</svg>\n",
        ]
    )


class _Frame:
    """From energies and accuracies to places in the picture."""

    def __init__(self, right: float, low: float, high: float) -> None:
        self._right, self._low, self._height = right, low, high - low

    def x(self, energy: float) -> float:
        return LEFT + energy / self._right * (WIDTH - LEFT - MARGIN)

    def y(self, percent: float) -> float:
        return HEIGHT - MARGIN - (percent - self._low) / self._height * (HEIGHT - 2 * MARGIN)

    def dot(self, place: Place, kind: str, radius: float) -> str:
        x, y = self.x(place[0]), self.y(100 * place[1])
        return f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="{radius}"/>'

    def axes(self, across: Sequence[float], up: Sequence[float]) -> list[str]:
        bottom, top, last = HEIGHT - MARGIN, MARGIN, WIDTH - MARGIN
        lines = [f'<path class="grid" d="M{self.x(t):.1f} {bottom}V{top}"/>' for t in across[1:]]
        lines += [f'<path class="grid" d="M{LEFT} {self.y(t):.1f}H{last}"/>' for t in up[1:]]
        lines.append(f'<path class="axis" d="M{LEFT} {top}V{bottom}H{last}"/>')
        lines += [_text(self.x(t), bottom + 18, f"{t:g}") for t in across]
        lines += [_text(LEFT - 6, self.y(t) + 4, f"{t:g}", "end") for t in up]
        return lines


def _ticks(low: float, high: float) -> list[float]:
    """Return four to nine round numbers that enclose a range."""
    span = max(high - low, 1e-6 * max(abs(high), 1.0))
    rough = span / 6
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [round(number * step, 12) for number in range(first, max(last, first + 1) + 1)]


def _steps(frame: _Frame, front: Sequence[Place]) -> str:
    path = ""
    for number, (energy, accuracy) in enumerate(sorted(front)):
        x, y = frame.x(energy), frame.y(100 * accuracy)
        path += f"M{x:.1f} {y:.1f}" if number == 0 else f"H{x:.1f}V{y:.1f}"
    return f'<path class="step" d="{path}"/>'


def _legend(entries: Sequence[tuple[str, float, str]]) -> list[str]:
    lines = []
    for number, (kind, radius, text) in enumerate(entries):
        x, y = WIDTH - MARGIN - 300 + 110 * number, 40
        # A class of its own: what is drawn in the picture can be counted by class.
        lines.append(f'<g class="legend"><circle class="{kind} key" cx="{x}" cy="{y}" r="{radius}"/></g>')
        lines.append(_text(x + 10, y + 4, text, "start"))
    return lines


def _text(x: float, y: float, text: str, anchor: str = "middle") -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}">{text}</text>'
