"""Inline SVG bars of where an accelerator's energy goes; colours come from the page's style sheet."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from mulsmith.report.table import energy

WIDTH, BAR, GAP, LEFT, RIGHT = 720, 34, 14, 112, 8
COLOURS = 8
SMALL = 0.01


def stacked_bars(rows: Mapping[str, Mapping[str, float]]) -> str:
    """Return one stacked bar for each row, all on one scale, with a legend.

    Args:
        rows: name -> component -> pJ. Components below 1 % in every row are drawn as one, ``other``.
    """
    grouped = _grouped(rows)
    order = list(next(iter(grouped.values())))
    scale = (WIDTH - LEFT - RIGHT) / max(sum(row.values()) for row in grouped.values())
    height = len(grouped) * (BAR + GAP)
    parts = [f'<svg class="bars" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="Energy by component">']
    for line, (name, row) in enumerate(grouped.items()):
        y = line * (BAR + GAP)
        middle = y + BAR / 2 + 5
        parts.append(f'<text x="{LEFT - 10}" y="{middle:.0f}" text-anchor="end">{escape(name)}</text>')
        x, total = float(LEFT), sum(row.values())
        for component in order:
            width = row[component] * scale
            text = f"{name}: {component} {energy(row[component])}, {100 * row[component] / total:.1f} %"
            parts.append(
                f'<rect class="c{order.index(component) % COLOURS}" x="{x:.2f}" y="{y}" width="{width:.2f}" '
                f'height="{BAR}"><title>{escape(text)}</title></rect>'
            )
            x += width
    parts.append("</svg>")
    legend = "".join(
        f"<li><i class='c{place % COLOURS}'></i>{escape(component)}</li>"
        for place, component in enumerate(order)
    )
    return "\n".join(parts) + f"<ul class='legend'>{legend}</ul>"


def _grouped(rows: Mapping[str, Mapping[str, float]]) -> dict[str, dict[str, float]]:
    """Return the rows with the same components in falling order, small ones together."""
    shares: dict[str, float] = {}
    for row in rows.values():
        total = sum(row.values()) or 1.0
        for component, value in row.items():
            shares[component] = max(shares.get(component, 0.0), value / total)
    large = [name for name in sorted(shares, key=lambda name: (-shares[name], name)) if shares[name] >= SMALL]
    large = large[: COLOURS - 1]
    grouped = {}
    for name, row in rows.items():
        kept = {component: row.get(component, 0.0) for component in large}
        other = sum(value for component, value in row.items() if component not in kept)
        grouped[name] = {**kept, "other": other} if len(large) < len(shares) else kept
    return grouped
