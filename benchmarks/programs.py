"""SMAC against the enumeration of topologies, kernel by kernel; resumable, one line per group and a summary.

    python benchmarks/programs.py --run DIR --seeds 0 1 2

Both train with the same plan and seed; the validation split chooses, the test split is only reported. Both
give the network of least energy at one level of accuracy: 90 % of the calls within the bound or, where one of
them has no such network, the best accuracy that both reach. The ratios are energy and time of the array
alone, of the enumeration's network over SMAC's, so that the processor drops out; beside them stand the ratios
with the queue, and the band of the energy ratio over three tables. Rows are appended to
DIR/rows.jsonl, and the summary is over all that it holds.
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
from mulsmith.search.program.run import REQUIRED, ProgramSearch, least_energy, search_program

Row = dict[str, Any]


def compare(name: str, seed: int, folder: Path, budget: int, workers: int) -> list[Row]:
    """Return the rows of one kernel and seed, one for each group."""
    evaluator = ProgramEvaluator(kernel_named(name))
    place = folder / f"{name}-{seed}"
    rows: list[Row] = []
    for group in range(len(evaluator.kernel.bounds)):
        metric = accuracy_metric(group)
        start = time.process_time()
        base_plan = ProgramSearch("enumeration", group, seed=seed, workers=workers)
        base = search_program(evaluator, base_plan, place)
        middle = time.process_time()
        top = max(e.metrics[metric] for e in base.front)
        plan = replace(base_plan, engine="forest", required=min(REQUIRED, top), budget=budget)
        ours = search_program(evaluator, plan, place)
        best = max(e.metrics[metric] for e in ours.front)
        level = min(REQUIRED, top, best)
        first, second = (least_energy(list(run.front), metric, level)[0] for run in (base, ours))
        shapes = [
            Topology.of(evaluator.kernel.inputs, evaluator.kernel.outputs, e.trial.candidate.genome)
            for e in (first, second)
        ]
        costs = [[npu_cost(shape, table) for shape in shapes] for table in TABLES]
        energy = [a.energy_pj / b.energy_pj for a, b in costs]
        before, after = costs[0]
        tests = [evaluator.accuracies(evaluator.network(e.trial), 2)[metric] for e in (first, second)]
        rows.append(
            {
                "kernel": name,
                "group": group + 1,
                "seed": seed,
                "level": level,
                "enumeration": [shapes[0].text, first.metrics[metric], tests[0], top],
                "smac": [shapes[1].text, second.metrics[metric], tests[1], best],
                "energy": energy[0],
                "energy_band": [min(energy), max(energy)],
                "time": before.array_ns / after.array_ns,
                "energy_with_queue": (before.energy_pj + before.queue_pj)
                / (after.energy_pj + after.queue_pj),
                "time_with_queue": (before.array_ns + before.queue_ns) / (after.array_ns + after.queue_ns),
                "evaluations": ours.evaluations,
                "cpu_seconds": [middle - start, time.process_time() - middle],
            }
        )
    return rows


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


def summary(rows: list[Row]) -> str:
    """Return the geometric means over all rows."""
    means = {
        key: float(np.exp(np.mean([np.log(row[key]) for row in rows])))
        for key in ("energy", "time", "energy_with_queue", "time_with_queue")
    }
    return f"geometric mean of {len(rows)}: " + ", ".join(
        f"{key} x{value:.2f}" for key, value in means.items()
    )


def main() -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kernels", nargs="+", default=list(KERNELS))
    parser.add_argument("--seeds", nargs="+", type=int, default=[0])
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument(
        "--budget", type=int, default=50, help="evaluations for each group; two make a kernel"
    )
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    for seed in options.seeds:
        for name in options.kernels:
            rows = compare(name, seed, options.run, options.budget, options.workers)
            with (options.run / "rows.jsonl").open("a", encoding="utf-8") as file:
                file.writelines(json.dumps({**row, "budget": options.budget}) + "\n" for row in rows)
            print("\n".join(map(describe, rows)), flush=True)
    print(summary(stored_rows(options.run, options.budget)))


if __name__ == "__main__":
    main()
