"""Evolved sets of multipliers beside a reference library: the tables and pictures of docs/circuits.md.

    python benchmarks/evolved_sets.py FILES REFERENCE RUN... [--pictures FOLDER]

FILES is the folder of EvoApproxLib, whose headers name the Pareto list of each circuit, REFERENCE
what ``mulsmith characterize`` made of it, each RUN a folder of ``mulsmith circuits evolve-set`` with the same
cells. Runs of the same interface are taken together, and each seed for itself. Of the circuits that are
beaten come the least, the median and the largest ratio of area, power and delay, own over library's.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

from mulsmith.characterize.dominance import Contest, contest
from mulsmith.characterize.figures import select
from mulsmith.characterize.library import Library
from mulsmith.search.store import Store, stored_configuration
from mulsmith.search.trial import Evaluation

_LIST = re.compile(r"pareto optimal circuits with respect to the pwr and (\w+)", re.IGNORECASE)
LISTS = ("mae", "wce", "ep", "mre", "mse")
FIGURES = ("area_um2", "power_mw", "delay_ns")
PANELS = (("mae", "mean absolute error"), ("wce", "worst-case error"))

Document = dict[str, Any]


def documents(folder: Path, like: Document) -> list[tuple[int | None, Document]]:
    """Return (seed, record) of every circuit of a run; start circuits belong to no seed."""
    configuration = stored_configuration(folder)
    shape = configuration["multiplier"]
    with Store(folder, configuration) as store:
        return [
            (seed_of(evaluation), document(evaluation, shape, like))
            for evaluation in store
            if not evaluation.failed
        ]


def seed_of(evaluation: Evaluation) -> int | None:
    """Return the seed of an evolved circuit; None for a start circuit."""
    return evaluation.trial.seed if evaluation.trial.candidate.origin == "evolution" else None


def document(evaluation: Evaluation, shape: Document, like: Document) -> Document:
    """Return an evaluation as a record, synthesised as the record ``like``."""
    flow = {name: like["synthesis"][name] for name in ("liberty", "activity", "clock_ghz")}
    metrics = evaluation.metrics
    return {
        "name": f"{evaluation.trial.candidate.id}-{evaluation.trial.seed}",
        "source": "",
        **{name: shape[name] for name in ("a_bits", "b_bits", "signed")},
        "errors": {name: metrics[name] for name in ("mae", "wce")},
        "synthesis": {**flow, **{name: metrics[name] for name in FIGURES}},
    }


def list_of(path: Path) -> str:
    """Return the Pareto list that a circuit's header names."""
    found = _LIST.search(path.read_text(encoding="utf-8", errors="replace"))
    return found[1].lower() if found else "none"


def fraction(found: Contest, names: set[str] | None = None) -> str:
    """Return how many of the named reference circuits are beaten."""
    matches = [match for match in found.matches if names is None or match.name in names]
    beaten = sum(match.beaten_by is not None for match in matches)
    return f"{beaten} of {len(matches)}" if matches else "-"


def rows(
    files: Path, reference: Sequence[Document], circuits: Sequence[tuple[int | None, Document]]
) -> tuple[str, str, str]:
    """Return a row of each table about one interface: circuits beaten, hypervolumes, what is not beaten."""
    seeds = sorted({seed for seed, _ in circuits if seed is not None})
    together = contest([record for _, record in circuits], reference)[0]
    alone = [contest([r for s, r in circuits if s in (None, seed)], reference)[0] for seed in seeds]
    lists = {name: {r["name"] for r in reference if list_of(files / r["source"]) == name} for name in LISTS}
    share = 100 * together.beaten / len(together.matches)
    ratios = {
        name: [ratio for match in together.matches if (ratio := getattr(match, f"{name}_ratio")) is not None]
        for name in ("area", "power", "delay")
    }
    beaten = [
        together.kind,
        f"{fraction(together)} ({share:.0f} %)",
        " / ".join(str(found.beaten) for found in alone),
        *(fraction(together, names) for names in lists.values()),
        *(f"{min(found):.2f} / {median(found):.2f} / {max(found):.2f}" for found in ratios.values()),
    ]
    volumes = [
        together.kind,
        *(f"{100 * (volume.own / volume.reference - 1):+.1f} %" for volume in together.volumes),
    ]
    missing = [match.name for match in together.matches if not match.beaten_by]
    return _row(beaten), _row(volumes), f"{together.kind}: {', '.join(missing) or 'none'}"


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def front(records: Sequence[Document], error: str) -> list[tuple[float, float]]:
    """Return the front of power in uW over an error, from the accurate end."""
    points = sorted((r["errors"][error], 1000 * r["synthesis"]["power_mw"]) for r in records)
    kept: list[tuple[float, float]] = []
    for x, y in points:
        if not kept or y < kept[-1][1]:
            kept.append((x, y))
    return kept


def draw(path: Path, title: str, reference: Sequence[Document], own: Sequence[Document]) -> None:
    """Write both fronts over MAE and WCE as an SVG picture."""
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with mpl.rc_context({"svg.hashsalt": "mulsmith", "svg.fonttype": "none", "font.size": 9}):
        figure = Figure(figsize=(8.0, 3.4), layout="constrained")
        FigureCanvasAgg(figure)
        for axes, (error, label) in zip(figure.subplots(1, 2), PANELS, strict=True):
            for name, records, style in (("EvoApproxLib", reference, "s-"), ("evolved here", own, "o-")):
                xs, ys = zip(*front(records, error), strict=True)
                axes.plot(xs, ys, style, markersize=3, lw=0.9, drawstyle="steps-post", label=name)
            axes.set_xscale("symlog", linthresh=1)
            axes.set_xlim(left=0)
            axes.set_xlabel(f"{label} (0 and from 1 on logarithmic)")
            axes.set_ylabel("power in µW at activity 0.1")
            axes.grid(alpha=0.3)
            axes.legend(title=title, fontsize="small")
        figure.savefig(path, format="svg", metadata={"Date": None})


def main() -> None:
    """Print the table and write the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", type=Path)
    parser.add_argument("reference", type=Path)
    parser.add_argument("runs", nargs="+", type=Path)
    parser.add_argument("--pictures", type=Path)
    options = parser.parse_args()
    with Library.open(options.reference) as library:
        known = library.documents()
    by_kind: dict[tuple[int, bool], list[tuple[int | None, Document]]] = {}
    for run in options.runs:
        for seed, record in documents(run, known[0]):
            by_kind.setdefault((record["b_bits"], record["signed"]), []).append((seed, record))
    tables = []
    for (b_bits, signed), circuits in sorted(by_kind.items(), key=lambda item: (-item[0][0], item[0][1])):
        reference = select(known, widths=(f"8x{b_bits}",), signed=signed)
        tables.append(rows(options.files, reference, circuits))
        if options.pictures is not None:
            sign = "signed" if signed else "unsigned"
            name = f"evolved-8x{b_bits}{sign[0]}.svg"
            own = [record for _, record in circuits]
            draw(options.pictures / name, f"8x{b_bits} {sign}", reference, own)
    for title, table in zip(("beaten", "hypervolume", "not beaten"), zip(*tables, strict=True), strict=True):
        print(f"{title}:", *table, sep="\n")


if __name__ == "__main__":
    main()
