"""SMAC against the enumeration of topologies, kernel by kernel; resumable, one line per group and a table.

    python benchmarks/programs.py --run DIR --seeds 0 1 2

Both train with the same plan and seed; the validation split chooses, the test split is only reported. Both
give the network of least energy at one level of accuracy: 90 % of the calls within the bound or, where one of
them has no such network, the best accuracy that both reach. SMAC's second group knows the networks of the
first, and both choose from all that it trained for the kernel. The ratios are energy and time of the array
alone, of the enumeration's network over SMAC's, so that the processor drops out; beside them stand the ratios
with the queue, and the band of the energy ratio over three tables. Rows are appended to DIR/rows.jsonl, and
the table is over all that it holds.
"""

import argparse
import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from mulsmith.search.program.evaluator import ProgramEvaluator, accuracy_metric
from mulsmith.search.program.kernel_run import TABLES
from mulsmith.search.program.kernels import KERNELS, kernel_named
from mulsmith.search.program.mlp import Topology
from mulsmith.search.program.npu import npu_cost
from mulsmith.search.program.run import (
    REQUIRED,
    ProgramSearch,
    evaluate_bounds,
    evaluate_program,
    least_energy,
)
from mulsmith.search.trial import Evaluation

Row = dict[str, Any]
RATIOS = ("energy", "time", "energy_with_queue", "time_with_queue")


def compare(name: str, seed: int, folder: Path, budget: int, workers: int) -> list[Row]:
    """Return the rows of one kernel and seed, one for each group."""
    evaluator = ProgramEvaluator(kernel_named(name))
    place, groups = folder / f"{name}-{seed}", range(len(evaluator.kernel.bounds))
    start = time.process_time()
    base_plan = ProgramSearch("enumeration", seed=seed, workers=workers)
    base = evaluate_program(evaluator, base_plan, place)
    middle = time.process_time()
    tops = [max(e.metrics[accuracy_metric(group)] for e in base) for group in groups]
    plans = [
        replace(
            base_plan,
            engine="forest",
            group=group,
            required=min(REQUIRED, tops[group]),
            budget=budget // len(groups),
        )
        for group in groups
    ]
    ours = evaluate_bounds(evaluator, plans, place)
    end = time.process_time()
    rows = [_row(evaluator, group, base, ours) for group in groups]
    trained = len({e.trial.candidate.id for e in ours})
    facts = {
        "kernel": name,
        "seed": seed,
        "evaluations": trained,
        "cpu_seconds": [middle - start, end - middle],
    }
    return [{**facts, **row} for row in rows]


def _row(evaluator: ProgramEvaluator, group: int, base: list[Evaluation], ours: list[Evaluation]) -> Row:
    metric, kernel = accuracy_metric(group), evaluator.kernel
    top, best = (max(e.metrics[metric] for e in found) for found in (base, ours))
    level = min(REQUIRED, top, best)
    chosen = [least_energy(found, metric, level)[0] for found in (base, ours)]
    shapes = [Topology.of(kernel.inputs, kernel.outputs, e.trial.candidate.genome) for e in chosen]
    costs = [[npu_cost(shape, table) for shape in shapes] for table in TABLES]
    energy = [a.energy_pj / b.energy_pj for a, b in costs]
    before, after = costs[0]
    tests = [evaluator.accuracies(evaluator.network(e.trial), 2)[metric] for e in chosen]
    texts = [
        [shape.text, e.metrics[metric], test, greatest]
        for shape, e, test, greatest in zip(shapes, chosen, tests, (top, best), strict=True)
    ]
    return {
        "group": group + 1,
        "level": level,
        "enumeration": texts[0],
        "smac": texts[1],
        "energy": energy[0],
        "energy_band": [min(energy), max(energy)],
        "time": before.array_ns / after.array_ns,
        "energy_with_queue": (before.energy_pj + before.queue_pj) / (after.energy_pj + after.queue_pj),
        "time_with_queue": (before.array_ns + before.queue_ns) / (after.array_ns + after.queue_ns),
    }


