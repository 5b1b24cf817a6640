"""Measure synthesis, timing and power against EvoApproxLib's published figures, and bring docs up to date.

    python tools/characterization_report.py EVOAPPROXLIB LIBERTY [--second LIBERTY] [--jobs N]

EVOAPPROXLIB is the folder of the library's Verilog files, LIBERTY the full FreePDK45 ``gscl45nm.lib``. The
generated part of docs/characterization.md and the pictures in docs/figures/ are rewritten.
"""

from __future__ import annotations

import argparse
import re
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import numpy.typing as npt

from mulsmith.characterize.flow import synthesis_report
from mulsmith.characterize.header import Printed, read_printed
from mulsmith.characterize.liberty import Liberty
from mulsmith.characterize.record import SynthesisReport
from mulsmith.characterize.simulate import simulate_lut
from mulsmith.circuits.verilog import read_verilog
from mulsmith.circuits.yosys import yosys_version

DOCS = Path(__file__).resolve().parent.parent / "docs"
PAGE = DOCS / "characterization.md"
PICTURE = DOCS / "figures" / "characterization.svg"
QUANTITIES = {"area_um2": "area, µm²", "power_mw": "power, mW", "delay_ns": "delay, ns"}

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Row:
    """One file: its width and signedness as ``8x4u``, its function, what its header says, what we measure."""

    name: str
    group: str
    function: str
    published: dict[str, Printed]
    measured: SynthesisReport


@cache
def library(path: Path | None) -> Liberty:
    """Return a cell library, read once per process; None stands for the embedded one."""
    return Liberty.embedded() if path is None else Liberty.read(path)


def measure(path: Path, liberty: Path | None) -> Row:
    """Return the figures of one file."""
    netlist = read_verilog(path).with_signed(False)
    printed = read_printed(path.read_text(encoding="utf-8", errors="replace"))
    # The folder states signedness (8x8_signed); it only groups the figures.
    group = f"{netlist.a_bits}x{netlist.b_bits}{path.parent.name.partition('_')[2][:1]}"
    function = f"{group} {simulate_lut(netlist).sha256()}"
    return Row(path.stem, group, function, printed, synthesis_report(netlist, library(liberty)))


def measure_all(folder: Path, liberty: Path | None, jobs: int) -> tuple[list[Row], float]:
    """Return the figures of every file in name order, and the seconds that it took."""
    paths = sorted(folder.glob("*/*.v"), key=lambda path: path.stem)
    if not paths:
        raise SystemExit(f"{folder} holds no */*.v")
    start = time.perf_counter()
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        rows = list(pool.map(partial(measure, liberty=liberty), paths, chunksize=4))
    return rows, time.perf_counter() - start


def distinct(rows: list[Row]) -> list[Row]:
    """Return the first file of every function that has published figures other than 0."""
    first: dict[str, Row] = {}
    for row in rows:
        first.setdefault(row.function, row)
    return [row for row in first.values() if all(row.published[name].value > 0 for name in QUANTITIES)]


def columns(rows: list[Row], quantity: str) -> tuple[Floats, Floats]:
    """Return (published, measured) of one quantity."""
    published = np.array([row.published[quantity].value for row in rows])
    return published, np.array([getattr(row.measured, quantity) for row in rows])


def rank_correlation(a: Floats, b: Floats) -> float:
    """Return Spearman's rank correlation, ties at their mean rank."""
    return float(np.corrcoef(_ranks(a), _ranks(b))[0, 1])


def _ranks(values: Floats) -> Floats:
    _, index, count = np.unique(values, return_inverse=True, return_counts=True)
    ranks: Floats = (np.cumsum(count) - (count - 1) / 2)[index]
    return ranks


def best_factor(published: Floats, measured: Floats) -> tuple[float, float]:
    """Return the factor on ``measured`` of least mean relative deviation, and that deviation."""
    # The sum of |1 - k m / p| is least at one of its corners k = p / m.
    corners = published / measured
    deviations = [float(np.mean(np.abs(1 - k * measured / published))) for k in corners]
    best = int(np.argmin(deviations))
    return float(corners[best]), deviations[best]


def area_lines(rows: list[Row], single: list[Row]) -> list[str]:
    """Return what is to be said of area."""
    published, measured = columns(single, "area_um2")
    above = [
        row.name
        for row in rows
        if row.measured.area_um2 > row.published["area_um2"].value + row.published["area_um2"].half_step
    ]
    ratio = measured / published
    worst = int(np.argmax(ratio))
    return [
        f"- Area, summed over the {len(single)} distinct circuits with a published area: "
        f"**{measured.sum() / published.sum():.4f}** of the published sum; correlation "
        f"{np.corrcoef(published, measured)[0, 1]:.4f}.",
        f"- Files of all {len(rows)} whose area is above their own header's by more than its rounding: "
        f"**{len(above)}**{' (' + ', '.join(above) + ')' if above else ''}. Largest single ratio "
        f"{ratio[worst]:.4f}, `{single[worst].name}`: {measured[worst]:.4f} against the printed "
        f"{published[worst]:g} µm².",
    ]


