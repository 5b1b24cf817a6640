"""Bring the measured figures of docs/power.md up to date.

Usage: python tools/power_report.py path/to/evoapproxlib path/to/gscl45nm.lib

Maps EvoApproxLib's multipliers to the full and to the embedded library and compares the power model with the
figures in their headers, the two libraries with each other, and the activity models with each other. Takes
some minutes.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mulsmith.characterize.activity import Activity, Glitch, Toggle, Uniform
from mulsmith.characterize.calibration import calibrate
from mulsmith.characterize.header import read_header
from mulsmith.characterize.instances import area_um2
from mulsmith.characterize.liberty import Liberty
from mulsmith.characterize.mapped import MappedNetlist
from mulsmith.characterize.power import estimate_power
from mulsmith.characterize.power_table import power_table
from mulsmith.characterize.synthesis import synthesize
from mulsmith.characterize.timing import Timing, analyze
from mulsmith.circuits.verilog import read_verilog

PAGE = Path(__file__).resolve().parent.parent / "docs" / "power.md"
PROBABILITIES = (0.02, 0.05, 0.1, 0.2, 0.3, 0.5)
GLITCH_PAIRS = 4096

Floats = npt.NDArray[np.float64]


class Circuit(NamedTuple):
    """A circuit of EvoApproxLib: its folder (width and signedness), published power, mapping and timing."""

    folder: str
    published_mw: float
    mapped: MappedNetlist
    timing: Timing


def circuits(folder: Path, liberty: Liberty) -> list[Circuit]:
    """Return all circuits, mapped to a library."""
    result = []
    for path in sorted(folder.glob("*/*.v")):
        if path.stem.endswith("_pdk45"):
            continue
        published = read_header(path.read_text(encoding="utf-8", errors="replace"))["power_mw"]
        mapped = synthesize(read_verilog(path), liberty)
        result.append(Circuit(path.parent.name, published, mapped, analyze(mapped, liberty)))
    return result


def powers(chosen: Sequence[Circuit], liberty: Liberty, activity: Activity) -> list[float]:
    """Return the whole power of circuits in mW."""
    return [estimate_power(circuit.mapped, liberty, circuit.timing, activity).total_mw for circuit in chosen]


def calibration_tables(every: Sequence[Circuit], liberty: Liberty) -> str:
    """Return the agreement with the published power: by toggle probability, then by width at 0.1."""
    published = [circuit.published_mw for circuit in every]
    folders = [circuit.folder for circuit in every]
    lines = [
        "| toggle probability | factor | mean deviation % | correlation "
        "| rank correlation | least within a width |",
        "|--:|--:|--:|--:|--:|--:|",
    ]
    for probability in PROBABILITIES:
        result = calibrate(powers(every, liberty, Toggle(probability)), published, folders)
        least = min(result.rank_correlation_within.values())
        lines.append(
            f"| {probability:g} | {result.factor:.3f} | {100 * result.mean_deviation:.2f} "
            f"| {result.correlation:.4f} | {result.rank_correlation:.4f} | {least:.4f} |"
        )
    modelled = powers(every, liberty, Toggle(0.1))
    pooled = calibrate(modelled, published, folders)
    lines += [
        "",
        f"{len(every)} circuits; {pooled.left_out} of them without power (bare wires) count in the ranks "
        "only. At 0.1, by width, with the one factor of all circuits and with the best one of each width:",
        "",
        "| folder | circuits | rank correlation | mean deviation % | own factor | mean deviation % with it |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for folder in sorted(set(folders)):
        x, y = (
            np.array([value for value, name in zip(values, folders, strict=True) if name == folder])
            for values in (modelled, published)
        )
        own = calibrate(x, y, [folder] * len(x))
        both = (x > 0) & (y > 0)
        common = np.abs(1 - pooled.factor * x[both] / y[both]).mean()
        lines.append(
            f"| {folder} | {len(x)} | {own.rank_correlation:.4f} | {100 * common:.2f} "
            f"| {own.factor:.3f} | {100 * own.mean_deviation:.2f} |"
        )
    return "\n".join(lines)


def embedded_table(every: Sequence[Circuit], full: Liberty, others: Sequence[Circuit], small: Liberty) -> str:
    """Return how far the figures with the embedded library lie from those with the full one."""
    lines = ["| figure | sum | mean deviation % | 95th percentile % | largest % |", "|---|--:|--:|--:|--:|"]
    figures: dict[str, Callable[[Circuit, Liberty], float]] = {
        "area": lambda circuit, liberty: area_um2(circuit.mapped, liberty),
        "delay": lambda circuit, _: circuit.timing.delay_ns,
        "power": lambda circuit, liberty: powers([circuit], liberty, Toggle(0.1))[0],
    }
    for name, figure in figures.items():
        x = np.array([figure(circuit, full) for circuit in every])
        y = np.array([figure(circuit, small) for circuit in others])
        deviation = 100 * np.abs(y[x > 0] / x[x > 0] - 1)
        lines.append(
            f"| {name} | x {y.sum() / x.sum():.5f} | {deviation.mean():.3f} "
            f"| {np.percentile(deviation, 95):.3f} | {deviation.max():.2f} |"
        )
    return "\n".join(lines)


def _half_normal(scale: float, zeros: float) -> Floats:
    codes = np.arange(256)
    weights = np.where(codes > 0, np.exp(-0.5 * (codes / scale) ** 2), 0.0)
    weights *= (1 - zeros) / weights.sum()
    weights[0] = zeros
    return weights


def _normal(mean: float, scale: float) -> Floats:
    weights: Floats = np.exp(-0.5 * ((np.arange(256) - mean) / scale) ** 2)
    return weights


def data_table(chosen: Sequence[Circuit], liberty: Liberty) -> str:
    """Return power under operand histograms over that under uniform ones, which change in every cycle."""
    flat = np.ones(256)
    relu = _half_normal(40, 0.5)
    cases = {
        "uniform x uniform": (flat, flat),
        "ReLU (half zeros, scale 40) x uniform": (relu, flat),
        "ReLU x N(128, 25), weights with a zero point": (relu, _normal(128, 25)),
        "ReLU x half-normal weights (scale 25)": (relu, _half_normal(25, 0.02)),
    }
    tables = [power_table(circuit.mapped, liberty, circuit.timing) for circuit in chosen]
    uniform = np.array([table.power(flat, flat).total_mw for table in tables])
    lines = [
        "| activations x weights | both change: mean (range) | weight stationary: mean (range) |",
        "|---|--:|--:|",
    ]
    for name, (a, b) in cases.items():
        cells = []
        for stationary in (None, "b"):
            ratio = np.array([table.power(a, b, stationary).total_mw for table in tables]) / uniform
            cells.append(f"{ratio.mean():.2f} ({ratio.min():.2f} .. {ratio.max():.2f})")
        lines.append(f"| {name} | {cells[0]} | {cells[1]} |")
    return "\n".join(lines)


def glitch_table(chosen: Sequence[Circuit], liberty: Liberty) -> str:
    """Return power with glitches over power without."""
    lines = ["| operands | mean | least | most |", "|---|--:|--:|--:|"]
    for base in (Toggle(0.1), Uniform()):
        still = np.array(powers(chosen, liberty, base))
        ratio = np.array(powers(chosen, liberty, Glitch(base, pairs=GLITCH_PAIRS))) / still
        lines.append(f"| {base.describe()} | {ratio.mean():.2f} | {ratio.min():.2f} | {ratio.max():.2f} |")
    return "\n".join(lines)


def updated(page: str, parts: dict[str, str]) -> str:
    """Return the page with the text between its ``<!-- name -->`` marks replaced."""
    for name, text in parts.items():
        mark = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end {name} -->)", re.DOTALL)
        page, found = mark.subn(lambda match, text=text: f"{match[1]}\n{text}\n\n{match[2]}", page)
        if found != 1:
            raise SystemExit(f"{PAGE} has {found} places for '{name}', but one is needed")
    return page


def main() -> None:
    """Measure and rewrite the page."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("evoapproxlib", type=Path)
    parser.add_argument("liberty", type=Path)
    arguments = parser.parse_args()
    full, small = Liberty.read(arguments.liberty), Liberty.embedded()
    every, others = (circuits(arguments.evoapproxlib, liberty) for liberty in (full, small))
    eight = [circuit for circuit in every if circuit.folder == "8x8_unsigned" and circuit.mapped.cells]
    parts = {
        "calibration": calibration_tables(every, full),
        "embedded": embedded_table(every, full, others, small),
        "data": data_table(eight, full),
        "glitches": glitch_table(eight, full),
    }
    PAGE.write_text(updated(PAGE.read_text(encoding="utf-8"), parts), encoding="utf-8")
    print(f"{PAGE} is up to date")


if __name__ == "__main__":
    main()
