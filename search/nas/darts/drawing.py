"""A genotype as an SVG picture: both cells, an arrow for every kept edge."""

from __future__ import annotations

from html import escape

from mulsmith.search.nas.darts.genotype import INPUTS, Genotype

STEP, HEIGHT = 190, 300
_STYLE = (
    "text{font:11px sans-serif;fill:#333;text-anchor:middle}rect{fill:#eef3f8;stroke:#7890a8}"
    "path{fill:none;stroke:#c8501e}"
)


def genotype_svg(genotype: Genotype) -> str:
    """Return the picture as an SVG document; every edge says its operation and multiplier."""
    parts = []
    for row, (title, cell) in enumerate((("normal", genotype.normal), ("reduction", genotype.reduction))):
        base = row * HEIGHT + HEIGHT // 2
        parts.append(f'<text x="60" y="{row * HEIGHT + 20}">{title} cell</text>')
        names = ["input 0", "input 1", *(f"node {number}" for number in range(len(cell)))]
        places = [(60 + STEP * place, base + 50 * (place % 2)) for place in range(len(names))]
        for (x, y), name in zip(places, names, strict=True):
            parts.append(f'<rect x="{x - 32}" y="{y - 12}" width="64" height="24" rx="4"/>')
            parts.append(f'<text x="{x}" y="{y + 4}">{name}</text>')
        for node, edges in enumerate(cell):
            for index, edge in enumerate(edges):
                (x0, y0), (x1, y1) = places[edge.source], places[node + INPUTS]
                lift = -110 if index == 0 else 110
                middle = (x0 + x1) / 2, (y0 + y1) / 2 + lift
                parts.append(f'<path d="M{x0} {y0}Q{middle[0]} {middle[1]} {x1} {y1}"/>')
                label = edge.operation + (f", {edge.multiplier}" if "conv" in edge.operation else "")
                parts.append(
                    f'<text x="{middle[0]}" y="{(y0 + y1) / 2 + lift / 2 + 14 * node - 20}">'
                    f"{escape(label)}</text>"
                )
    width = 120 + STEP * (len(genotype.normal) + INPUTS - 1)
    start = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {2 * HEIGHT}">'
    return "\n".join([f"{start}<style>{_STYLE}</style>", *parts, "</svg>\n"])
