"""A search run as an SVG picture: every evaluation, and the front so far."""

from __future__ import annotations

from collections.abc import Sequence

WIDTH, HEIGHT, MARGIN = 640, 400, 56
_STYLE = (
    "text{font:12px sans-serif;fill:#333}.axis{stroke:#888;fill:none}.point{fill:#9db4c8}"
    ".front{fill:#c8501e}.step{stroke:#c8501e;fill:none;stroke-width:1.5}"
)


def front_svg(
    points: Sequence[tuple[float, float]],
    front: Sequence[tuple[float, float]],
    title: str,
    energy: str,
) -> str:
    """Return the picture as an SVG document.

    Args:
        points: (energy, accuracy 0..1) of every evaluation.
        front: the non-dominated ones.
        title: plain text without markup.
        energy: what the horizontal axis shows, likewise.
    """
    shown = [*points, *front] or [(1.0, 1.0)]
    right = max(x for x, _ in shown) * 1.03 or 1.0
    low, high = min(y for _, y in shown), max(y for _, y in shown)
    height = max(high - low, 0.01)

    def place(point: tuple[float, float]) -> tuple[float, float]:
        x = MARGIN + point[0] / right * (WIDTH - 2 * MARGIN)
        return x, HEIGHT - MARGIN - (point[1] - low) / height * (HEIGHT - 2 * MARGIN)

    dots = [
        f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="{radius}"/>'
        for kind, radius, some in (("point", 2.5, points), ("front", 4, front))
        for x, y in map(place, some)
    ]
    steps = ""
    for number, (x, y) in enumerate(map(place, sorted(front))):
        steps += f"M{x:.1f} {y:.1f}" if number == 0 else f"H{x:.1f}V{y:.1f}"
    bottom, last = HEIGHT - MARGIN, WIDTH - MARGIN
    texts = [
        (WIDTH / 2, 24, "middle", title),
        (WIDTH / 2, HEIGHT - 14, "middle", energy),
        (MARGIN, bottom + 18, "middle", "0"),
        (last, bottom + 18, "middle", f"{right:.2f}"),
        (MARGIN - 6, bottom, "end", f"{100 * low:.1f} %"),
        (MARGIN - 6, MARGIN, "end", f"{100 * (low + height):.1f} %"),
    ]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"><style>{_STYLE}</style>',
            f'<path class="axis" d="M{MARGIN} {MARGIN}V{bottom}H{last}"/>',
            *dots,
            f'<path class="step" d="{steps}"/>',
            *(f'<text x="{x:.0f}" y="{y}" text-anchor="{how}">{text}</text>' for x, y, how, text in texts),
            "</svg>\n",
        ]
    )