def describe(row: Row) -> str:
    """Return a row as one line."""
    base, ours, band = row["enumeration"], row["smac"], row["energy_band"]
    return (
        f"{row['kernel']} group {row['group']} seed {row['seed']} level {row['level']:.3f} | "
        f"{base[0]} {base[1]:.3f} test {base[2]:.3f} best {base[3]:.3f} | "
        f"{ours[0]} {ours[1]:.3f} test {ours[2]:.3f} best {ours[3]:.3f} | "
        f"energy x{row['energy']:.2f} ({band[0]:.2f}..{band[1]:.2f}) time x{row['time']:.2f}, "
        f"with queue x{row['energy_with_queue']:.2f} x{row['time_with_queue']:.2f} | "
        f"{row['evaluations']} evaluations"
    )


def stored_rows(folder: Path, budget: int) -> list[Row]:
    """Return the newest row of every kernel, group and seed that a folder holds for a budget."""
    lines = (folder / "rows.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [row for row in map(json.loads, lines) if row["budget"] == budget]
    return list({(row["kernel"], row["group"], row["seed"]): row for row in rows}.values())


def geometric_mean(rows: list[Row], key: str) -> float:
    """Return the geometric mean of one of the ratios."""
    return float(np.exp(np.mean([np.log(row[key]) for row in rows])))


def table(rows: list[Row]) -> str:
    """Return one Markdown line per kernel and group, and the geometric means.

    A kernel's ranges are over its seeds, and over three energy tables for energy; those of means over seeds.
    """
    lines = [
        "| kernel, group | level | enumeration | SMAC | energy | time | with the queue |",
        "|---|---|---|---|---|---|---|",
    ]
    for name in KERNELS:
        for group in (1, 2):
            some = [row for row in rows if (row["kernel"], row["group"]) == (name, group)]
            if some:
                lines.append(_line(f"{name}, {group}", sorted(some, key=lambda row: int(row["seed"]))))
    # A miss rate has no bound: jmeint's row stands in both groups.
    for group in (1, 2):
        some = [row for row in rows if row["group"] == group or row["kernel"] == "jmeint"]
        lines.append(_mean_line(f"group {group}", some))
    return "\n".join([*lines, _mean_line("all", rows)])


def _line(name: str, some: list[Row]) -> str:
    levels = [row["level"] for row in some]
    networks = [", ".join(row[engine][0] for row in some) for engine in ("enumeration", "smac")]
    energies = [energy for row in some for energy in row["energy_band"]]
    times = [row["time"] for row in some]
    means = [geometric_mean(some, key) for key in RATIOS]
    return (
        f"| {name} | {min(levels):.3f}..{max(levels):.3f} | {networks[0]} | {networks[1]} "
        f"| {means[0]:.2f}x, {min(energies):.2f}..{max(energies):.2f} "
        f"| {means[1]:.2f}x, {min(times):.2f}..{max(times):.2f} | {means[2]:.2f}x, {means[3]:.2f}x |"
    )


def _mean_line(name: str, some: list[Row]) -> str:
    means = [geometric_mean(some, key) for key in RATIOS]
    seeds = [
        [geometric_mean([row for row in some if row["seed"] == seed], key) for key in RATIOS[:2]]
        for seed in sorted({row["seed"] for row in some})
    ]
    energies, times = zip(*seeds, strict=True)
    return (
        f"| {name}, geometric mean of {len(some)} | | | "
        f"| {means[0]:.2f}x, {min(energies):.2f}..{max(energies):.2f} "
        f"| {means[1]:.2f}x, {min(times):.2f}..{max(times):.2f} | {means[2]:.2f}x, {means[3]:.2f}x |"
    )


def main() -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kernels", nargs="+", default=list(KERNELS))
    parser.add_argument("--seeds", nargs="+", type=int, default=[0])
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument(
        "--budget", type=int, default=100, help="evaluations for a kernel; each bound gets an equal part"
    )
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    for seed in options.seeds:
        for name in options.kernels:
            rows = compare(name, seed, options.run, options.budget, options.workers)
            with (options.run / "rows.jsonl").open("a", encoding="utf-8") as file:
                file.writelines(json.dumps({**row, "budget": options.budget}) + "\n" for row in rows)
            print("\n".join(map(describe, rows)), flush=True)
    print(table(stored_rows(options.run, options.budget)))


if __name__ == "__main__":
    main()