def power_lines(single: list[Row]) -> list[str]:
    """Return what is to be said of power, pooled and per width."""
    published, measured = columns(single, "power_mw")
    factor, deviation = best_factor(published, measured)
    lines = [
        f"- Power: rank correlation **{rank_correlation(published, measured):.4f}** pooled, correlation "
        f"{np.corrcoef(published, measured)[0, 1]:.4f}; mean deviation **{100 * deviation:.2f} %** after the "
        f"one factor {factor:.3f}, which is never applied to a record.",
        "",
        "| Operands | circuits | rank correlation | mean deviation with the one factor |",
        "|---|--:|--:|--:|",
    ]
    for group in sorted({row.group for row in single}):
        p, m = columns([row for row in single if row.group == group], "power_mw")
        lines.append(
            f"| {group} | {p.size} | {rank_correlation(p, m):.4f} | "
            f"{100 * np.mean(np.abs(1 - factor * m / p)):.2f} % |"
        )
    return [*lines, ""]


def delay_lines(single: list[Row]) -> list[str]:
    """Return what is to be said of delay."""
    published, measured = columns(single, "delay_ns")
    factor, deviation = best_factor(published, measured)
    return [
        f"- Delay: correlation {np.corrcoef(published, measured)[0, 1]:.4f}, mean deviation "
        f"{100 * deviation:.1f} % after one factor {factor:.3f}; without, "
        f"{100 * np.mean(np.abs(1 - measured / published)):.1f} %. The published circuits were mapped by "
        "another tool, for other aims."
    ]


def library_lines(full: list[Row], other: list[Row], title: str) -> list[str]:
    """Return how the figures with another library compare with those of the full one."""
    lines = [
        f"| {title} | ratio of sums | mean deviation | largest | rank correlation |",
        "|---|--:|--:|--:|--:|",
    ]
    for quantity, label in QUANTITIES.items():
        a, b = columns(full, quantity)[1], columns(other, quantity)[1]
        deviation = np.abs(b / a - 1)
        lines.append(
            f"| {label} | {b.sum() / a.sum():.4f} | {100 * deviation.mean():.2f} % | "
            f"{100 * deviation.max():.2f} % | {rank_correlation(a, b):.4f} |"
        )
    return [*lines, ""]


def draw(single: list[Row], path: Path) -> None:
    """Draw measured against published figures."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "mulsmith"
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(1, 3, figsize=(12, 4), layout="constrained")
    groups = sorted({row.group for row in single})
    for axis, (quantity, label) in zip(axes, QUANTITIES.items(), strict=True):
        for number, group in enumerate(groups):
            p, m = columns([row for row in single if row.group == group], quantity)
            axis.loglog(p, m, "o", ms=3, alpha=0.7, color=f"C{number}", label=group)
        low, high = axis.get_xlim()
        axis.plot([low, high], [low, high], color="0.6", lw=0.8, zorder=0)
        axis.set(xlabel=f"published {label}", ylabel=f"measured {label}", xlim=(low, high))
    axes[0].legend(title="operands", fontsize=8)
    path.parent.mkdir(exist_ok=True)
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


def updated(page: str, text: str) -> str:
    """Return the page with the text between its marks replaced."""
    mark = re.compile(r"(<!-- measured -->\n).*?(<!-- end measured -->)", re.DOTALL)
    page, found = mark.subn(lambda match: f"{match[1]}\n{text}\n{match[2]}", page)
    if found != 1:
        raise SystemExit(f"{PAGE} has {found} places for the measured part, but one is needed")
    return page


def main() -> None:
    """Measure, write the page and the picture."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("evoapproxlib", type=Path)
    parser.add_argument("liberty", type=Path)
    parser.add_argument("--second", type=Path, help="another real library to compare with")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    rows, seconds = measure_all(options.evoapproxlib, options.liberty, options.jobs)
    single = distinct(rows)
    functions = len({row.function for row in rows})
    flows = [row.measured.flow.removeprefix("mulsmith ") for row in single]
    lines = [
        f"Measured with `{options.liberty.name}`, pyosys {yosys_version()}, toggle 0.1, 1 GHz: "
        f"{len(rows)} files, "
        f"{functions} functions, {len(single)} of them with published figures other than 0.",
        "",
        *area_lines(rows, single),
        *delay_lines(single),
        *power_lines(single),
        "Recipes that gave the smallest area: "
        + ", ".join(f"{flow} {flows.count(flow)}" for flow in sorted(set(flows)))
        + ".",
        "",
    ]
    for path in [None, *([options.second] if options.second else [])]:
        other = distinct(measure_all(options.evoapproxlib, path, options.jobs)[0])
        title = (
            "embedded against full library"
            if path is None
            else f"`{path.name}` against `{options.liberty.name}`"
        )
        lines += library_lines(single, other, title)
    PAGE.write_text(updated(PAGE.read_text(encoding="utf-8"), "\n".join(lines)), encoding="utf-8")
    draw(single, PICTURE)
    print("\n".join(lines))
    print(f"{len(rows)} files with {options.liberty.name}: {seconds:.1f} s with {options.jobs} processes")


if __name__ == "__main__":
    main()
