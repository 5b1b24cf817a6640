"""SMAC against the enumeration of topologies, kernel by kernel; resumable, one line per group.

Both train with the same plan and seed; the validation split chooses, the test split is only reported. Where
the enumeration does not reach 90 % within the bound, its best validation accuracy is what SMAC must reach.
The ratios are energy and time of the array alone, of the enumeration's network over SMAC's, so that the CPU
drops out; beside them stand the ratios with the queue, and the band of the energy ratio over three tables.
"""

import argparse
import time
from pathlib import Path

from mulsmith.search.program.evaluator import ProgramEvaluator, accuracy_metric
from mulsmith.search.program.kernels import KERNELS, kernel_named
from mulsmith.search.program.npu import npu_cost
from mulsmith.search.program.run import REQUIRED, ProgramSearch, search_program

TABLES = ("cacti45", "horowitz45", "eyeriss-relative")


def compare(name: str, seed: int, folder: Path, budget: int, workers: int) -> None:
    """Print the lines of one kernel and seed."""
    evaluator = ProgramEvaluator(kernel_named(name))
    for group in range(len(evaluator.kernel.bounds)):
        metric = accuracy_metric(group)
        place = folder / f"{name}-{seed}"
        start = time.perf_counter()
        base = search_program(
            evaluator, ProgramSearch("enumeration", group, seed=seed, workers=workers), place
        )
        middle = time.perf_counter()
        required = min(REQUIRED, base.chosen.metrics[metric])
        plan = ProgramSearch(group=group, required=required, budget=budget, seed=seed, workers=workers)
        ours = search_program(evaluator, plan, place)
        end = time.perf_counter()
        bands = [
            npu_cost(base.network.topology, t).energy_pj / npu_cost(ours.network.topology, t).energy_pj
            for t in TABLES
        ]
        b, o = base.chosen.metrics, ours.chosen.metrics
        queue = (b["npu_pj"] + b["queue_pj"]) / (o["npu_pj"] + o["queue_pj"])
        wait = (b["npu_ns"] + b["queue_ns"]) / (o["npu_ns"] + o["queue_ns"])
        best = max(e.metrics[metric] for e in ours.front)
        print(
            f"{name} group {group + 1} seed {seed} required {required:.3f} | "
            f"{base.network.topology.text} {b[metric]:.3f} test {base.test[metric]:.3f} | "
            f"{ours.network.topology.text} {o[metric]:.3f} test {ours.test[metric]:.3f} best {best:.3f} "
            f"{'reached' if ours.reached else 'NOT reached'} | "
            f"energy x{b['npu_pj'] / o['npu_pj']:.2f} ({min(bands):.2f}..{max(bands):.2f}) "
            f"time x{b['npu_ns'] / o['npu_ns']:.2f} with queue x{queue:.2f} x{wait:.2f} | "
            f"{ours.evaluations} evaluations, {middle - start:.0f} s + {end - middle:.0f} s",
            flush=True,
        )


def main() -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kernels", nargs="+", default=list(KERNELS))
    parser.add_argument("--seeds", nargs="+", type=int, default=[0])
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--budget", type=int, default=100)
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    for seed in options.seeds:
        for name in options.kernels:
            compare(name, seed, options.run, options.budget, options.workers)


if __name__ == "__main__":
    main()
