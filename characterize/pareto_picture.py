"""Pictures of a comparison: an SVG, PDF or PNG file, or a few lines of text for a terminal."""

from __future__ import annotations

import io
from pathlib import Path

from mulsmith.characterize.pareto import Comparison, Point
from mulsmith.errors import ConfigError
from mulsmith.storage import atomic_write

FORMATS = ("svg", "png", "pdf")
_TITLES = {"um2": "µm²", "percent": "%", "mw": "mW", "ns": "ns", "pj": "pJ"}


def write_picture(comparison: Comparison, path: Path) -> None:
    """Draw every multiplier and the front of each kind into a file; its ending says which format.

    Raises:
        ConfigError: another ending than .svg, .png or .pdf.
        StoreError: the file cannot be written.
    """
    kind = path.suffix.lower().removeprefix(".")
    if kind not in FORMATS:
        raise ConfigError(f"'{path}' is no picture name", remedy="let it end in .svg, .png or .pdf")
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with mpl.rc_context({"svg.hashsalt": "mulsmith", "svg.fonttype": "none"}):
        figure = Figure(figsize=(7.0, 5.0), layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.add_subplot()
        for number, (name, points, front) in enumerate(_by_kind(comparison)):
            colour = f"C{number % 10}"
            axes.scatter([p.x for p in points], [p.y for p in points], s=14, color=colour, alpha=0.45, lw=0)
            xs, ys = [p.x for p in front], [p.y for p in front]
            axes.plot(xs, ys, "o-", color=colour, markersize=4, lw=1, drawstyle="steps-post", label=name)
        axes.set_xlabel(_title(comparison.x_name))
        axes.set_ylabel(_title(comparison.y_name))
        axes.grid(alpha=0.3)
        if comparison.points:
            axes.legend(title="Pareto front of", fontsize="small")
        buffer = io.BytesIO()
        metadata = {"png": {}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}[kind]
        figure.savefig(buffer, format=kind, dpi=150, metadata=metadata)
    atomic_write(path, buffer.getvalue())


def draw_text(comparison: Comparison, columns: int = 64, rows: int = 16) -> str:
    """Return the comparison as lines of text: ``.`` a multiplier, ``o`` one of a front."""
    points = comparison.points
    if not points:
        return ""
    left, right = min(p.x for p in points), max(p.x for p in points)
    low, high = min(p.y for p in points), max(p.y for p in points)
    canvas = [[" "] * columns for _ in range(rows)]
    for mark, drawn in ((".", points), ("o", comparison.front)):
        for point in drawn:
            column = round((point.x - left) / ((right - left) or 1.0) * (columns - 1))
            row = round((point.y - low) / ((high - low) or 1.0) * (rows - 1))
            canvas[rows - 1 - row][column] = mark
    lines = [f"{comparison.y_name} {low:.4g} .. {high:.4g}"]
    lines += ["|" + "".join(line).rstrip() for line in canvas]
    lines += ["+" + "-" * columns, f"{comparison.x_name} {left:.4g} .. {right:.4g}"]
    return "\n".join(lines)


def _by_kind(comparison: Comparison) -> list[tuple[str, list[Point], list[Point]]]:
    kinds = dict.fromkeys(point.kind for point in comparison.points)
    return [
        (
            kind,
            [point for point in comparison.points if point.kind == kind],
            [point for point in comparison.front if point.kind == kind],
        )
        for kind in kinds
    ]


def _title(name: str) -> str:
    stem, _, unit = name.removeprefix("reported.").rpartition("_")
    text = f"{stem.replace('_', ' ')} [{_TITLES[unit]}]" if unit in _TITLES else name
    return f"{text}, as reported by the file" if name.startswith("reported.") else text
